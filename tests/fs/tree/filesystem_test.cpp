// SPDX-License-Identifier: Apache-2.0
// The filesystem over the real stores: bytes from a path to the block cache and back.
#include "fs/tree/filesystem.h"

#include "fs/meta/blob_table.h"
#include "tests/fs/tree/tree_fixture.h"

namespace hubfs::tree {
namespace {

class Mounted : public TreeTest {
protected:
    static constexpr std::uint32_t kBlock = 64U << 10;

    Mounted() { open_cache(); }
    ~Mounted() override {
        fs_.reset();
        blocks_.reset();
    }

    void open_cache(bool offline = false) {
        cache::CacheConfig config;
        config.dirs = {folder_ + "/blocks"};
        config.block_bytes = kBlock;
        config.deadline = 5s;
        config.offline = offline;
        auto opened = cache::BlockCache::open(config, table_, source_, clock_);
        ASSERT_TRUE(opened) << opened.error().message;
        blocks_ = std::move(*opened);
        mount(*blocks_);
    }
    // Everything but the store and the cache's files ends and starts again.
    void restart(bool offline = false) {
        fs_.reset();
        blocks_.reset();
        catalog_.reset();
        open_catalog(offline);
        open_cache(offline);
    }

    // A repository with one LFS file and one git file of these bytes at its main.
    void add(const std::string& id, const std::string& lfs, const std::string& git) {
        const auto big = source_.add_content(HashKind::sha256, lfs);
        const auto small = source_.add_content(HashKind::git_sha1, git);
        auto& repo = add_repo(id);
        auto big_entry = file("weights/big.bin", lfs.size(), big.hash.hex());
        auto small_entry = file("small.txt", git.size());
        small_entry.oid = small.hash.hex();
        repo.commits[commit_of('b')] = {directory("weights"), small_entry, big_entry};
        hub_.publish();
    }
    std::string path(const std::string& id, const std::string& name) const {
        return "models/" + id + "/" + std::string(40, 'b') + "/" + name;
    }
    // The bytes of the range, or the name of the error.
    std::string bytes(Ino at, std::uint64_t offset = 0, std::size_t size = 1 << 20) {
        const auto handle = open(at);
        if (!handle) {
            return std::string(name_of(handle.error().code));
        }
        const auto got = answer_of<cache::Bytes>(
            [&](auto done) { (*handle)->read(offset, size, std::move(done)); });
        if (!got) {
            return std::string(name_of(got.error().code));
        }
        return {reinterpret_cast<const char*>((*got)->data()), (*got)->size()};
    }
    static std::string text(std::size_t size) {
        std::string made;
        for (std::size_t i = 0; made.size() < size; ++i) {
            made += std::to_string(i * 7919) + ",";
        }
        return made.substr(0, size);
    }

