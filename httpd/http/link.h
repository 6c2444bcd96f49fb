// SPDX-License-Identifier: Apache-2.0
// The Link header (RFC 8288) as far as a mirror needs it: find rel="next", point it to ourselves,
// drop everything else (the Xet relations lead clients around the mirror). Pure; fuzzed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace httpd::http {

struct Link {
    std::string target;             // between < and >
    std::vector<std::string> rels;  // of the rel parameter, lower case
};

// What can be understood; a malformed rest is left out.
[[nodiscard]] std::vector<Link> parse_links(std::string_view value);

// `<base/path?query>; rel="next"` with the path and query of upstream's own next link, or nothing
// when it has none. `base`: scheme and authority of this mirror, without a trailing slash. `asked`:
// path and query that the answer was for; a relative link is relative to it (RFC 8288 section 3.1).
[[nodiscard]] std::optional<std::string> next_link(std::string_view value, std::string_view base,
                                                   std::string_view asked = "/");

[[nodiscard]] std::string next_link_to(std::string_view address);

}  // namespace httpd::http
