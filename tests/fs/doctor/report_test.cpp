// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/report.h"

#include <gtest/gtest.h>

namespace hubfs::doctor {
namespace {

TEST(Report, EachFindingIsALineAndFailuresSayWhatToDo) {
    EXPECT_EQ(to_text(passed("range", "206"), "to do"), "pass  range             206\n");
    EXPECT_EQ(to_text(failed("head", "no ETag", "Add it."), "tell the operator"),
              "FAIL  head              no ETag\n      tell the operator: Add it.\n");
    EXPECT_EQ(to_text(noted("dns", "odd"), "to do"), "note  dns               odd\n");
    EXPECT_EQ(to_text({Verdict::pass, "x", "y", "unused"}, "to do"), "pass  x                 y\n");
}

TEST(Report, WhatServersSayCannotMoveTheCursor) {
    EXPECT_EQ(to_text(failed("x", "a\r\n\x1b[2Jb", "c\nd"), "to do"),
              "FAIL  x                 a???[2Jb\n      to do: c?d\n");
    EXPECT_LT(to_text(passed("x", std::string(100000, 'a')), "").size(), 1000U);
    EXPECT_NE(to_text(passed("x", "grüße"), "").find("grüße"), std::string::npos);
}

TEST(Report, SumsUp) {
    const Findings findings = {passed("a", ""), failed("b", "", ""), noted("c", "")};
    EXPECT_EQ(summary(findings), "1 passed, 1 failed, 1 note\n");
    EXPECT_TRUE(any_failed(findings));
    EXPECT_EQ(summary(Findings{}), "0 passed, 0 failed\n");
    EXPECT_FALSE(any_failed(Findings{noted("c", "")}));
}

}  // namespace
}  // namespace hubfs::doctor
