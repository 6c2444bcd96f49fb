// SPDX-License-Identifier: Apache-2.0
// Names outside commits: namespaces, repositories, links, revisions, trees.
#include "fs/tree/resolve.h"

#include "tests/fs/tree/tree_fixture.h"

namespace hubfs::tree {
namespace {

class Resolve : public TreeTest {};

using hub::RepoState;

// P9
TEST_F(Resolve, TheRootHoldsTwoTypesAndHidesWhatBeginsWithADot) {
    EXPECT_EQ(names(""), (std::vector<std::string>{"datasets", "models"}));
    for (const auto* hidden : {".trees", ".api", ".status"}) {
        EXPECT_EQ(lookup(hidden)->attributes.kind, NodeKind::directory) << hidden;
    }
    for (const auto* later : {"hub", "catalog", "indexes", "spaces", ".git"}) {
        EXPECT_TRUE(absent(later)) << later;
    }
    EXPECT_TRUE(asked().empty());
}

// P11
TEST_F(Resolve, ARepositoryIsADirectoryUntilItsAnswerExpires) {
    add_repo("acme/tiny");
    const auto found = lookup("models/acme/tiny");
    ASSERT_TRUE(found && found->present);
    EXPECT_EQ(found->attributes.kind, NodeKind::directory);
    EXPECT_EQ(found->attributes.mtime, instant_from("2023-11-14T22:13:20.000Z"))
        << "the date of what main points to";
    EXPECT_EQ(found->valid, kState);
    clock_.advance(20min);
    EXPECT_EQ(lookup("models/acme/tiny")->valid, 40min);
}

// P14
TEST_F(Resolve, AnUnknownFirstNameIsAskedForOnceAndIsANamespaceWithoutARepository) {
    const auto found = lookup("models/acme");
    EXPECT_EQ(found->attributes.kind, NodeKind::directory);
    EXPECT_EQ(found->valid, kGuessValid);
    EXPECT_EQ(asked(), (std::vector<std::string>{"/api/models/acme/revision/main"}));
    EXPECT_EQ(lookup("models/acme")->attributes.kind, NodeKind::directory);
    EXPECT_TRUE(asked().empty()) << "the catalogue remembers the answer";
    EXPECT_TRUE(names("models/acme").empty());
}

// P14
TEST_F(Resolve, ANamespaceInUseHereIsADirectoryWithoutAQuestion) {
    add_repo("acme/tiny");
    add_repo("acme");  // a repository of one segment by the same name
    EXPECT_EQ(link("models/acme"), "-/acme");
    EXPECT_TRUE(answer_of<meta::RepoView>(
        [&](auto done) { catalog_->repo(model("acme/tiny"), std::move(done)); }));
    (void)asked();
    EXPECT_EQ(lookup("models/acme")->attributes.kind, NodeKind::directory);
    EXPECT_EQ(lookup("models/acme")->valid, kNamespaceValid);
    EXPECT_EQ(lookup("models/-/acme")->attributes.kind, NodeKind::directory);
    EXPECT_TRUE(asked().empty());
}

// P12
TEST_F(Resolve, AOneSegmentNameIsALinkToWhereTheRepositoryIs) {
    add_repo("gpt2");
    rename("bert", "google-bert/bert");
    rename("GPT2", "gpt2");
    EXPECT_EQ(link("models/gpt2"), "-/gpt2");
    EXPECT_EQ(link("models/GPT2"), "-/gpt2");
    EXPECT_EQ(link("models/bert"), "google-bert/bert");
    EXPECT_EQ(lookup("models/-/gpt2")->attributes.kind, NodeKind::directory);
    EXPECT_EQ(link("models/-/bert"), "../google-bert/bert");
    EXPECT_EQ(link("models/-/GPT2"), "gpt2");
}

// P13
TEST_F(Resolve, AWrongLetterCaseOrAnOldNameIsALinkToTheRightOne) {
    add_repo("BAAI/bge-m3");
    rename("baai/bge-m3", "BAAI/bge-m3");
    rename("BAAI/BGE-M3", "BAAI/bge-m3");
    rename("old/name", "new/name");
    rename("old/single", "single");
    EXPECT_EQ(link("models/baai/bge-m3"), "../BAAI/bge-m3");
    EXPECT_EQ(link("models/BAAI/BGE-M3"), "bge-m3");
    EXPECT_EQ(link("models/old/name"), "../new/name");
    EXPECT_EQ(link("models/old/single"), "../-/single");
    EXPECT_EQ(link(".trees/models/old/name"), "../new/name");
}

// P31
TEST_F(Resolve, ARepositoryThatDoesNotExistIsAbsentForSeconds) {
    const auto found = lookup("models/acme/nothing");
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->present);
    EXPECT_EQ(found->valid, kAbsentValid);
}

// P37
TEST_F(Resolve, AFailureOfUpstreamIsNeverAnAbsence) {
    for (const auto code : {Code::unreachable, Code::timed_out, Code::rate_limited,
                            Code::unavailable, Code::protocol, Code::offline}) {
        hub_.fail(code);
        clock_.advance(1min);  // the last failure is remembered for a moment
        // The first name is taken for a namespace for a second; the repository tells the truth.
        EXPECT_EQ(lookup("models/acme")->valid, 1s);
        EXPECT_EQ(failure("models/acme/tiny"), code) << name_of(code);
    }
}

TEST_F(Resolve, AFirstNameThatHangsHoldsUpNobodyWhoWantsARepositoryBelowIt) {
    add_tiny();
    source_.set_api("/api/models/acme/revision/main", Error{Code::timed_out, "deadline"});
    EXPECT_EQ(lookup("models/acme")->attributes.kind, NodeKind::directory);
    EXPECT_TRUE(lookup("models/acme/tiny")->present);
    EXPECT_TRUE(lookup("models/acme")->present);
}

// P14
TEST_F(Resolve, BelowARepositoryTakenForANamespaceTheKernelWalksThePathAgain) {
    const auto guess = ino("models/gpt2");  // nobody knew better
    add_repo("gpt2");
    clock_.advance(1min);
    const auto below = lookup(guess, "main");
    ASSERT_FALSE(below);
    EXPECT_EQ(below.error().code, Code::stale);
    EXPECT_EQ(link("models/gpt2"), "-/gpt2");
    // While nobody can tell, it is not absent either.
    const auto other = ino("models/other");
    source_.set_api("/api/models/other/revision/main", Error{Code::unavailable, "fake"});
    clock_.advance(1min);
    EXPECT_EQ(lookup(other, "main").error().code, Code::unavailable);
}

// P24
TEST_F(Resolve, LinksAndRepositoriesHaveTheDateOfTheirCommitAlsoAfterARestart) {
    const auto date = instant_from("2023-11-14T22:13:20.000Z");
    add_tiny();
    add_repo("gpt2");
    for (int start = 0; start < 2; ++start) {
        for (const auto* path : {"models/acme/tiny", "models/acme/tiny/main",
                                 "models/acme/tiny/v1.0", "models/gpt2", "models/-/gpt2"}) {
            EXPECT_EQ(lookup(path)->attributes.mtime, date) << path;
            EXPECT_EQ(attributes(ino(path))->mtime, date) << path;
        }
        for (const auto* path : {"models/acme", "models/-"}) {
            const auto listing = *list(ino(path));
            for (const auto& entry : listing->entries) {
                EXPECT_EQ(entry.attributes.mtime, date) << path << "/" << entry.name;
            }
        }
        const auto listing = *list(ino("models/acme/tiny"));
        for (const auto& entry : listing->entries) {
            if (entry.complete) {
                EXPECT_EQ(entry.attributes.mtime, date) << entry.name;
            }
        }
        fs_.reset();
        catalog_.reset();
        open_catalog();
        mount(cache_);
    }
}

// P15
TEST_F(Resolve, NamesThatCanBeNoRepositoryAreAbsentWithoutAQuestion) {
    for (const auto* path : {"models/a b", "models/é", "models/-/-", "datasets/x:y"}) {
        EXPECT_TRUE(absent(path)) << path;
    }
    EXPECT_TRUE(absent("models/" + std::string(97, 'a')));
    EXPECT_TRUE(asked().empty());
}

TEST_F(Resolve, ANameOver255BytesIsTooLong) {
    EXPECT_EQ(failure("models/" + std::string(256, 'a')), Code::name_too_long);
}

// P33
TEST_F(Resolve, ARepositoryThatIsNotPublicCanBeLookedUpButNotEntered) {
    const struct {
        RepoState state;
        Code code;
    } cases[] = {{RepoState::gated, Code::gated},
                 {RepoState::private_, Code::denied},
                 {RepoState::disabled, Code::denied}};
    for (const auto& expected : cases) {
        const std::string id = "acme/" + std::string(hub::name_of(expected.state));
        add_repo(id, expected.state);
        const auto repo = ino("models/" + id);
        EXPECT_EQ(xattr("models/" + id, "user.hub.state"), hub::name_of(expected.state));
        EXPECT_EQ(lookup(repo, "main").error().code, expected.code);
        EXPECT_EQ(lookup(repo, std::string(40, 'b')).error().code, expected.code);
        EXPECT_EQ(list(repo).error().code, expected.code);
        EXPECT_EQ(xattr(repo, "user.hub.ref.main").error().code, expected.code);
        EXPECT_EQ(lookup(ino(".trees/models/" + id), std::string(40, 'b')).error().code,
                  expected.code);
    }
}

TEST_F(Resolve, BelowARepositoryThatIsGoneThereIsNothing) {
    add_tiny();
    const auto repo = ino("models/acme/tiny");
    add_repo("acme/tiny", RepoState::gone);
    clock_.advance(2 * kState);
    EXPECT_FALSE(lookup(repo, "main")->present);
    EXPECT_EQ(list(repo).error().code, Code::not_found);
}

// P16
TEST_F(Resolve, ABranchTagPullRequestOrShortHashIsALinkToItsCommit) {
    add_tiny();
    hub_.repo(model("acme/tiny")).unlisted = {{"refs/pr/1", commit_of('c')},
                                              {"refs/convert/parquet", commit_of('d')},
                                              {"bbbbbbb", commit_of('b')}};
    hub_.publish();
    EXPECT_EQ(link("models/acme/tiny/main"), std::string(40, 'b'));
    EXPECT_EQ(link("models/acme/tiny/v1.0"), std::string(40, 'b'));
    EXPECT_EQ(link("models/acme/tiny/bbbbbbb"), std::string(40, 'b'));
    EXPECT_EQ(link("models/acme/tiny/refs%2Fpr%2F1"), std::string(40, 'c'));
    EXPECT_EQ(link("models/acme/tiny/refs%2Fconvert%2Fparquet"), std::string(40, 'd'));
    EXPECT_EQ(lookup("models/acme/tiny/main")->valid, kRef);
}

// P20
TEST_F(Resolve, ALinkMovesWithItsBranchAndKeepsItsInodeNumber) {
    add_tiny();
    EXPECT_EQ(link("models/acme/tiny/main"), std::string(40, 'b'));
    const auto before = ino("models/acme/tiny/main");
    hub_.repo(model("acme/tiny")).branches["main"] = commit_of('c');
    hub_.publish();
    EXPECT_EQ(link("models/acme/tiny/main"), std::string(40, 'b')) << "until it expires";
    clock_.advance(kRef);
    EXPECT_EQ(link("models/acme/tiny/main"), std::string(40, 'c'));
    EXPECT_EQ(ino("models/acme/tiny/main"), before);
}

// P31
TEST_F(Resolve, ARevisionThatDoesNotExistIsAbsentForSeconds) {
    add_tiny();
    EXPECT_EQ(lookup("models/acme/tiny/nothing")->valid, kAbsentValid);
    EXPECT_TRUE(absent("models/acme/tiny/nothing"));
    EXPECT_TRUE(absent("models/acme/tiny/" + std::string(40, 'e')));
    (void)asked();
    EXPECT_TRUE(absent("models/acme/tiny/.git"));
    EXPECT_TRUE(asked().empty());
}

// P24
TEST_F(Resolve, ACommitIsADirectoryForEverWithTheDateOfTheCommit) {
    add_tiny();
    const auto found = lookup(tiny_commit());
    EXPECT_EQ(found->attributes.kind, NodeKind::directory);
    EXPECT_EQ(kind_of(found->attributes.ino), InoKind::entry);
    EXPECT_EQ(minor_of(found->attributes.ino), 0U);
    EXPECT_EQ(found->attributes.mtime, Instant(1'700'000'000s));
    EXPECT_EQ(found->valid, kForever);
}

TEST_F(Resolve, ACommitInCapitalsIsALinkToItsUsualName) {
    add_tiny();
    EXPECT_EQ(link("models/acme/tiny/" + std::string(40, 'B')), std::string(40, 'b'));
    EXPECT_TRUE(absent("models/acme/tiny/" + std::string(40, 'E')));
}

TEST_F(Resolve, ARenamedRepositoryAnswersStaleBelowItsOldName) {
    add_tiny();
    const auto main = ino("models/acme/tiny/main");
    const auto repo = ino("models/acme/tiny");
    rename("acme/tiny", "acme/small");
    clock_.advance(2 * kState);
    EXPECT_EQ(lookup(repo, "main").error().code, Code::stale);
    EXPECT_EQ(attributes(main).error().code, Code::stale);
    EXPECT_EQ(xattr(repo, "user.hub.state").error().code, Code::stale);
    EXPECT_EQ(attributes(repo)->kind, NodeKind::symlink);
}

TEST_F(Resolve, TheTreeOfACommitIsAFileOfExactSize) {
    add_tiny();
    const auto found = lookup(".trees/models/acme/tiny/" + std::string(40, 'b'));
    ASSERT_TRUE(found && found->present);
    EXPECT_EQ(found->attributes.kind, NodeKind::file);
    EXPECT_EQ(found->valid, kForever);
    const auto handle = open(found->attributes.ino);
    ASSERT_TRUE(handle);
    const auto text = read(**handle);
    std::string expected;
    for (const auto& entry : hub_.repo(model("acme/tiny")).commits.at(commit_of('b'))) {
        expected += hub::to_json(entry) + "\n";
    }
    EXPECT_EQ(text, expected);
    EXPECT_EQ(text.size(), found->attributes.size_bytes);
    EXPECT_EQ(read(**handle, 5, 6), expected.substr(5, 6));
    EXPECT_EQ(read(**handle, text.size()), "");
    EXPECT_TRUE((*handle)->keep_pages());
    EXPECT_TRUE(absent(".trees/models/acme/tiny/main"));
}

TEST_F(Resolve, AnAnswerThatTakesTimeComesOnceWhenItIsThere) {
    add_repo("acme/tiny");
    const auto parent = ino("models/acme");
    source_.hold();
    std::promise<bool> present;
    std::atomic<int> answers = 0;
    fs_->lookup(parent, "tiny", [&](Result<Lookup> found) {
        ++answers;
        present.set_value(found && found->present);
    });
    ASSERT_TRUE(source_.wait_held(1));
    EXPECT_EQ(answers, 0);
    // The filesystem may be gone before the answer: callbacks hold only what outlives it.
    fs_.reset();
    source_.release();
    EXPECT_TRUE(present.get_future().get());
    EXPECT_EQ(answers, 1);
}

// P25
TEST_F(Resolve, WhatTheKernelStillKnowsAfterARestartIsFoundByItsNumber) {
    add_tiny();
    add_repo("gpt2");
    hub_.answer("/api/models?limit=5", "[]");
    std::vector<std::pair<Ino, NodeKind>> known;
    for (const std::string& path :
         {std::string("models"), std::string("models/acme"), std::string("models/gpt2"),
          std::string("models/acme/tiny"), std::string("models/acme/tiny/main"), tiny_commit(),
          tiny_commit() + "/onnx", tiny_commit() + "/onnx/model.onnx",
          ".trees/models/acme/tiny/" + std::string(40, 'b'), std::string(".status/epoch"),
          std::string(".api/%2Fapi%2Fmodels?limit=5")}) {
        const auto found = lookup(path);
        ASSERT_TRUE(found && found->present) << path;
        known.emplace_back(found->attributes.ino, found->attributes.kind);
    }
    mount(cache_);
    for (const auto& [at, kind] : known) {
        const auto again = attributes(at);
        ASSERT_TRUE(again) << at.value << again.error().message;
        EXPECT_EQ(again->ino, at);
        EXPECT_EQ(again->kind, kind);
    }
}

// P26
TEST_F(Resolve, ANumberNobodyGaveOutIsStale) {
    add_tiny();
    const auto commit = major_of(ino(tiny_commit()));
    for (const auto at : {path_ino(9'999'999), entry_ino(commit + 70, 1), entry_ino(commit, 99),
                          document_ino(99, 1), Ino{3ULL << 61}}) {
        EXPECT_EQ(attributes(at).error().code, Code::stale) << at.value;
        EXPECT_EQ(open(at).error().code, Code::stale) << at.value;
    }
}

}  // namespace
}  // namespace hubfs::tree
