// SPDX-License-Identifier: Apache-2.0
#include "fs/hub/types.h"

#include <gtest/gtest.h>

namespace hubfs::hub {
namespace {

TEST(RepoStates, have_the_names_of_the_mount_contract) {
    EXPECT_EQ(name_of(RepoState::open), "public");
    EXPECT_EQ(name_of(RepoState::gated), "gated");
    EXPECT_EQ(name_of(RepoState::private_), "private");
    EXPECT_EQ(name_of(RepoState::disabled), "disabled");
    EXPECT_EQ(name_of(RepoState::gone), "gone");
}

}  // namespace
}  // namespace hubfs::hub
