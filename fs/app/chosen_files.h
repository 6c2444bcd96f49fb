// SPDX-License-Identifier: Apache-2.0
// The files that a job is about: those of one commit that its patterns choose. Blocks while
// upstream is asked for what is not known yet; runs on a job's thread.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/meta/catalog.h"

namespace hubfs::app {

struct FilesRequest {
    RepoKey repo;
    std::string revision = "main";  // branch, tag, refs/pr/1 or a commit
    // Shell patterns over the path as fnmatch(3) reads them without flags ("*" matches "/" too),
    // which is what the Python clients' allow_patterns and ignore_patterns mean; "x/" is "x/*".
    std::vector<std::string> include{};  // empty: everything
    std::vector<std::string> exclude{};
};

// For people: "models/acme/tiny@main".
[[nodiscard]] std::string name_of(const FilesRequest& request);

// Whether the patterns choose this file. Pure.
[[nodiscard]] bool chosen(const FilesRequest& request, const std::string& path);

struct ChosenFile {
    std::string path;
    Content content;
    std::vector<ByteRange> ranges{};  // only these bytes; none: all
};
struct ChosenFiles {
    RepoKey repo;  // canonical
    CommitId commit;
    std::uint32_t number = 0;       // of the commit, in the catalogue
    std::vector<ChosenFile> files;  // in the order of a walk through the folders
    [[nodiscard]] std::uint64_t bytes() const;
};

// Those of a commit that is here, whose folders `children` lists.
using Children = std::function<Result<std::vector<meta::EntryView>>(std::uint32_t folder)>;
[[nodiscard]] Result<std::vector<ChosenFile>> files_of(const Children& children,
                                                       const FilesRequest& request);

// gated, denied or not_found where there is no such public repository or revision.
[[nodiscard]] Result<ChosenFiles> choose_files(meta::Catalog& catalog, const FilesRequest& request);

// Waits for one answer: the asked parts have deadlines of their own.
template <typename T, typename Ask>
Result<T> answer_of(Ask&& ask) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto future = promise->get_future();
    std::forward<Ask>(ask)([promise](Result<T> answer) { promise->set_value(std::move(answer)); });
    return future.get();
}

}  // namespace hubfs::app
