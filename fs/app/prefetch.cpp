// SPDX-License-Identifier: Apache-2.0
#include "fs/app/prefetch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "fs/app/limits.h"
#include "fs/meta/facts.h"

namespace hubfs::app {

namespace {

class Prefetch {
public:
    Prefetch(meta::Catalog& catalog, cache::BlockCache& cache, ChosenFiles chosen, JobRun& run)
        : catalog_(catalog), cache_(cache), chosen_(std::move(chosen)), run_(run) {}

    // Several files at a time, each with read-ahead of its own.
    void read_all() {
        std::vector<std::thread> threads;
        const std::size_t wanted = std::min(kPrefetchFiles, chosen_.files.size());
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
            if (at >= chosen_.files.size() || run_.cancelled()) {
                return;
            }
            const ChosenFile& file = chosen_.files[at];
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
    Status read_file(const ChosenFile& file, std::uint64_t& told) {
        const auto tell = [&](std::uint64_t bytes) {
            run_.advance(0, bytes - std::min(told, bytes));
            told = std::max(told, bytes);
        };
        if (const auto repo = catalog_.known_repo(chosen_.repo);
            repo && repo->state != hub::RepoState::open) {
            return std::unexpected(meta::state_error(repo->state));
        }
        if (cache_.verified(file.content)) {
            tell(file.content.size_bytes);
            return {};
        }
        auto reader = cache_.open_reader(file.content, {chosen_.repo, chosen_.commit, file.path});
        if (!reader) {
            return std::unexpected(std::move(reader.error()));
        }
        std::vector<ByteRange> ranges = file.ranges;
        if (ranges.empty()) {
            ranges.push_back({0, file.content.size_bytes});
        }
        std::uint64_t read = 0;
        for (const ByteRange range : ranges) {
            for (std::uint64_t at = range.first; at < range.end;) {
                if (run_.cancelled()) {
                    return fail(Code::cancelled, "cancelled");
                }
                const auto size = std::min<std::uint64_t>(kPrefetchReadBytes, range.end - at);
                const auto bytes = answer_of<cache::Bytes>(
                    [&](Done<cache::Bytes> done) { (*reader)->read(at, size, std::move(done)); });
                if (!bytes) {
                    return std::unexpected(bytes.error());
                }
                at += (*bytes)->size();
                read += (*bytes)->size();
                tell(read);
            }
        }
        return {};
    }

    meta::Catalog& catalog_;
    cache::BlockCache& cache_;
    const ChosenFiles chosen_;
    JobRun& run_;
    std::atomic<std::size_t> next_ = 0;
};

}  // namespace

Status prefetch(meta::Catalog& catalog, cache::BlockCache& cache, const FilesRequest& request,
                const std::function<Status(const ChosenFiles&)>& chosen, JobRun& run) {
    auto files = choose_files(catalog, request);
    if (!files) {
        return std::unexpected(std::move(files.error()));
    }
    run.expect(files->files.size(), files->bytes());
    if (Status heard = chosen ? chosen(*files) : Status(); !heard) {
        return heard;
    }
    fetch_files(catalog, cache, std::move(*files), run);
    return {};
}

void fetch_files(meta::Catalog& catalog, cache::BlockCache& cache, ChosenFiles chosen,
                 JobRun& run) {
    Prefetch(catalog, cache, std::move(chosen), run).read_all();
}

}  // namespace hubfs::app
