// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/tree_builder.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "fs/hub/json.h"
#include "fs/meta/limits.h"
#include "fs/meta/schema.h"

namespace hubfs::meta {

std::string_view directory_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_in(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Status TreeBuilder::append(const hub::TreeEntry& entry, bool synthesised) {
    if (rows_.entries.size() >= kTreeEntriesMax || entry.path.size() > kTreePathMaxBytes) {
        return fail(Code::protocol, "the tree is larger than this program takes");
    }
    auto row = encode(EntryRow{0, synthesised, entry});
    if (!row) {
        return std::unexpected(std::move(row.error()));
    }
    rows_.entries.push_back(std::move(*row));
    paths_.push_back(entry.path);
    const auto number = static_cast<std::uint32_t>(rows_.entries.size());
    if (const auto hash = content_hash(entry)) {
        rows_.contents.emplace_back(prefix_of(*hash), number);
    }
    if (entry.directory && !directories_.emplace(entry.path, number).second) {
        return fail(Code::protocol, "the tree lists a directory twice");
    }
    return {};
}

Status TreeBuilder::add(const std::vector<hub::TreeEntry>& page) {
    for (const hub::TreeEntry& entry : page) {
        if (Status appended = append(entry, false); !appended) {
            return appended;
        }
        rows_.trees_bytes += hub::to_json(entry).size() + 1;
    }
    return {};
}

Result<std::uint32_t> TreeBuilder::parent_of(const std::string& path) {
    const std::string directory(directory_of(path));
    if (directory.empty()) {
        return 0;
    }
    if (const auto found = directories_.find(directory); found != directories_.end()) {
        return found->second;
    }
    hub::TreeEntry missing;
    missing.directory = true;
    missing.path = directory;
    if (Status appended = append(missing, true); !appended) {
        return std::unexpected(std::move(appended.error()));
    }
    return static_cast<std::uint32_t>(rows_.entries.size());
}

Result<TreeRows> TreeBuilder::finish() {
    // Synthesised directories are appended while this runs, so theirs are found as well.
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        const std::string path = paths_[i];
        const auto parent = parent_of(path);
        if (!parent) {
            return std::unexpected(parent.error());
        }
        rows_.parents.push_back(*parent);
        set_parent(rows_.entries[i], *parent);
    }
    rows_.by_name.resize(paths_.size());
    std::iota(rows_.by_name.begin(), rows_.by_name.end(), 1U);
    const auto order = [this](std::uint32_t a, std::uint32_t b) {
        return std::pair(rows_.parents[a - 1], name_in(paths_[a - 1])) <=>
               std::pair(rows_.parents[b - 1], name_in(paths_[b - 1]));
    };
    std::ranges::sort(rows_.by_name, [&](auto a, auto b) { return order(a, b) < 0; });
    // A file that is also a directory meets that directory here, under the same name.
    const auto twice =
        std::ranges::adjacent_find(rows_.by_name, [&](auto a, auto b) { return order(a, b) == 0; });
    if (twice != rows_.by_name.end()) {
        return fail(Code::protocol, "the tree lists a path twice");
    }
    std::ranges::sort(rows_.contents);
    const auto doubles =
        std::ranges::unique(rows_.contents, {}, [](const auto& c) { return c.first; });
    rows_.contents.erase(doubles.begin(), doubles.end());
    return std::move(rows_);
}

}  // namespace hubfs::meta
