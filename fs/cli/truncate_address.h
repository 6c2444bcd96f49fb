// SPDX-License-Identifier: Apache-2.0
// Network addresses in log lines, cut before the line exists anywhere: IPv4 loses its last octet,
// IPv6 its last 80 bits (what stays is the /48), an IPv4 address mapped into IPv6 counts as IPv4.
// Pure. Whatever could be an address is treated as one: a version number "1.2.3.4" becomes
// "1.2.3.0", which harms nobody.
#pragma once

#include <string>
#include <string_view>

namespace hubfs::cli {

[[nodiscard]] std::string truncate_addresses(std::string_view line);

}  // namespace hubfs::cli
