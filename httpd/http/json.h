// SPDX-License-Identifier: Apache-2.0
// The few JSON texts that are read for their meaning: a line of .trees and the body of a paths-info
// request. With lfs_json the only place of hub-httpd that knows a JSON library. Pure; untrusted
// input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace httpd::http {

// A line of the mount's .trees: what listings choose by, and the object for the answer.
struct TreeLine {
    std::string path;
    bool directory = false;
    std::string json;        // the object without xetHash
    std::string lfs_oid{};   // SHA-256 of LFS content, else empty
    std::uint64_t size = 0;  // of the content
};
[[nodiscard]] std::optional<TreeLine> parse_tree_line(std::string_view line);

struct PathsRequest {
    std::vector<std::string> paths;
    bool expand = false;
};
// {"paths":[…],"expand":true}; "paths" may be a single string.
[[nodiscard]] std::optional<PathsRequest> parse_paths_json(std::string_view body);
// paths=a&paths=b+c&expand=true
[[nodiscard]] PathsRequest parse_paths_form(std::string_view body);

}  // namespace httpd::http
