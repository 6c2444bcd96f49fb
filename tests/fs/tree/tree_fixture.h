// SPDX-License-Identifier: Apache-2.0
// A filesystem over the real catalogue with a Hub written by the test, and a block cache that holds
// what the test says; and short ways to ask it. Answers may come from the catalogue's pool: the
// helpers wait for them, kAnswerMax at most.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fs/base/thread_pool.h"
#include "fs/meta/catalog.h"
#include "fs/meta/database.h"
#include "fs/tree/filesystem.h"
#include "fs/tree/limits.h"
#include "tests/fs/tree/fake_cache.h"
#include "tests/fs/tree/fake_hub.h"
#include "tests/support/test_clock.h"

namespace hubfs::tree {

using namespace std::chrono_literals;

inline RepoKey model(std::string id) {
    return {RepoType::model, std::move(id)};
}

// forty times this hex digit
inline CommitId commit_of(char digit) {
    return *CommitId::from_hex(std::string(40, digit));
}

inline hub::TreeEntry file(std::string path, std::uint64_t size, std::string lfs_oid = {}) {
    hub::TreeEntry entry;
    entry.path = std::move(path);
    entry.size = size;
    entry.oid = std::string(39, 'a') + std::to_string(size % 10);
    entry.lfs_oid = std::move(lfs_oid);
    return entry;
}

inline hub::TreeEntry directory(std::string path) {
    hub::TreeEntry entry;
    entry.directory = true;
    entry.path = std::move(path);
    entry.oid = std::string(40, 'd');
    return entry;
}

class TreeTest : public testing::Test {
protected:
    static constexpr std::chrono::seconds kAnswerMax{20};
    static constexpr std::chrono::hours kState{1};  // freshness.state
    static constexpr std::chrono::minutes kRef{5};  // freshness.ref and .document
    static constexpr auto kMain = "main";

    TreeTest() {
        std::string pattern = testing::TempDir() + "tree_test.XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        database_ = std::move(*meta::Database::open(folder_, {.map_bytes = 64U << 20}));
        open_catalog();
        mount(cache_);
    }
    ~TreeTest() override {
        fs_.reset();
        catalog_.reset();
        database_.reset();
        std::filesystem::remove_all(folder_);
    }
    void open_catalog(bool offline = false) {
        meta::CatalogConfig config;
        config.ref = kRef;
        config.document = kRef;
        config.state = kState;
        config.offline = offline;
        catalog_ = std::move(*meta::Catalog::open(config, *database_, source_, pool_, clock_, {}));
    }
    // As a daemon that starts does.
    void mount(cache::BlockCache& cache) {
        fs_ = Filesystem::create({.catalog = *catalog_,
                                  .cache = cache,
                                  .clock = clock_,
                                  .mounted_at = mounted_at_,
                                  .status_files = {{"cache", [] { return std::string("{}"); }}}});
    }

    // ---- the world ----
    // A repository with main at bbb….
    test::FakeHub::Repo& add_repo(const std::string& id,
                                  hub::RepoState state = hub::RepoState::open) {
        auto& repo = hub_.repo(model(id));
        repo.id = id;
        repo.state = state;
        repo.branches[kMain] = commit_of('b');
        hub_.publish();
        return repo;
    }
    // What is looked up as `asked` is this one.
    void rename(const std::string& asked, const std::string& canonical) {
        auto copy = hub_.repo(model(asked));
        copy.id = canonical;
        copy.branches.emplace(kMain, commit_of('b'));
        hub_.repo(model(asked)) = copy;
        hub_.repo(model(canonical)) = copy;
        hub_.publish();
    }
    // acme/tiny: main and v1.0 at commit bbb…, a directory, a git file, an LFS file, an empty one.
    void add_tiny() {
        auto& repo = add_repo("acme/tiny");
        repo.tags["v1.0"] = commit_of('b');
        repo.commits[commit_of('b')] = {directory("onnx"), file("README.md", 6), file("empty", 0),
                                        file("model.safetensors", 3'000'000, std::string(64, 'c')),
                                        file("onnx/model.onnx", 5)};
        hub_.publish();
    }
    // What was asked upstream since the last call.
    std::vector<std::string> asked() {
        std::vector<std::string> targets;
        for (const auto& request : source_.api_requests()) {
            targets.push_back(request.target);
        }
        source_.reset_counts();
        return targets;
    }
    static std::string tiny_commit() { return "models/acme/tiny/" + std::string(40, 'b'); }

