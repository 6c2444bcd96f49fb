// SPDX-License-Identifier: Apache-2.0
#include "fs/app/kernel_memory.h"

#include <gtest/gtest.h>

namespace hubfs::app {
namespace {

TEST(KernelMemory, ARepositoryStandsInItsNamespaceOrUnderADash) {
    using Place = std::pair<std::string, std::string>;
    EXPECT_EQ(place_of({RepoType::model, "BAAI/bge-m3"}), (Place{"models/BAAI", "bge-m3"}));
    EXPECT_EQ(place_of({RepoType::dataset, "a/b"}), (Place{"datasets/a", "b"}));
    EXPECT_EQ(place_of({RepoType::model, "gpt2"}), (Place{"models/-", "gpt2"}));
}

TEST(KernelMemory, ADocumentStandsBelowTheCutPartsOfItsTarget) {
    using Place = std::pair<std::string, std::string>;
    EXPECT_EQ(place_of("/api/models"), (Place{".api", "%2Fapi%2Fmodels"}));
    const auto [directory, name] = place_of("/api/models?search=" + std::string(300, 'x'));
    EXPECT_TRUE(directory.starts_with(".api/%2Fapi%2Fmodels?search=x") && directory.ends_with('+'));
    EXPECT_EQ(name.find_first_not_of('x'), std::string::npos);
}

TEST(KernelMemory, UnconnectedItDropsChanges) {
    KernelMemory memory;
    memory.state_changed({RepoType::model, "a/b"});
    memory.document_renewed("/api/models");
    memory.content_dropped({});
    memory.disconnect();
}

}  // namespace
}  // namespace hubfs::app
