// SPDX-License-Identifier: Apache-2.0
// The raw head of a request is looked at here before any parser sees it. Beast's parser lets pass
// what makes two parsers disagree about where a message ends (obs-fold, missing or double Host,
// Transfer-Encoding in HTTP/1.0, unknown codings, lists of lengths): request smuggling, RFC 9112
// sections 3, 5 and 6, 11.2. Everything doubtful is refused and the connection closed. Pure;
// table-tested; fuzzed.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace httpd::h1 {

inline constexpr std::size_t kHeadBytesMax = 32 * 1024;
inline constexpr std::size_t kTargetBytesMax = 8 * 1024;
inline constexpr std::size_t kFieldsMax = 100;
// Before a request line (RFC 9112 section 2.2: "at least one" is to be ignored).
inline constexpr std::size_t kEmptyLinesMax = 2;

struct HeadVerdict {
    int status = 0;  // 0: fine; else the status to answer with before closing
    std::string_view reason = "";

    [[nodiscard]] bool ok() const { return status == 0; }
};

// Finds the end of the head in a growing buffer without looking at any byte twice. Bare line feeds
// and NULs are noticed as they arrive, so that nobody waits for the end of a broken head.
class HeadFinder {
public:
    // The head's length with its empty line; nothing while it is incomplete. `verdict` becomes not
    // ok when it can never become a good head.
    std::optional<std::size_t> find(std::string_view buffer, HeadVerdict& verdict);
    void reset() { *this = HeadFinder(); }

private:
    std::size_t scanned_ = 0;
    std::size_t line_start_ = 0;
};

// How many bytes of empty lines stand before the request line.
[[nodiscard]] std::size_t leading_empty_lines(std::string_view buffer);

// `head`: from the request line to the empty line, both included.
[[nodiscard]] HeadVerdict check_head(std::string_view head);

}  // namespace httpd::h1
