// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/tree_lines.h"

#include <algorithm>
#include <cerrno>
#include <unordered_map>

namespace httpd::routes {

using mount::Got;
using mount::OpenFile;

namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

// Whether `path` lies below `directory`.
bool below(std::string_view path, std::string_view directory) {
    return directory.empty() || (path.size() > directory.size() && path.starts_with(directory) &&
                                 path[directory.size()] == '/');
}

bool directly_below(std::string_view path, std::string_view directory) {
    if (!below(path, directory)) {
        return false;
    }
    const std::size_t name_at = directory.empty() ? 0 : directory.size() + 1;
    return path.find('/', name_at) == std::string_view::npos;
}

}  // namespace

Got<void> each_line(const OpenFile& file, std::uint64_t from,
                    const std::function<bool(std::string_view, std::uint64_t)>& line) {
    if (from > file.size()) {
        return std::unexpected(EPROTO);
    }
    if (from > 0) {
        const auto before = file.read(from - 1, 1);
        if (!before || *before != "\n") {
            return std::unexpected(before ? EPROTO : before.error());
        }
    }
    std::string buffer;
    std::uint64_t buffer_at = from;  // the offset of the buffer's first byte
    std::uint64_t read_at = from;
    while (true) {
        const auto more = file.read(read_at, kBufferBytes);
        if (!more) {
            return std::unexpected(more.error());
        }
        read_at += more->size();
        buffer += *more;
        std::size_t start = 0;
        for (std::size_t end = 0; (end = buffer.find('\n', start)) != std::string::npos;
             start = end + 1) {
            const std::string_view text = std::string_view(buffer).substr(start, end - start);
            if (!text.empty() && !line(text, buffer_at + start)) {
                return {};
            }
        }
        buffer.erase(0, start);
        buffer_at += start;
        if (buffer.size() > kTreeLineMax || (more->empty() && !buffer.empty())) {
            return std::unexpected(EPROTO);  // too long, or a last line without its end
        }
        if (more->empty()) {
            return {};
        }
    }
}

Got<TreePage> list_recursive(const OpenFile& file, std::string_view directory, std::uint64_t from,
                             std::size_t most) {
    TreePage page;
    page.exists = directory.empty() || from > 0;
    bool broken = false;
    const auto read = each_line(file, from, [&](std::string_view text, std::uint64_t offset) {
        auto entry = http::parse_tree_line(text);
        if (!entry) {
            broken = true;
            return false;
        }
        page.exists = page.exists || (entry->directory && entry->path == directory);
        if (!below(entry->path, directory)) {
            return true;
        }
        page.exists = true;
        if (page.entries.size() == most) {
            page.more = true;
            page.next = offset;
            return false;
        }
        page.entries.push_back(std::move(entry->json));
        return true;
    });
    if (!read || broken) {
        return std::unexpected(broken ? EPROTO : read.error());
    }
    return page;
}

Got<TreePage> list_directory(const OpenFile& file, std::string_view directory, std::uint64_t skip,
                             std::size_t most) {
    std::vector<http::TreeLine> found;
    TreePage page;
    page.exists = directory.empty();
    bool broken = false;
    const auto read = each_line(file, 0, [&](std::string_view text, std::uint64_t) {
        auto entry = http::parse_tree_line(text);
        if (!entry) {
            broken = true;
            return false;
        }
        page.exists = page.exists || (entry->directory && entry->path == directory);
        if (directly_below(entry->path, directory)) {
            page.exists = true;
            found.push_back(std::move(*entry));
        }
        return true;
    });
    if (!read || broken) {
        return std::unexpected(broken ? EPROTO : read.error());
    }
    std::ranges::sort(found, [](const http::TreeLine& a, const http::TreeLine& b) {
        return a.directory != b.directory ? a.directory : a.path < b.path;
    });
    const std::size_t first = std::min<std::uint64_t>(skip, found.size());
    const std::size_t end = std::min(first + most, found.size());
    for (std::size_t i = first; i < end; ++i) {
        page.entries.push_back(std::move(found[i].json));
    }
    page.more = end < found.size();
    page.next = end;
    return page;
}

Got<std::vector<std::string>> find_paths(const OpenFile& file,
                                         const std::vector<std::string>& paths) {
    std::unordered_map<std::string, std::string> found;
    for (const std::string& path : paths) {
        found.emplace(path, "");
    }
    std::size_t missing = found.size();
    bool broken = false;
    const auto read = each_line(file, 0, [&](std::string_view text, std::uint64_t) {
        auto entry = http::parse_tree_line(text);
        if (!entry) {
            broken = true;
            return false;
        }
        const auto wanted = found.find(entry->path);
        if (wanted != found.end() && wanted->second.empty()) {
            wanted->second = std::move(entry->json);
            --missing;
        }
        return missing > 0;
    });
    if (!read || broken) {
        return std::unexpected(broken ? EPROTO : read.error());
    }
    std::vector<std::string> entries;
    for (const std::string& path : paths) {
        std::string& json = found[path];
        if (!json.empty()) {
            entries.push_back(std::exchange(json, {}));  // asked for twice, given once
        }
    }
    return entries;
}

Got<std::unordered_map<std::string, LfsPath>> find_lfs(
    const OpenFile& file, const std::unordered_set<std::string>& oids) {
    std::unordered_map<std::string, LfsPath> found;
    bool broken = false;
    const auto read = each_line(file, 0, [&](std::string_view text, std::uint64_t) {
        if (text.find("\"lfs\"") == std::string_view::npos) {
            return true;  // most lines of most trees: not worth parsing
        }
        auto entry = http::parse_tree_line(text);
        if (!entry) {
            broken = true;
            return false;
        }
        if (oids.contains(entry->lfs_oid)) {
            found.emplace(std::move(entry->lfs_oid), LfsPath{std::move(entry->path), entry->size});
        }
        return found.size() < oids.size();
    });
    if (!read || broken) {
        return std::unexpected(broken ? EPROTO : read.error());
    }
    return found;
}

std::string json_array(const std::vector<std::string>& entries) {
    std::string out = "[";
    for (const std::string& entry : entries) {
        out += out.size() > 1 ? "," : "";
        out += entry;
    }
    return out + "]";
}

}  // namespace httpd::routes
