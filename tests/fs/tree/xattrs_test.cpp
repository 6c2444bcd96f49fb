// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/xattrs.h"

#include "fs/tree/xattr_rows.h"
#include "tests/fs/tree/tree_fixture.h"

namespace hubfs::tree {
namespace {

class Xattrs : public TreeTest {};

using Names = std::vector<std::string>;

TEST_F(Xattrs, AGitFileSaysWhatItIs) {
    add_tiny();
    const std::string path = tiny_commit() + "/README.md";
    const std::string oid = std::string(39, 'a') + "6";
    EXPECT_EQ(xattrs(path), (Names{"user.hub.commit", "user.hub.etag", "user.hub.oid",
                                   "user.hub.cached", "user.hub.verified"}));
    EXPECT_EQ(xattr(path, "user.hub.commit"), std::string(40, 'b'));
    EXPECT_EQ(xattr(path, "user.hub.etag"), oid);
    EXPECT_EQ(xattr(path, "user.hub.oid"), oid);
    EXPECT_EQ(xattr(path, "user.hub.sha256"), "no_attribute");
    EXPECT_EQ(xattr(path, "user.hub.cached"), "none");
    EXPECT_EQ(xattr(path, "user.hub.verified"), "0");
}

TEST_F(Xattrs, TheEtagOfAnLfsFileIsItsSha256) {
    add_tiny();
    const std::string path = tiny_commit() + "/model.safetensors";
    EXPECT_EQ(xattr(path, "user.hub.etag"), std::string(64, 'c'));
    EXPECT_EQ(xattr(path, "user.hub.sha256"), std::string(64, 'c'));
    EXPECT_EQ(xattr(path, "user.hub.oid"), std::string(39, 'a') + "0");
}

TEST_F(Xattrs, CachedRangesAreInclusiveAndAtMost64) {
    add_tiny();
    const std::string path = tiny_commit() + "/model.safetensors";
    auto& held = cache_.contents[*ContentHash::from_hex(HashKind::sha256, std::string(64, 'c'))];
    held = {.ranges = {{0, 1'048'576}, {2'097'152, 3'000'000}}, .verified = false};
    EXPECT_EQ(xattr(path, "user.hub.cached"), "0-1048575 2097152-2999999");
    held.ranges.clear();
    for (std::uint64_t i = 0; i < 100; ++i) {
        held.ranges.push_back({i * 10, i * 10 + 5});
    }
    EXPECT_EQ(std::ranges::count(xattr(path, "user.hub.cached"), '-'), 64);
    held = {.ranges = {{0, 3'000'000}}, .verified = true};
    EXPECT_EQ(xattr(path, "user.hub.verified"), "1");
}

// P27
TEST_F(Xattrs, HeldAnswersForAnyRangeAndCutsItAtTheEnd) {
    add_tiny();
    const std::string path = tiny_commit() + "/model.safetensors";
    cache_.contents[*ContentHash::from_hex(HashKind::sha256, std::string(64, 'c'))].ranges = {
        {0, 1'048'576}, {2'097'152, 3'000'000}};
    const struct {
        std::string range, value;
    } cases[] = {{"0-0", "1"},
                 {"0-1048575", "1"},
                 {"0-1048576", "0"},
                 {"1048576-1048576", "0"},
                 {"2097152-2999999", "1"},
                 {"2097152-18446744073709551615", "1"},
                 {"0-2999999", "0"},
                 {"3000000-3000000", "1"},
                 {"", "invalid"},
                 {"5", "invalid"},
                 {"5-", "invalid"},
                 {"-5", "invalid"},
                 {"6-5", "invalid"},
                 {"0x1-2", "invalid"},
                 {"+1-2", "invalid"},
                 {"1-2-3", "invalid"},
                 {"1 -2", "invalid"},
                 {"0-18446744073709551616", "invalid"}};
    for (const auto& expected : cases) {
        EXPECT_EQ(xattr(path, "user.hub.held." + expected.range), expected.value) << expected.range;
    }
    EXPECT_EQ(xattr(tiny_commit() + "/empty", "user.hub.held.0-0"), "1");
    EXPECT_EQ(xattr(tiny_commit() + "/onnx", "user.hub.held.0-0"), "no_attribute");
}

TEST_F(Xattrs, ACommitDirectoryNamesItsCommitAndWhenItsTreeWasFetched) {
    add_tiny();
    EXPECT_EQ(xattrs(tiny_commit()), (Names{"user.hub.commit", "user.hub.checked"}));
    EXPECT_EQ(xattr(tiny_commit(), "user.hub.commit"), std::string(40, 'b'));
    EXPECT_EQ(xattr(tiny_commit(), "user.hub.checked"), "2026-01-01T00:00:00.000000Z");
}

TEST_F(Xattrs, OtherDirectoriesLinksAndStatusFilesHaveNoAttributes) {
    add_tiny();
    for (const auto& path :
         {tiny_commit() + "/onnx", std::string("models"), std::string("models/acme"),
          std::string("models/acme/tiny/main"), std::string(".trees/models/acme/tiny"),
          std::string(".status/epoch")}) {
        EXPECT_TRUE(xattrs(path).empty()) << path;
        EXPECT_EQ(xattr(path, "user.hub.commit"), "no_attribute") << path;
    }
}

TEST_F(Xattrs, ARepositorySaysItsStateItsNameAndWhatWentWrongLast) {
    add_repo("acme/tiny");
    EXPECT_EQ(xattrs("models/acme/tiny"),
              (Names{"user.hub.state", "user.hub.id", "user.hub.ref.main"}));
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.state"), "public");
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.id"), "acme/tiny");
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.last_error"), "no_attribute");
    hub_.fail(Code::unreachable);
    clock_.advance(2 * kState);
    const auto repo = ino("models/acme/tiny");
    EXPECT_EQ(*xattr(repo, "user.hub.last_error"), "error=connection_refused");
    EXPECT_EQ(*xattr(repo, "user.hub.state"), "public");
    EXPECT_EQ(xattrs("models/acme/tiny")[2], "user.hub.last_error");
}

TEST_F(Xattrs, ReadingTheLastErrorAsksNobody) {
    add_repo("acme/tiny");
    const auto repo = ino("models/acme/tiny");
    clock_.advance(24h * 30);
    (void)asked();
    EXPECT_EQ(xattr(repo, "user.hub.last_error").error().code, Code::no_attribute);
    EXPECT_TRUE(asked().empty());
}

// P28
TEST_F(Xattrs, ReadingAReferenceOfARepositoryAsksForIt) {
    add_tiny();
    hub_.repo(model("acme/tiny")).unlisted["refs/pr/1"] = commit_of('c');
    hub_.publish();
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.ref.refs%2Fpr%2F1"),
              "commit=" + std::string(40, 'c') +
                  " checked=2026-01-01T00:00:00.000000Z how=fetched"
                  " expires=2026-01-01T00:05:00.000000Z");
    EXPECT_EQ(xattrs("models/acme/tiny").back(), "user.hub.ref.refs%2Fpr%2F1");
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.ref.nothing"), "no_attribute");
    hub_.fail(Code::unreachable);
    EXPECT_EQ(xattr("models/acme/tiny", "user.hub.ref.other"), "unreachable");
}

// P15, P52
TEST_F(Xattrs, NamesThatAreNoAttributesOfOursAskNobody) {
    add_tiny();
    const auto repo = ino("models/acme/tiny");
    clock_.advance(1h);
    (void)asked();
    for (const auto* name : {"security.selinux", "system.posix_acl_access", "user.hub.nothing",
                             "user.hub.ref.", "user.hub.ref..git", "user.hub.ref.a%2fb"}) {
        EXPECT_EQ(xattr(repo, name).error().code, Code::no_attribute) << name;
    }
    EXPECT_EQ(xattr(repo, "user.hub.ref." + std::string(40, 'b')).error().code, Code::no_attribute);
    EXPECT_TRUE(asked().empty());
}

TEST_F(Xattrs, AtMost100ReferencesAreListed) {
    auto& repo = add_repo("acme/many");
    for (int i = 0; i < 120; ++i) {
        repo.tags["v" + std::to_string(i)] = commit_of('b');
    }
    hub_.publish();
    for (int i = 0; i < 120; ++i) {
        (void)ino("models/acme/many/v" + std::to_string(i));
    }
    EXPECT_EQ(xattrs("models/acme/many").size(), 102U);
}

TEST_F(Xattrs, AReferenceTooLongForAnAttributeIsLeftOutOfTheList) {
    auto& repo = add_repo("acme/long");
    const std::string name(250, 'x');
    repo.branches[name] = commit_of('b');
    hub_.publish();
    EXPECT_EQ(link("models/acme/long/" + name), std::string(40, 'b'));
    for (const auto& listed : xattrs("models/acme/long")) {
        EXPECT_LE(listed.size(), kXattrNameMax);
    }
}

}  // namespace
}  // namespace hubfs::tree
