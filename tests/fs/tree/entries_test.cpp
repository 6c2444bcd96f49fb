// SPDX-License-Identifier: Apache-2.0
// Inside a commit: files, directories, opening and reading.
#include "fs/tree/entries.h"

#include "tests/fs/tree/tree_fixture.h"

namespace hubfs::tree {
namespace {

class Entries : public TreeTest {};

// P22
TEST_F(Entries, AFileHasItsExactSizeBeforeAnyByteIsFetched) {
    add_tiny();
    const auto found = lookup(tiny_commit() + "/model.safetensors");
    ASSERT_TRUE(found && found->present);
    EXPECT_EQ(found->attributes.kind, NodeKind::file);
    EXPECT_EQ(found->attributes.size_bytes, 3'000'000U);
    EXPECT_EQ(found->attributes.cached_bytes, 0U);
    EXPECT_EQ(found->attributes.mtime, Instant(1'700'000'000s));
    EXPECT_EQ(found->valid, kForever);
    EXPECT_EQ(found->attributes.valid, kIncompleteValid);
    EXPECT_TRUE(cache_.opened.empty());
}

// P23
TEST_F(Entries, AttributesCountWhatIsCachedAndLastOnceItIsVerified) {
    add_tiny();
    const auto at = ino(tiny_commit() + "/model.safetensors");
    auto& held = cache_.contents[*ContentHash::from_hex(HashKind::sha256, std::string(64, 'c'))];
    held.ranges = {{0, 1'048'576}};
    EXPECT_EQ(attributes(at)->cached_bytes, 1'048'576U);
    EXPECT_EQ(attributes(at)->valid, 1s);
    held = {.ranges = {{0, 3'000'000}}, .verified = true};
    EXPECT_EQ(attributes(at)->cached_bytes, 3'000'000U);
    EXPECT_EQ(attributes(at)->valid, kForever);
}

// P19
TEST_F(Entries, AMissingNameInACommitIsMissingForEverAndAsksNobody) {
    add_tiny();
    const auto commit = ino(tiny_commit());
    (void)asked();
    const auto found = lookup(commit, "adapter_config.json");
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->present);
    EXPECT_EQ(found->valid, kForever);
    EXPECT_TRUE(asked().empty());
}

// P18
TEST_F(Entries, ACommitListsItsWholeTreeAndTheKernelMayKeepIt) {
    add_tiny();
    EXPECT_EQ(names(tiny_commit()),
              (std::vector<std::string>{"README.md", "empty", "model.safetensors", "onnx"}));
    EXPECT_EQ(names(tiny_commit() + "/onnx"), (std::vector<std::string>{"model.onnx"}));
    const auto listing = *list(ino(tiny_commit()));
    EXPECT_TRUE(listing->kernel_may_keep);
    EXPECT_EQ(listing->self, ino(tiny_commit()));
    EXPECT_EQ(listing->parent, ino("models/acme/tiny"));
    for (const auto& entry : listing->entries) {
        EXPECT_TRUE(entry.complete);
        EXPECT_EQ(entry.valid, kForever);
        EXPECT_EQ(entry.attributes.ino, ino(tiny_commit() + "/" + entry.name));
    }
    EXPECT_EQ((*list(ino(tiny_commit() + "/onnx")))->parent, ino(tiny_commit()));
}

TEST_F(Entries, AFileIsReadThroughTheBlockCacheFromWhereItsCommitHasIt) {
    add_tiny();
    const auto handle = open(ino(tiny_commit() + "/onnx/model.onnx"));
    ASSERT_TRUE(handle);
    ASSERT_EQ(cache_.opened.size(), 1U);
    EXPECT_EQ(cache_.opened[0].first.size_bytes, 5U);
    EXPECT_EQ(cache_.opened[0].second.repo, model("acme/tiny"));
    EXPECT_EQ(cache_.opened[0].second.commit, commit_of('b'));
    EXPECT_EQ(cache_.opened[0].second.path, "onnx/model.onnx");
    EXPECT_EQ(read(**handle, 1, 2), std::string("\1\2"));
    EXPECT_TRUE((*handle)->keep_pages());
    EXPECT_FALSE((*handle)->direct_io());
}

TEST_F(Entries, DirectoriesAndLinksAreNotOpenedAndFilesAreNotEntered) {
    add_tiny();
    EXPECT_EQ(open(ino(tiny_commit())).error().code, Code::is_directory);
    EXPECT_EQ(open(ino(tiny_commit() + "/onnx")).error().code, Code::is_directory);
    EXPECT_EQ(open(ino("models/acme/tiny")).error().code, Code::is_directory);
    EXPECT_EQ(open(ino("models/acme/tiny/main")).error().code, Code::invalid);
    const auto readme = ino(tiny_commit() + "/README.md");
    EXPECT_EQ(lookup(readme, "x").error().code, Code::not_directory);
    EXPECT_EQ(list(readme).error().code, Code::not_directory);
    EXPECT_EQ(list(ino("models/acme/tiny/main")).error().code, Code::not_directory);
    const auto target =
        answer_of<std::string>([&](auto done) { fs_->readlink(readme, std::move(done)); });
    EXPECT_EQ(target.error().code, Code::invalid);
}

// P34
TEST_F(Entries, AnOpenAsksForTheStateWhenItHasExpiredAndRefusesWhatIsNotPublic) {
    add_tiny();
    const auto readme = ino(tiny_commit() + "/README.md");
    (void)asked();
    EXPECT_TRUE(open(readme));
    EXPECT_TRUE(asked().empty());
    add_repo("acme/tiny", hub::RepoState::gated);
    EXPECT_TRUE(open(readme)) << "known to be public until it expires";
    clock_.advance(kState);
    const auto refused = open(readme);
    EXPECT_EQ(asked(), (std::vector<std::string>{"/api/models/acme/tiny/revision/main"}));
    EXPECT_EQ(refused.error().code, Code::gated);
    // From then on nothing below the commit is shown either.
    const auto commit = entry_ino(major_of(readme), 0);
    EXPECT_EQ(lookup(commit, "README.md").error().code, Code::gated);
    EXPECT_EQ(list(commit).error().code, Code::gated);
    EXPECT_EQ(xattr(readme, "user.hub.etag").error().code, Code::gated);
}

// P32
TEST_F(Entries, AnOpenWhileUpstreamIsDownGoesByWhatWasKnown) {
    add_tiny();
    const auto readme = ino(tiny_commit() + "/README.md");
    clock_.advance(24 * kState);
    hub_.fail(Code::unreachable);
    EXPECT_TRUE(open(readme));
}

TEST_F(Entries, AFileOfARenamedRepositoryStaysReadableByItsNumber) {
    add_tiny();
    const auto readme = ino(tiny_commit() + "/README.md");
    rename("acme/tiny", "acme/small");
    clock_.advance(2 * kState);
    EXPECT_TRUE(open(readme));
}

TEST_F(Entries, TheFilesystemIsAsLargeAsTheCache) {
    const auto usage = fs_->statfs();
    EXPECT_EQ(usage.total_blocks * usage.block_bytes, 1ULL << 30);
    EXPECT_EQ((usage.total_blocks - usage.free_blocks) * usage.block_bytes, 1ULL << 20);
    EXPECT_EQ(usage.files, 3U);
}

}  // namespace
}  // namespace hubfs::tree
