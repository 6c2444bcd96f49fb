// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/kernel.h"

#include <gtest/gtest.h>

namespace hubfs::doctor {
namespace {

TEST(Kernel, ReadsWhatUnameSays) {
    EXPECT_EQ(kernel_from("6.1.0-40-amd64"), (KernelVersion{6, 1}));
    EXPECT_EQ(kernel_from("6.18"), (KernelVersion{6, 18}));
    EXPECT_EQ(kernel_from("10.2-rc1"), (KernelVersion{10, 2}));
    for (const char* const wrong : {"", "6", "6.", "x.1", "-1.2", "6.-1", "Linux 6.1"}) {
        EXPECT_FALSE(kernel_from(wrong).has_value()) << wrong;
    }
    EXPECT_LT((KernelVersion{6, 9}), (KernelVersion{6, 12}));
}

TEST(Kernel, SaysWhatEachGives) {
    const struct {
        const char* release;
        Verdict verdict;
        const char* has;
    } cases[] = {
        {"5.10.0", Verdict::note, "older than any"},
        {"6.1.0-40-amd64", Verdict::note, "no passthrough"},
        {"6.12.5", Verdict::pass, "passthrough, resend (6.18 adds request timeout, epoch, prune)"},
        {"6.16.1", Verdict::pass, "request timeout, epoch (6.18 adds prune)"},
        {"6.18.44", Verdict::pass, "request timeout, epoch, prune"},
        {"7.0.0", Verdict::pass, "prune"},
        {"odd", Verdict::note, "unknown"},
    };
    for (const auto& one : cases) {
        const Finding finding = judge_kernel(one.release);
        EXPECT_EQ(finding.verdict, one.verdict) << one.release;
        EXPECT_NE(finding.line.find(one.has), std::string::npos) << finding.line;
    }
    EXPECT_NE(judge_kernel("6.1.0").advice.find("6.12"), std::string::npos);
}

}  // namespace
}  // namespace hubfs::doctor
