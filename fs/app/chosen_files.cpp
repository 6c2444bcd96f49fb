// SPDX-License-Identifier: Apache-2.0
#include "fs/app/chosen_files.h"

#include <fnmatch.h>

#include <algorithm>

#include "fs/meta/facts.h"

namespace hubfs::app {

namespace {

bool matches(const std::vector<std::string>& patterns, const std::string& path) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        const std::string whole = pattern.ends_with('/') ? pattern + "*" : pattern;
        return ::fnmatch(whole.c_str(), path.c_str(), 0) == 0;
    });
}

}  // namespace

std::uint64_t ChosenFiles::bytes() const {
    std::uint64_t sum = 0;
    for (const ChosenFile& file : files) {
        sum += file.content.size_bytes;
    }
    return sum;
}

std::string name_of(const FilesRequest& request) {
    return std::string(plural(request.repo.type)) + "/" + request.repo.id + "@" + request.revision;
}

bool chosen(const FilesRequest& request, const std::string& path) {
    return (request.include.empty() || matches(request.include, path)) &&
           !matches(request.exclude, path);
}

Result<std::vector<ChosenFile>> files_of(const Children& children, const FilesRequest& request) {
    std::vector<ChosenFile> files;
    std::vector<std::uint32_t> folders{0};
    while (!folders.empty()) {
        const std::uint32_t folder = folders.back();
        folders.pop_back();
        auto listed = children(folder);
        if (!listed) {
            return std::unexpected(std::move(listed.error()));
        }
        for (const meta::EntryView& child : *listed) {
            if (child.entry.directory) {
                folders.push_back(child.number);
            } else if (chosen(request, child.entry.path)) {
                files.push_back({child.entry.path, child.content()});
            }
        }
    }
    return files;
}

Result<ChosenFiles> choose_files(meta::Catalog& catalog, const FilesRequest& request) {
    auto repo = answer_of<meta::RepoView>(
        [&](Done<meta::RepoView> done) { catalog.repo(request.repo, std::move(done)); });
    if (!repo) {
        return std::unexpected(std::move(repo.error()));
    }
    if (repo->state != hub::RepoState::open) {
        return std::unexpected(meta::state_error(repo->state));
    }
    auto id = CommitId::from_hex(request.revision);
    if (!id) {
        auto ref = answer_of<meta::RefView>([&](Done<meta::RefView> done) {
            catalog.ref(repo->key, request.revision, std::move(done));
        });
        if (!ref) {
            return std::unexpected(std::move(ref.error()));
        }
        id = ref->commit;
    }
    auto commit = answer_of<meta::CommitView>(
        [&](Done<meta::CommitView> done) { catalog.commit(repo->key, *id, std::move(done)); });
    if (!commit) {
        return std::unexpected(std::move(commit.error()));
    }
    auto files = files_of(
        [&](std::uint32_t folder) { return catalog.children(commit->number, folder); }, request);
    if (!files) {
        return std::unexpected(std::move(files.error()));
    }
    return ChosenFiles{repo->key, *id, commit->number, std::move(*files)};
}

}  // namespace hubfs::app
