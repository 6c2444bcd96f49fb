// SPDX-License-Identifier: Apache-2.0
// .blobs: contents by hash, in whichever public repository they stand.
#include "fs/tree/blobs.h"

#include "fs/contract.h"
#include "tests/fs/tree/tree_fixture.h"

namespace hubfs::tree {
namespace {

using Names = std::vector<std::string>;

const std::string kLfsHex(64, 'c');                      // model.safetensors of acme/tiny
const std::string kGitHex = std::string(39, 'a') + "6";  // README.md
const std::string kLfs = ".blobs/sha256/" + kLfsHex;
const std::string kGit = ".blobs/git-sha1/" + kGitHex;

class Blobs : public TreeTest {
protected:
    // The content of acme/tiny's model.safetensors in another repository, in use here.
    test::FakeHub::Repo& add_copy(const std::string& id) {
        auto& repo = add_repo(id);
        repo.commits[commit_of('b')] = {file("copy.bin", 3'000'000, kLfsHex)};
        hub_.publish();
        (void)ino("models/" + id + "/" + std::string(40, 'b'));
        return repo;
    }
    void use_tiny() {
        add_tiny();
        (void)ino(tiny_commit());
    }
    void set_state(const std::string& id, hub::RepoState state) {
        hub_.repo(model(id)).state = state;
        hub_.publish();
    }
    Code open_failure(Ino at) {
        const auto opened = open(at);
        EXPECT_FALSE(opened);
        return opened ? Code::invalid : opened.error().code;
    }
    Names locations() const {
        Names all;
        for (const auto& [content, where] : cache_.opened) {
            all.push_back(where.repo.id + ":" + where.path);
        }
        return all;
    }
};

// P55, P22
TEST_F(Blobs, AContentOfAKnownTreeIsAFileOfItsExactSizeWithoutAQuestion) {
    use_tiny();
    (void)asked();
    const auto lfs = lookup(kLfs);
    ASSERT_TRUE(lfs && lfs->present);
    EXPECT_EQ(lfs->attributes.kind, NodeKind::file);
    EXPECT_EQ(lfs->attributes.size_bytes, 3'000'000U);
    EXPECT_EQ(lfs->attributes.mtime, kBlobDate);
    EXPECT_EQ(lfs->valid, kState);
    EXPECT_EQ(lookup(kGit)->attributes.size_bytes, 6U);
    EXPECT_EQ(attributes(lfs->attributes.ino)->size_bytes, 3'000'000U);
    EXPECT_TRUE(asked().empty());
}

// P55
TEST_F(Blobs, WhatIsUnknownOrMalformedIsAbsentAndAsksNobody) {
    use_tiny();
    (void)asked();
    const std::string other(64, 'f');
    EXPECT_TRUE(absent(".blobs/sha256/" + other));
    EXPECT_EQ(lookup(".blobs/sha256/" + other)->valid, kAbsentValid);
    for (const std::string& name :
         {std::string(64, 'C'), std::string(63, 'c'), kGitHex, std::string("x")}) {
        EXPECT_TRUE(absent(".blobs/sha256/" + name)) << name;
    }
    EXPECT_TRUE(absent(".blobs/git-sha1/" + kLfsHex));
    EXPECT_TRUE(absent(".blobs/xet"));
    // A pointer in git is no content of the Hub's.
    EXPECT_TRUE(absent(".blobs/git-sha1/" + std::string(39, 'a') + "1"));
    EXPECT_TRUE(asked().empty());
    EXPECT_TRUE(cache_.opened.empty());
}

// P55
TEST_F(Blobs, ReadingOneReadsTheFileOfATree) {
    use_tiny();
    auto handle = open(ino(kLfs));
    ASSERT_TRUE(handle) << handle.error().message;
    EXPECT_EQ(read(**handle, 0, 3).size(), 3U);
    EXPECT_TRUE((*handle)->keep_pages());
    EXPECT_EQ(locations(), (Names{"acme/tiny:model.safetensors"}));
    EXPECT_EQ(cache_.opened[0].second.commit, commit_of('b'));
}

// P56, P34
TEST_F(Blobs, AContentIsServedWhileOneOfItsRepositoriesIsPublic) {
    use_tiny();
    add_copy("acme/copy");
    const Ino blob = ino(kLfs);
    ASSERT_TRUE(open(blob));
    // Both are public and known to be: the cache may try either.
    EXPECT_EQ(locations(), (Names{"acme/tiny:model.safetensors", "acme/copy:copy.bin"}));

    set_state("acme/copy", hub::RepoState::gated);
    clock_.advance(2 * kState);
    cache_.opened.clear();
    ASSERT_TRUE(open(blob));
    EXPECT_EQ(locations(), (Names{"acme/tiny:model.safetensors"}));
    EXPECT_EQ(attributes(blob)->ino, ino(kLfs));

    auto handle = open(blob);
    set_state("acme/tiny", hub::RepoState::private_);
    clock_.advance(2 * kState);
    EXPECT_EQ(open_failure(blob), Code::denied);
    EXPECT_EQ(failure(kLfs), Code::denied);
    // Who has it open keeps it.
    EXPECT_EQ(read(**handle, 0, 3).size(), 3U);
    EXPECT_EQ(attributes(blob)->size_bytes, 3'000'000U);

    set_state("acme/tiny", hub::RepoState::open);
    clock_.advance(2 * kState);
    EXPECT_TRUE(open(blob));
}

// P56
TEST_F(Blobs, ARepositoryThatIsGoneIsNoPlaceAndNoAbsenceEither) {
    use_tiny();
    set_state("acme/tiny", hub::RepoState::gone);
    clock_.advance(2 * kState);
    EXPECT_EQ(failure(kLfs), Code::denied);
}

// P37, P56
TEST_F(Blobs, AStateThatCannotBeHadIsAFailureUnlessAnotherRepositoryIsPublic) {
    use_tiny();
    add_copy("acme/copy");
    const Ino blob = ino(kLfs);
    clock_.advance(std::chrono::hours(24 * 30));
    hub_.fail(Code::unreachable);
    EXPECT_EQ(open_failure(blob), Code::unreachable);
    EXPECT_EQ(failure(kLfs), Code::unreachable);
    hub_.publish();
    clock_.advance(std::chrono::seconds(10));
    EXPECT_TRUE(open(blob));
    // The other one is withdrawn, and what is known of this one is enough.
    set_state("acme/copy", hub::RepoState::disabled);
    clock_.advance(2 * kState);
    (void)lookup("models/acme/tiny");
    (void)asked();
    cache_.opened.clear();
    EXPECT_TRUE(open(blob));
    EXPECT_EQ(locations(), (Names{"acme/tiny:model.safetensors"}));
    EXPECT_TRUE(asked().empty());
}

// P57
TEST_F(Blobs, ADirectoryListsWhatIsHereAsAWholeAndPublic) {
    use_tiny();
    EXPECT_EQ(names(".blobs"), (Names{"git-sha1", "sha256"}));
    EXPECT_EQ(names(".blobs/sha256"), Names{});
    const auto lfs = *ContentHash::from_hex(HashKind::sha256, kLfsHex);
    const auto git = *ContentHash::from_hex(HashKind::git_sha1, kGitHex);
    const auto stranger = *ContentHash::from_hex(HashKind::sha256, std::string(64, 'e'));
    cache_.contents[lfs] = {{{0, 1'000'000}}, false};
    EXPECT_EQ(names(".blobs/sha256"), Names{});
    cache_.contents[lfs] = {{{0, 3'000'000}}, true};
    cache_.contents[git] = {{{0, 6}}, true};
    cache_.contents[stranger] = {{{0, 6}}, true};  // in no tree that is here
    (void)asked();
    EXPECT_EQ(names(".blobs/sha256"), (Names{kLfsHex}));
    EXPECT_EQ(names(".blobs/git-sha1"), (Names{kGitHex}));
    const auto listing = list(ino(".blobs/sha256"));
    EXPECT_EQ((*listing)->entries[0].attributes.ino, ino(kLfs));
    EXPECT_FALSE((*listing)->kernel_may_keep);
    EXPECT_TRUE(asked().empty());

    set_state("acme/tiny", hub::RepoState::gated);
    clock_.advance(2 * kState);
    (void)lookup("models/acme/tiny");
    EXPECT_EQ(names(".blobs/sha256"), Names{});
    EXPECT_EQ(names(""), (Names{"datasets", "models"}));
}

// P52, P55
TEST_F(Blobs, AttributesAreThoseOfAFileWithoutACommit) {
    use_tiny();
    EXPECT_EQ(xattrs(kLfs),
              (Names{"user.hub.etag", "user.hub.sha256", "user.hub.cached", "user.hub.verified"}));
    EXPECT_EQ(xattr(kLfs, "user.hub.etag"), kLfsHex);
    EXPECT_EQ(xattr(kLfs, "user.hub.sha256"), kLfsHex);
    EXPECT_EQ(xattr(kLfs, "user.hub.oid"), "no_attribute");
    EXPECT_EQ(xattr(kLfs, "user.hub.commit"), "no_attribute");
    EXPECT_EQ(xattr(kGit, "user.hub.oid"), kGitHex);
    EXPECT_EQ(xattr(kLfs, "user.hub.cached"), "none");
    EXPECT_EQ(xattr(kLfs, "user.hub.verified"), "0");
    cache_.contents[*ContentHash::from_hex(HashKind::sha256, kLfsHex)] = {{{0, 100}}, false};
    EXPECT_EQ(xattr(kLfs, "user.hub.cached"), "0-99");
    EXPECT_EQ(xattr(kLfs, "user.hub.held.0-99"), "1");
    EXPECT_EQ(xattr(kLfs, "user.hub.held.0-100"), "0");
    EXPECT_EQ(xattr(kLfs, "user.hub.held.5"), "invalid");
    EXPECT_EQ(xattrs(".blobs/sha256"), Names{});
    const Ino blob = ino(kLfs);
    set_state("acme/tiny", hub::RepoState::private_);
    clock_.advance(2 * kState);
    (void)lookup("models/acme/tiny");
    EXPECT_EQ(xattr(blob, "user.hub.etag").error().code, Code::denied);
}

// P25, P32
TEST_F(Blobs, ANumberMeansTheSameContentAfterARestartAndWithoutUpstream) {
    use_tiny();
    const Ino blob = ino(kLfs);
    fs_.reset();
    catalog_.reset();
    open_catalog(true);
    mount(cache_);
    clock_.advance(2 * kState);
    EXPECT_EQ(ino(kLfs), blob);
    EXPECT_EQ(attributes(blob)->size_bytes, 3'000'000U);
    EXPECT_TRUE(open(blob));
}

}  // namespace
}  // namespace hubfs::tree