    meta::BlobTable table_{*database_};
    std::unique_ptr<cache::BlockCache> blocks_;
};

// P1, P5
TEST_F(Mounted, AFileReadByItsPathHasUpstreamsBytesAndIsVerified) {
    const auto lfs = text(300'000);
    add("acme/tiny", lfs, "hello");
    const auto big = ino(path("acme/tiny", "weights/big.bin"));
    EXPECT_EQ(*xattr(big, "user.hub.cached"), "none");
    EXPECT_EQ(*xattr(big, "user.hub.verified"), "0");
    EXPECT_EQ(attributes(big)->cached_bytes, 0U);
    EXPECT_TRUE(bytes(big) == lfs);
    EXPECT_EQ(*xattr(big, "user.hub.verified"), "1");
    EXPECT_EQ(*xattr(big, "user.hub.cached"), "0-299999");
    EXPECT_EQ(*xattr(big, "user.hub.held.0-299999"), "1");
    EXPECT_EQ(attributes(big)->cached_bytes, 300'000U);
    EXPECT_EQ(attributes(big)->valid, kForever);
    EXPECT_EQ(bytes(ino(path("acme/tiny", "small.txt"))), "hello");
    EXPECT_EQ(source_.delivered_bytes(), 300'005U);
}

// P7
TEST_F(Mounted, AJumpToTheEndFetchesTheEndOnly) {
    const auto lfs = text(30 * kBlock);
    add("acme/tiny", lfs, "hello");
    const auto big = ino(path("acme/tiny", "weights/big.bin"));
    EXPECT_EQ(bytes(big, lfs.size() - 10, 10), lfs.substr(lfs.size() - 10));
    const auto last = std::to_string(lfs.size() - 1);
    EXPECT_EQ(*xattr(big, "user.hub.held." + last + "-" + last), "1");
    EXPECT_EQ(*xattr(big, "user.hub.held.0-0"), "0");
    EXPECT_EQ(*xattr(big, "user.hub.verified"), "0");
    EXPECT_LE(attributes(big)->cached_bytes, 2 * kBlock);
    EXPECT_EQ(attributes(big)->valid, kIncompleteValid);
}

// P6
TEST_F(Mounted, TheSameContentInTwoRepositoriesIsFetchedOnce) {
    const auto lfs = text(300'000);
    add("acme/tiny", lfs, "hello");
    add("other/copy", lfs, "hello");
    EXPECT_TRUE(bytes(ino(path("acme/tiny", "weights/big.bin"))) == lfs);
    source_.reset_counts();
    EXPECT_TRUE(bytes(ino(path("other/copy", "weights/big.bin"))) == lfs);
    EXPECT_EQ(source_.content_count(), 0U);
}

// P25, P32
TEST_F(Mounted, ARestartKeepsNumbersNamesAndBytesAlsoOffline) {
    const auto lfs = text(300'000);
    add("acme/tiny", lfs, "hello");
    const auto name = path("acme/tiny", "weights/big.bin");
    const auto big = ino(name);
    const auto repo = ino("models/acme/tiny");
    EXPECT_TRUE(bytes(big) == lfs);
    restart(true);
    clock_.advance(48h);
    source_.reset_counts();
    hub_.fail(Code::unreachable);
    EXPECT_EQ(attributes(big)->size_bytes, 300'000U);
    EXPECT_TRUE(bytes(big) == lfs);
    EXPECT_EQ(ino(name), big);
    EXPECT_EQ(ino("models/acme/tiny"), repo);
    EXPECT_EQ(link("models/acme/tiny/main"), std::string(40, 'b'));
    EXPECT_EQ(source_.content_count(), 0U);
    EXPECT_EQ(failure("models/acme/never-asked"), Code::offline);
}

// P1
TEST_F(Mounted, ContentThatDoesNotVerifyIsAnErrorAndNeverBytes) {
    add("acme/tiny", text(1000), "hello");
    const auto wrong = source_.add_content(HashKind::git_sha1, "hello").hash;
    source_.set_content(wrong, "hellO");
    EXPECT_EQ(bytes(ino(path("acme/tiny", "small.txt"))), "corrupt");
}

// P38
TEST_F(Mounted, AFailedReadSaysWhy) {
    add("acme/tiny", text(300'000), "hello");
    const auto big = ino(path("acme/tiny", "weights/big.bin"));
    const auto hash = *ContentHash::from_hex(HashKind::sha256, *xattr(big, "user.hub.sha256"));
    source_.set_script(hash, {.fail_at = 0, .error = {Code::rate_limited, "fake"}});
    EXPECT_EQ(bytes(big), "rate_limited");
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.last_error"), "error=http_request_denied");
}

// P37
TEST_F(Mounted, ContentThatUpstreamLostIsItsFailureAndNoAbsence) {
    add("acme/tiny", text(1000), "hello");
    auto& repo = hub_.repo(model("acme/tiny"));
    auto lost = file("lost.txt", 7);
    lost.oid = std::string(40, 'e');
    repo.commits[commit_of('b')].push_back(lost);
    hub_.publish();
    EXPECT_EQ(bytes(ino(path("acme/tiny", "lost.txt"))), "protocol");
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.last_error"), "error=http_protocol_error");
}

TEST_F(Mounted, RefusedContentHasTheErrorOfTheRepositorysState) {
    add("acme/tiny", text(300'000), "hello");
    const auto big = ino(path("acme/tiny", "weights/big.bin"));
    const auto hash = *ContentHash::from_hex(HashKind::sha256, *xattr(big, "user.hub.sha256"));
    source_.set_script(hash, {.fail_at = 0, .error = {Code::denied, "fake"}});
    EXPECT_EQ(bytes(big), "protocol") << "it is public: upstream is wrong";
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.last_error"), "error=http_protocol_error");
    clock_.advance(1min);
    add_repo("acme/tiny", hub::RepoState::gated);
    EXPECT_EQ(bytes(big), "gated") << "long before the state's hour is over";
}

// P35
TEST_F(Mounted, CachedBytesOfAWithdrawnRepositoryAreNotOpenedAgain) {
    add("acme/tiny", text(1000), "hello");
    const auto small = ino(path("acme/tiny", "small.txt"));
    const auto before = open(small);
    EXPECT_EQ(read(**before), "hello");
    add_repo("acme/tiny", hub::RepoState::disabled);
    clock_.advance(kState);
    EXPECT_EQ(bytes(small), "denied");
    EXPECT_EQ(read(**before), "hello") << "a file that is open stays open";
    EXPECT_EQ(read(**open(ino(".status/epoch"))), "1\n");
}

// P44
TEST_F(Mounted, TheSizeOfTheFilesystemIsTheQuotaOfTheCache) {
    add("acme/tiny", text(300'000), "hello");
    const auto before = fs_->statfs();
    EXPECT_EQ(before.total_blocks * before.block_bytes, 100ULL << 30);
    (void)bytes(ino(path("acme/tiny", "weights/big.bin")));
    EXPECT_LT(fs_->statfs().free_blocks, before.free_blocks);
}

}  // namespace
}  // namespace hubfs::tree
