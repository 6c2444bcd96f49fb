// SPDX-License-Identifier: Apache-2.0
// Our own cursor for pages of a tree: which commit, and where to go on. It pins the commit, so that
// the pages of one listing belong together when a branch moves meanwhile. Opaque to clients,
// untrusted when it comes back. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace httpd::routes {

struct TreeCursor {
    bool recursive = false;
    std::string commit;      // 40 hex
    std::uint64_t next = 0;  // recursive: byte offset in .trees; else: number of entries given
};

[[nodiscard]] std::string to_text(const TreeCursor& cursor);
[[nodiscard]] std::optional<TreeCursor> parse_cursor(std::string_view text);

// The query with this cursor in place of its old one; other parameters as they were sent.
[[nodiscard]] std::string with_cursor(std::string_view query, std::string_view cursor);

}  // namespace httpd::routes
