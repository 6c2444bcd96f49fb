// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/tree_cursor.h"

#include <charconv>

#include "httpd/mount/safe_path.h"

namespace httpd::routes {

namespace {

constexpr std::size_t kCommitDigits = 40;

}  // namespace

std::string to_text(const TreeCursor& cursor) {
    return (cursor.recursive ? "r" : "d") + cursor.commit + std::to_string(cursor.next);
}

std::optional<TreeCursor> parse_cursor(std::string_view text) {
    TreeCursor cursor;
    if (text.size() < 2 + kCommitDigits || (text[0] != 'r' && text[0] != 'd')) {
        return std::nullopt;
    }
    cursor.recursive = text[0] == 'r';
    cursor.commit = text.substr(1, kCommitDigits);
    const std::string_view digits = text.substr(1 + kCommitDigits);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), cursor.next);
    if (!mount::is_commit(cursor.commit) || parsed.ec != std::errc{} ||
        parsed.ptr != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return cursor;
}

std::string with_cursor(std::string_view query, std::string_view cursor) {
    std::string out;
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        if (!pair.empty() && pair != "cursor" && !pair.starts_with("cursor=")) {
            out += out.empty() ? "" : "&";
            out += pair;
        }
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    }
    out += out.empty() ? "cursor=" : "&cursor=";
    return out += cursor;
}

}  // namespace httpd::routes
