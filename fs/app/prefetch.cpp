// SPDX-License-Identifier: Apache-2.0
#include "fs/app/prefetch.h"

#include <fnmatch.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "fs/app/limits.h"
#include "fs/meta/facts.h"

namespace hubfs::app {

namespace {

// Waits for one answer: the asked parts have deadlines of their own.
template <typename T, typename Ask>
Result<T> answer_of(Ask&& ask) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto future = promise->get_future();
    std::forward<Ask>(ask)([promise](Result<T> answer) { promise->set_value(std::move(answer)); });
    return future.get();
}

bool matches(const std::vector<std::string>& patterns, const std::string& path) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        const std::string whole = pattern.ends_with('/') ? pattern + "*" : pattern;
        return ::fnmatch(whole.c_str(), path.c_str(), 0) == 0;
    });
}

struct File {
    std::string path;
    Content content;
};

// The files of a commit, in the order of a walk through its folders.
Result<std::vector<File>> files_of(const meta::Catalog& catalog, std::uint32_t commit,
                                   const PrefetchRequest& request) {
    std::vector<File> files;
    std::vector<std::uint32_t> folders{0};
    while (!folders.empty()) {
        const std::uint32_t folder = folders.back();
        folders.pop_back();
        auto children = catalog.children(commit, folder);
        if (!children) {
            return std::unexpected(std::move(children.error()));
        }
        for (const meta::EntryView& child : *children) {
            if (child.entry.directory) {
                folders.push_back(child.number);
            } else if (chosen(request, child.entry.path)) {
                files.push_back({child.entry.path, child.content()});
            }
        }
    }
    return files;
}

class Prefetch {
public:
    Prefetch(meta::Catalog& catalog, cache::BlockCache& cache, RepoKey repo, CommitId commit,
             std::vector<File> files, JobRun& run)
        : catalog_(catalog),
          cache_(cache),
          repo_(std::move(repo)),
          commit_(commit),
          files_(std::move(files)),
          run_(run) {}

    // Several files at a time, each with read-ahead of its own.
    void read_all() {
        std::vector<std::thread> threads;
        const std::size_t wanted = std::min(kPrefetchFiles, files_.size());
        for (std::size_t i = 1; i < wanted; ++i) {
            threads.emplace_back([this] { read_some(); });
        }
        read_some();
        for (std::thread& thread : threads) {
            thread.join();
        }
    }

private:
    void read_some() {
        for (;;) {
            const std::size_t at = next_++;
            if (at >= files_.size() || run_.cancelled()) {
                return;
            }
            const File& file = files_[at];
            std::uint64_t told = 0;
            Status read = read_file(file, told);
            for (int tries = 1; !read && worth_another(read.error()) && tries < kPrefetchTries;
                 ++tries) {
                pause();
                read = read_file(file, told);
            }
            if (read) {
                run_.advance(1, 0);
            } else if (!run_.cancelled()) {
                run_.failed_file(file.path, read.error());
            }
        }
    }

    // What upstream or the way to it may do better in a moment.
    [[nodiscard]] bool worth_another(const Error& error) const {
        return !run_.cancelled() && error.code != Code::gated && error.code != Code::denied &&
               error.code != Code::not_found && error.code != Code::offline;
    }

    void pause() const {
        const auto until = std::chrono::steady_clock::now() + kPrefetchPause;
        while (!run_.cancelled() && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(kPrefetchPause / 30);  // a cancelled job ends soon
        }
    }

    // `told`: how much of it the counters have been told. A repository may be withdrawn while it is
    // being fetched.
    Status read_file(const File& file, std::uint64_t& told) {
        const auto tell = [&](std::uint64_t bytes) {
            run_.advance(0, bytes - std::min(told, bytes));
            told = std::max(told, bytes);
        };
        if (const auto repo = catalog_.known_repo(repo_);
            repo && repo->state != hub::RepoState::open) {
            return std::unexpected(meta::state_error(repo->state));
        }
        if (cache_.verified(file.content)) {
            tell(file.content.size_bytes);
            return {};
        }
        auto reader = cache_.open_reader(file.content, {repo_, commit_, file.path});
        if (!reader) {
            return std::unexpected(std::move(reader.error()));
        }
        for (std::uint64_t at = 0; at < file.content.size_bytes;) {
            if (run_.cancelled()) {
                return fail(Code::cancelled, "cancelled");
            }
            const auto bytes = answer_of<cache::Bytes>([&](Done<cache::Bytes> done) {
                (*reader)->read(at, kPrefetchReadBytes, std::move(done));
            });
            if (!bytes) {
                return std::unexpected(bytes.error());
            }
            at += (*bytes)->size();
            tell(at);
        }
        return {};
    }

    meta::Catalog& catalog_;
    cache::BlockCache& cache_;
    const RepoKey repo_;
    const CommitId commit_;
    const std::vector<File> files_;
    JobRun& run_;
    std::atomic<std::size_t> next_ = 0;
};

}  // namespace

bool chosen(const PrefetchRequest& request, const std::string& path) {
    return (request.include.empty() || matches(request.include, path)) &&
           !matches(request.exclude, path);
}

Status prefetch(meta::Catalog& catalog, cache::BlockCache& cache, const PrefetchRequest& request,
                JobRun& run) {
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
    auto files = files_of(catalog, commit->number, request);
    if (!files) {
        return std::unexpected(std::move(files.error()));
    }
    std::uint64_t bytes = 0;
    for (const File& file : *files) {
        bytes += file.content.size_bytes;
    }
    run.expect(files->size(), bytes);
    Prefetch(catalog, cache, repo->key, *id, std::move(*files), run).read_all();
    return {};
}

}  // namespace hubfs::app
