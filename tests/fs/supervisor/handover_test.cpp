// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/handover.h"

#include <gtest/gtest.h>

namespace hubfs::supervisor {
namespace {

TEST(Handover, WhatIsWrittenIsRead) {
    for (const Handover& each :
         {Handover{}, Handover{0xffffffffU, 131072, true, true, 1ULL << 40}}) {
        EXPECT_EQ(handover_from(to_text(each)), each);
    }
}

TEST(Handover, AnythingElseIsRefused) {
    for (const std::string_view text :
         {"", "1", "1 1 2 3 0 4", "1 1 2 0 3 4", "1 1 2 1 4", "1 1 2 1 1 4 5", "1 x 2 1 1 4",
          "1 1 2 1 1 4x", "1 -1 2 1 1 4", "1 4294967296 2 1 1 4", "2 1 2 1 1 4", "1 2 1 1 4"}) {
        EXPECT_FALSE(handover_from(text)) << text;
    }
}

}  // namespace
}  // namespace hubfs::supervisor