    // ---- questions ----
    template <class T>
    static Result<T> answer_of(const std::function<void(Done<T>)>& ask) {
        auto promise = std::make_shared<std::promise<Result<T>>>();
        auto answer = promise->get_future();
        ask([promise](Result<T> result) { promise->set_value(std::move(result)); });
        if (answer.wait_for(kAnswerMax) != std::future_status::ready) {
            ADD_FAILURE() << "not answered";
            return fail(Code::timed_out, "not answered");
        }
        return answer.get();
    }
    Result<Lookup> lookup(Ino parent, const std::string& name) {
        return answer_of<Lookup>([&](auto done) { fs_->lookup(parent, name, std::move(done)); });
    }
    // Looks every component up from the root on, following nothing.
    Result<Lookup> lookup(const std::string& path) {
        Result<Lookup> at = Lookup{.present = true, .attributes = {.ino = kRootIno}};
        for (std::size_t first = 0; first <= path.size();) {
            const auto slash = std::min(path.find('/', first), path.size());
            if (!at || !at->present) {
                ADD_FAILURE() << "nothing at " << path.substr(0, first);
                return at;
            }
            at = lookup(at->attributes.ino, path.substr(first, slash - first));
            first = slash + 1;
        }
        return at;
    }
    Ino ino(const std::string& path) {
        const auto found = lookup(path);
        EXPECT_TRUE(found && found->present) << path;
        return found ? found->attributes.ino : Ino{};
    }
    Code failure(const std::string& path) {
        const auto found = lookup(path);
        EXPECT_FALSE(found) << path;
        return found ? Code::invalid : found.error().code;
    }
    bool absent(const std::string& path) {
        const auto found = lookup(path);
        EXPECT_TRUE(found) << path << ": " << (found ? "" : found.error().message);
        return found && !found->present;
    }
    // The target of a symlink; "" for what is none.
    std::string link(const std::string& path) {
        const auto found = lookup(path);
        if (!found || !found->present || found->attributes.kind != NodeKind::symlink) {
            return {};
        }
        const auto target = answer_of<std::string>(
            [&](auto done) { fs_->readlink(found->attributes.ino, std::move(done)); });
        EXPECT_EQ(target->size(), found->attributes.size_bytes);
        return *target;
    }
    Result<Attributes> attributes(Ino at) {
        return answer_of<Attributes>([&](auto done) { fs_->getattr(at, std::move(done)); });
    }
    Result<std::shared_ptr<const Listing>> list(Ino at) {
        return answer_of<std::shared_ptr<const Listing>>(
            [&](auto done) { fs_->list(at, std::move(done)); });
    }
    // Names in the listing's order.
    std::vector<std::string> names(const std::string& path) {
        const auto listing = list(path.empty() ? kRootIno : ino(path));
        EXPECT_TRUE(listing) << path;
        std::vector<std::string> all;
        for (const auto& entry : (*listing)->entries) {
            all.push_back(entry.name);
        }
        return all;
    }
    Result<std::unique_ptr<Handle>> open(Ino at) {
        return answer_of<std::unique_ptr<Handle>>(
            [&](auto done) { fs_->open(at, std::move(done)); });
    }
    static std::string read(Handle& handle, std::uint64_t offset = 0, std::size_t size = 1 << 20) {
        const auto bytes =
            answer_of<cache::Bytes>([&](auto done) { handle.read(offset, size, std::move(done)); });
        EXPECT_TRUE(bytes);
        std::string text;
        for (const auto byte : **bytes) {
            text += static_cast<char>(byte);
        }
        return text;
    }
    Result<std::string> xattr(Ino at, const std::string& name) {
        return answer_of<std::string>(
            [&](auto done) { fs_->get_xattr(at, name, std::move(done)); });
    }
    // The value, or the name of the error.
    std::string xattr(const std::string& path, const std::string& name) {
        const auto value = xattr(ino(path), name);
        return value ? *value : std::string(name_of(value.error().code));
    }
    std::vector<std::string> xattrs(const std::string& path) {
        const auto all = answer_of<std::vector<std::string>>(
            [&](auto done) { fs_->list_xattr(ino(path), std::move(done)); });
        EXPECT_TRUE(all);
        return *all;
    }

    std::string folder_;
    test::TestClock clock_;
    test::FakeSource source_;
    test::FakeHub hub_{source_};
    test::FakeCache cache_;
    const Instant mounted_at_ = clock_.now();
    ThreadPool pool_{"tree_test", 2, 1000};
    std::unique_ptr<meta::Database> database_;
    std::unique_ptr<meta::Catalog> catalog_;
    std::unique_ptr<Filesystem> fs_;
};

}  // namespace hubfs::tree
