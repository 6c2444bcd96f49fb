// SPDX-License-Identifier: Apache-2.0
#include "fs/base/hash.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(Hash, NamesContentAsGitDoes) {
    // printf '' | git hash-object --stdin; printf 'hello\n' | git hash-object --stdin
    EXPECT_EQ(hash_content(HashKind::git_sha1, {}).hex(),
              "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    EXPECT_EQ(hash_content(HashKind::git_sha1, bytes("hello\n")).hex(),
              "ce013625030ba8dba906f756967f9e9ca394464a");
}

TEST(Hash, NamesContentBySha256) {
    EXPECT_EQ(hash_content(HashKind::sha256, bytes("abc")).hex(),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, MakesTheHubsWeakEtag) {
    // Recorded: the answer to a bad token on /api/whoami-v2.
    EXPECT_EQ(weak_api_etag(R"({"error":"Invalid username or password."})"),
              R"(W/"29-dEMcHWfJi78ZR1aqzb1ELAhp3Us")");
}

}  // namespace
}  // namespace hubfs
