// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/doctor.h"

#include <gtest/gtest.h>

namespace hubfs::cli {
namespace {

TEST(Doctor, ReadsWhatTheRunningHubfsHolds) {
    EXPECT_EQ(held_bytes_in(R"({"cache":{"used_bytes":4096}})"), 4096U);
    for (const char* const other :
         {"", "{}", "[]", R"({"cache":{}})", R"({"cache":[]})", R"({"cache":{"used_bytes":"1"}})",
          R"({"cache":{"used_bytes":-1}})"}) {
        EXPECT_FALSE(held_bytes_in(other).has_value()) << other;
    }
}

TEST(Doctor, WordsThatCanNeverWorkAreUsage) {
    for (const char* const url : {"", "mirror", "ftp://mirror", "http://", "http://m/?x"}) {
        DoctorArguments arguments;
        arguments.client = url;
        EXPECT_EQ(run_doctor_of_client(arguments), 2) << url;
    }
    DoctorArguments arguments;
    arguments.client = "http://127.0.0.1:1";
    arguments.repo = "a/b/c";
    EXPECT_EQ(run_doctor_of_client(arguments), 2);
}

}  // namespace
}  // namespace hubfs::cli
