// SPDX-License-Identifier: Apache-2.0
// A client's address cut down to what may be written anywhere: IPv4 without its last octet, IPv6
// without its last 80 bits, an IPv4-mapped address as IPv4. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace httpd::http {

[[nodiscard]] std::string truncated_v4(std::array<std::uint8_t, 4> address);
[[nodiscard]] std::string truncated_v6(std::array<std::uint8_t, 16> address);

}  // namespace httpd::http
