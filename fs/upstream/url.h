// SPDX-License-Identifier: Apache-2.0
// Addresses that we ask: taken apart, joined (RFC 3986 section 5.2) and written out again. curl is
// only ever given what to_text() wrote, so it cannot see another host than we checked. Pure;
// fuzzed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubfs::upstream {

// An http or https address without user and fragment.
struct Url {
    bool secure = true;
    std::string host;          // lower case; an IPv6 address keeps its brackets
    std::uint16_t port = 0;    // never 0 once parsed: the scheme's own when none was written
    std::string target = "/";  // path and query as they go on the wire, visible ASCII

    friend bool operator==(const Url&, const Url&) = default;
    // "https://host", with the port when it is not the scheme's own.
    [[nodiscard]] std::string origin() const;
    [[nodiscard]] std::string to_text() const { return origin() + target; }
    [[nodiscard]] bool default_port() const { return port == (secure ? 443 : 80); }
    [[nodiscard]] bool same_origin(const Url& other) const {
        return secure == other.secure && host == other.host && port == other.port;
    }
};

// An absolute address. Bytes above 0x7f are percent-encoded; spaces and control characters, a user,
// an empty or odd host and other schemes are refused.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

// What a Location field means that was received from `base`.
[[nodiscard]] std::optional<Url> resolve(const Url& base, std::string_view reference);

// A request target that may be sent as it is: begins with "/", visible ASCII, no fragment.
[[nodiscard]] bool valid_target(std::string_view target);

}  // namespace hubfs::upstream
