// SPDX-License-Identifier: Apache-2.0
// Reading .trees: a commit's whole tree, one JSON object a line. Line by line with a bounded
// buffer, from any line's offset; what a listing takes from it is decided here, in one pass.
// Blocks: only on threads of the pools.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "httpd/http/json.h"
#include "httpd/mount/mount_reader.h"

namespace httpd::routes {

// A path of 4096 bytes with every byte escaped, and room for the rest.
inline constexpr std::size_t kTreeLineMax = 64 * 1024;

// Calls `line(text, offset)` for each line from `from` (an offset where a line begins) until it
// returns false. EPROTO for a line that is too long or an offset inside a line.
[[nodiscard]] mount::Got<void> each_line(
    const mount::OpenFile& file, std::uint64_t from,
    const std::function<bool(std::string_view, std::uint64_t)>& line);

struct TreePage {
    std::vector<std::string> entries;  // JSON objects, without xetHash
    bool exists = false;               // whether there is such a directory
    bool more = false;
    std::uint64_t next = 0;  // of TreeCursor
};

// Everything below `directory` ("" is the root), in the file's order, from a cursor's offset on.
[[nodiscard]] mount::Got<TreePage> list_recursive(const mount::OpenFile& file,
                                                  std::string_view directory, std::uint64_t from,
                                                  std::size_t most);
// The entries of `directory`: directories first, then files, each in byte order (hub-api 2.4).
[[nodiscard]] mount::Got<TreePage> list_directory(const mount::OpenFile& file,
                                                  std::string_view directory, std::uint64_t skip,
                                                  std::size_t most);
// The entries with these paths, in the order they were asked for; unknown ones are left out.
[[nodiscard]] mount::Got<std::vector<std::string>> find_paths(
    const mount::OpenFile& file, const std::vector<std::string>& paths);

// Where LFS contents lie in this tree: path and size by SHA-256, for those of `oids` that it has.
struct LfsPath {
    std::string path;
    std::uint64_t size = 0;
};
[[nodiscard]] mount::Got<std::unordered_map<std::string, LfsPath>> find_lfs(
    const mount::OpenFile& file, const std::unordered_set<std::string>& oids);

// "[a,b]"
[[nodiscard]] std::string json_array(const std::vector<std::string>& entries);

}  // namespace httpd::routes
