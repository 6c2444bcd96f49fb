// SPDX-License-Identifier: Apache-2.0
// Listings outside commits, .status and .api.
#include "fs/tree/listing.h"

#include "fs/contract.h"
#include "tests/fs/tree/tree_fixture.h"

namespace hubfs::tree {
namespace {

class Listings : public TreeTest {
protected:
    // acme/tiny was public and is gated.
    void withdraw() {
        add_tiny();
        (void)ino("models/acme/tiny");
        add_repo("acme/tiny", hub::RepoState::gated);
        clock_.advance(2 * kState);
        (void)ino("models/acme/tiny");
    }
};

using Names = std::vector<std::string>;

// P10
TEST_F(Listings, TypesAndNamespacesListWhatIsInUseHereWithoutAQuestion) {
    add_repo("acme/tiny");
    add_repo("acme/other");
    add_repo("gpt2");
    EXPECT_TRUE(names("models").empty());
    (void)ino("models/acme/tiny");
    (void)ino("models/acme/other");
    EXPECT_EQ(names("models"), (Names{"acme"}));
    (void)ino("models/-/gpt2");
    (void)asked();
    EXPECT_EQ(names("models"), (Names{"-", "acme"}));
    EXPECT_EQ(names("models/acme"), (Names{"other", "tiny"}));
    EXPECT_EQ(names("models/-"), (Names{"gpt2"}));
    EXPECT_EQ(names(".trees/models/acme"), (Names{"other", "tiny"}));
    EXPECT_TRUE(names("datasets").empty());
    EXPECT_TRUE(asked().empty());
}

TEST_F(Listings, ARepositoryThatCannotBeEnteredIsNotListed) {
    add_repo("acme/tiny");
    add_repo("acme/secret", hub::RepoState::gated);
    (void)ino("models/acme/tiny");
    (void)ino("models/acme/secret");
    EXPECT_EQ(names("models/acme"), (Names{"tiny"}));
}

// P17
TEST_F(Listings, ARepositoryListsBranchesTagsAndExactlyTheirCommits) {
    add_tiny();
    auto& repo = hub_.repo(model("acme/tiny"));
    repo.branches["feature/x"] = commit_of('c');
    repo.unlisted = {{"refs/pr/1", commit_of('d')}, {"refs/convert/parquet", commit_of('e')}};
    hub_.publish();
    EXPECT_EQ(link("models/acme/tiny/refs%2Fpr%2F1"), std::string(40, 'd'));
    EXPECT_EQ(names("models/acme/tiny"),
              (Names{"feature%2Fx", "main", "v1.0", std::string(40, 'b'), std::string(40, 'c')}));
    EXPECT_EQ(names(".trees/models/acme/tiny"),
              (Names{std::string(40, 'b'), std::string(40, 'c')}));
}

TEST_F(Listings, NamesADirectoryCannotShowAreLeftOutOfARepository) {
    auto& repo = add_repo("acme/odd");
    repo.branches[std::string(300, 'x')] = commit_of('c');
    repo.branches[std::string(40, 'f')] = commit_of('b');
    repo.tags["main"] = commit_of('b');
    hub_.publish();
    EXPECT_EQ(names("models/acme/odd"), (Names{"main", std::string(40, 'b')}));
}

// P10
TEST_F(Listings, ListingARepositoryFetchesNoTree) {
    add_tiny();
    const auto repo = ino("models/acme/tiny");
    (void)ino("models/acme/tiny/main");
    (void)asked();
    const auto listing = *list(repo);
    EXPECT_EQ(asked(), (Names{"/api/models/acme/tiny/refs"}));
    EXPECT_FALSE(listing->kernel_may_keep);
    EXPECT_EQ(listing->parent, ino("models/acme"));
    for (const auto& entry : listing->entries) {
        EXPECT_NE(entry.attributes.ino.value, 0U);
        if (entry.name.size() == 40) {  // its tree may not be here: a LOOKUP is to find out
            EXPECT_FALSE(entry.complete) << entry.name;
        } else {
            EXPECT_TRUE(entry.complete) << entry.name;
            EXPECT_EQ(entry.valid, kRef);
            EXPECT_EQ(entry.attributes.ino, ino("models/acme/tiny/" + entry.name));
        }
        EXPECT_EQ(entry.attributes.kind,
                  entry.name.size() == 40 ? NodeKind::directory : NodeKind::symlink);
    }
}

// P37
TEST_F(Listings, AListingThatUpstreamFailsIsAnErrorAndNotEmpty) {
    add_tiny();
    const auto repo = ino("models/acme/tiny");
    hub_.fail(Code::unavailable);
    EXPECT_EQ(list(repo).error().code, Code::unavailable);
}

// P17
TEST_F(Listings, WithoutUpstreamARepositoryListsWhatIsKnownOfItAndHere) {
    add_tiny();
    hub_.repo(model("acme/tiny")).branches["dev"] = commit_of('c');
    hub_.publish();
    EXPECT_TRUE(lookup(tiny_commit() + "/README.md")->present);
    EXPECT_EQ(link("models/acme/tiny/main"), std::string(40, 'b'));
    EXPECT_EQ(link("models/acme/tiny/dev"), std::string(40, 'c'));
    const auto repo = ino("models/acme/tiny");
    const Names here{"dev", "main", std::string(40, 'b')};
    for (const auto code : {Code::unreachable, Code::timed_out, Code::unavailable}) {
        hub_.fail(code);
        clock_.advance(10min);
        const auto listing = list(repo);
        ASSERT_TRUE(listing) << name_of(code);
        Names names;
        for (const auto& entry : (*listing)->entries) {
            names.push_back(entry.name);
        }
        EXPECT_EQ(names, here);
        EXPECT_EQ(this->names(".trees/models/acme/tiny"), (Names{std::string(40, 'b')}));
    }
    fs_.reset();
    catalog_.reset();
    open_catalog(true);
    mount(cache_);
    EXPECT_EQ(names("models/acme/tiny"), here);
}

TEST_F(Listings, StatusFilesAreReadAnewAndDirectly) {
    EXPECT_EQ(names(".status"), (Names{"cache", "changes", "epoch", "version"}));
    EXPECT_TRUE(absent(".status/nothing"));
    const auto epoch = lookup(".status/epoch");
    EXPECT_EQ(epoch->attributes.size_bytes, 0U);
    const auto handle = open(epoch->attributes.ino);
    ASSERT_TRUE(handle);
    EXPECT_TRUE((*handle)->direct_io());
    EXPECT_FALSE((*handle)->keep_pages());
    EXPECT_EQ(read(**handle), "0\n");
    withdraw();
    EXPECT_EQ(read(**handle, 1), "\n") << "a read that goes on stays in the text it began";
    EXPECT_EQ(read(**handle), "1\n");
    EXPECT_EQ(read(**open(ino(".status/changes"))), "1 models/acme/tiny gated\n");
    EXPECT_EQ(read(**open(ino(".status/cache"))), "{}");
    EXPECT_EQ(read(**open(ino(".status/version"))), HFM_VERSION "\n");
}

// P30
TEST_F(Listings, AnApiAnswerIsAFileUntilItExpires) {
    const std::string target = "/api/models?search=" + std::string(300, 'x');
    hub_.answer(target, "[]");
    std::string path = ".api";
    for (const auto& component : contract::api_components(target)) {
        path += "/" + component;
    }
    const auto found = lookup(path);
    ASSERT_TRUE(found && found->present);
    EXPECT_EQ(kind_of(found->attributes.ino), InoKind::document);
    EXPECT_EQ(found->attributes.size_bytes, 2U);
    EXPECT_EQ(found->valid, kRef);
    const auto handle = open(found->attributes.ino);
    ASSERT_TRUE(handle);
    EXPECT_EQ(read(**handle), "[]");
    EXPECT_EQ(xattrs(path), (Names{"user.hub.status", "user.hub.content_type", "user.hub.etag",
                                   "user.hub.checked", "user.hub.how", "user.hub.expires"}));
    EXPECT_EQ(xattr(path, "user.hub.status"), "200");
    EXPECT_TRUE(xattr(path, "user.hub.etag").starts_with("W/\"2-"));
    EXPECT_EQ(xattr(path, "user.hub.how"), "fetched");
    EXPECT_EQ(xattr(path, "user.hub.expires"), "2026-01-01T00:05:00.000000Z");
    EXPECT_EQ(xattr(path, "user.hub.link"), "no_attribute");
    EXPECT_EQ(list(found->attributes.ino).error().code, Code::not_directory);
    EXPECT_EQ(lookup(found->attributes.ino, "x").error().code, Code::not_directory);
}

TEST_F(Listings, A404OfTheApiIsAFileToo) {
    const std::string path = ".api/%2Fapi%2Fmodels%2Facme%2Fnothing";
    EXPECT_EQ(xattr(path, "user.hub.status"), "404");
    EXPECT_EQ(xattr(path, "user.hub.error_code"), "RepoNotFound");
    EXPECT_EQ(xattr(path, "user.hub.error_message"), "Repository not found");
}

// P29
TEST_F(Listings, AnOpenDocumentKeepsItsBodyWhenANewVersionComes) {
    const std::string target = "/api/models?limit=5";
    hub_.answer(target, "[]");
    const std::string path = ".api/%2Fapi%2Fmodels?limit=5";
    const auto before = ino(path);
    const auto handle = open(before);
    hub_.answer(target, "[1]");
    EXPECT_EQ(ino(path), before) << "until it expires";
    clock_.advance(kRef);
    const auto after = ino(path);
    EXPECT_NE(after, before);
    EXPECT_EQ(read(**handle), "[]");
    EXPECT_EQ(read(**open(before)), "[]");
    EXPECT_EQ(read(**open(after)), "[1]");
}

// P21
TEST_F(Listings, AnApiFailureIsItsErrorAndWhatIsNotOfferedIsAbsent) {
    for (const auto code : {Code::unreachable, Code::rate_limited, Code::unavailable}) {
        hub_.fail(code);
        clock_.advance(1min);
        EXPECT_EQ(failure(".api/%2Fapi%2Fmodels?limit=5"), code);
    }
    (void)asked();
    EXPECT_TRUE(absent(".api/%2Fapi%2Fwhoami-v2"));
    EXPECT_TRUE(absent(".api/anything"));
    EXPECT_TRUE(asked().empty());
    EXPECT_TRUE(names(".api").empty());
}

// P33
TEST_F(Listings, AnswersAboutARepositoryThatIsNotPublicAreRefused) {
    add_repo("acme/secret", hub::RepoState::gated);
    EXPECT_EQ(failure(".api/%2Fapi%2Fmodels%2Facme%2Fsecret"), Code::gated);
    EXPECT_EQ(failure(".api/%2Fapi%2Fmodels%2Facme%2Fsecret%2Frefs"), Code::gated);
}

// P35
TEST_F(Listings, ADocumentIsRefusedOnceItsRepositoryIsKnownNotToBePublic) {
    add_tiny();
    const auto info = ino(".api/%2Fapi%2Fmodels%2Facme%2Ftiny");
    EXPECT_TRUE(open(info));
    withdraw();
    EXPECT_EQ(open(info).error().code, Code::gated);
    EXPECT_EQ(xattr(info, "user.hub.status").error().code, Code::gated);
}

}  // namespace
}  // namespace hubfs::tree
