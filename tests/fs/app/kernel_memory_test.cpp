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

TEST(KernelMemory, UnconnectedItDropsChanges) {
    KernelMemory memory;
    memory.state_changed({RepoType::model, "a/b"}, hub::RepoState::gated);
    memory.content_dropped({});
    memory.disconnect();
}

}  // namespace
}  // namespace hubfs::app
