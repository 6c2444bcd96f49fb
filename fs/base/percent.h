// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (RFC 3986 section 2.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubfs {

// Decodes every %XX once; nothing where a % is not followed by two hex digits or a NUL results.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
// Encodes everything but unreserved characters and those of `keep` (e.g. "/" for a path).
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = "");

}  // namespace hubfs
