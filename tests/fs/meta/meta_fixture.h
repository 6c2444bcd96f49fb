// SPDX-License-Identifier: Apache-2.0
// What the tests of fs/meta share: a directory of their own, a catalogue over a fake Hub and a
// clock moved by hand, and answers waited for (at most kAnswerWait).
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fs/base/thread_pool.h"
#include "fs/meta/catalog.h"
#include "fs/meta/database.h"
#include "fs/meta/limits.h"
#include "tests/support/fake_source.h"
#include "tests/support/test_clock.h"

namespace hubfs::meta::test {

inline constexpr std::chrono::seconds kAnswerWait{20};

// A new directory, removed with everything in it.
class TempDir {
public:
    TempDir() {
        std::string name = (std::filesystem::temp_directory_path() / "hfm_meta_XXXXXX").string();
        path_ = ::mkdtemp(name.data()) != nullptr ? name : std::string();
    }
    ~TempDir() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

// An answer on its way.
template <class T>
class Answer {
public:
    [[nodiscard]] Done<T> done() {
        return [promise = promise_](Result<T> result) { promise->set_value(std::move(result)); };
    }
    [[nodiscard]] bool here() {
        return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
    [[nodiscard]] Result<T> get() {
        if (future_.wait_for(kAnswerWait) != std::future_status::ready) {
            return fail(Code::timed_out, "the test waited too long");
        }
        return future_.get();
    }

private:
    std::shared_ptr<std::promise<Result<T>>> promise_ = std::make_shared<std::promise<Result<T>>>();
    std::future<Result<T>> future_ = promise_->get_future();
};

inline const std::string kSha = "5bb9fc53add422c252f7351a8e28c438cb98ea21";
inline const std::string kOtherSha = "607a30d783dfa663caf39e06633721c8d4cfcd7e";
inline const std::string kOid = "a6344aac8c09253b3b630fb776ae94478aa0275b";
inline const std::string kDate = "2026-10-06T13:24:38.000Z";

// The Hub's own answer about a repository, as far as it matters here.
inline std::string info_body(const std::string& id, const std::string& sha = kSha,
                             const std::string& flags = "\"private\":false,\"gated\":false") {
    return "{\"_id\":\"6ac4f6932fb5557d4ceee81f\",\"id\":\"" + id + "\"," + flags +
           ",\"disabled\":false,\"sha\":\"" + sha + "\",\"lastModified\":\"" + kDate +
           "\",\"siblings\":[]}";
}
inline std::string tree_file(const std::string& path, std::uint64_t size = 5) {
    return R"({"type":"file","oid":")" + kOid + R"(","size":)" + std::to_string(size) +
           R"(,"path":")" + path + "\"}";
}
inline std::string tree_directory(const std::string& path) {
    return R"({"type":"directory","oid":")" + kOid + R"(","size":0,"path":")" + path + "\"}";
}
inline std::string revision_path(const std::string& id, const std::string& revision = "main") {
    return "/api/models/" + id + "/revision/" + revision;
}
inline std::string tree_path(const std::string& id, const std::string& sha = kSha) {
    return "/api/models/" + id + "/tree/" + sha + "?recursive=true&expand=false";
}
inline RepoKey model(const std::string& id) {
    return {RepoType::model, id};
}
inline CommitId commit_id(const std::string& hex = kSha) {
    return CommitId::from_hex(hex).value_or(CommitId{});
}

class CatalogTest : public ::testing::Test {
protected:
    void SetUp() override { open(); }
    void TearDown() override { close(); }

    void open() {
        auto database = Database::open(dir_.path() + "/meta", database_config_);
        ASSERT_TRUE(database) << database.error().message;
        database_ = std::move(*database);
        auto catalog = Catalog::open(config_, *database_, source_, pool_, clock_,
                                     {.on_state =
                                          [this](const RepoKey& key, hub::RepoState state) {
                                              const std::scoped_lock lock(mutex_);
                                              states_.emplace_back(key.id, state);
                                          },
                                      .on_renewed =
                                          [this](const std::string& target) {
                                              const std::scoped_lock lock(mutex_);
                                              renewed_.push_back(target);
                                          }});
        ASSERT_TRUE(catalog) << catalog.error().message;
        catalog_ = std::move(*catalog);
    }
    void close() {
        catalog_.reset();
        database_.reset();
    }
    void reopen() {
        close();
        open();
    }

    Result<RepoView> repo(const std::string& id) {
        Answer<RepoView> answer;
        catalog_->repo(model(id), answer.done());
        return answer.get();
    }
    Result<RefView> ref(const std::string& id, const std::string& name = "main") {
        Answer<RefView> answer;
        catalog_->ref(model(id), name, answer.done());
        return answer.get();
    }
    Result<std::shared_ptr<const Document>> document(const std::string& target) {
        Answer<std::shared_ptr<const Document>> answer;
        catalog_->document(target, answer.done());
        return answer.get();
    }
    Result<CommitView> commit(const std::string& id, const std::string& sha = kSha) {
        Answer<CommitView> answer;
        catalog_->commit(model(id), commit_id(sha), answer.done());
        return answer.get();
    }
    Result<RefsView> refs(const std::string& id) {
        Answer<RefsView> answer;
        catalog_->refs(model(id), answer.done());
        return answer.get();
    }
    std::vector<std::pair<std::string, hub::RepoState>> states() {
        const std::scoped_lock lock(mutex_);
        return states_;
    }
    // A failure is remembered for kFailureMemory.
    void forget_failures() { clock_.advance(kFailureMemory); }
    void fail_all(Code code) {
        source_.set_default_api(
            [code](const upstream::ApiRequest&) -> Result<upstream::ApiResponse> {
                return hubfs::fail(code, "fake: broken");
            });
    }

    TempDir dir_;
    CatalogConfig config_;
    DatabaseConfig database_config_{64ULL << 20, std::chrono::milliseconds(50)};
    hubfs::test::TestClock clock_;
    ThreadPool pool_{"test-pool", 4, 1024};
    hubfs::test::FakeSource source_;
    std::mutex mutex_;
    std::vector<std::pair<std::string, hub::RepoState>> states_;
    std::vector<std::string> renewed_;  // targets of documents, guarded as well
    std::unique_ptr<Database> database_;
    std::unique_ptr<Catalog> catalog_;
};

}  // namespace hubfs::meta::test
