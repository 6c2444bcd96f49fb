// SPDX-License-Identifier: Apache-2.0
#include "fs/app/job_ops.h"

#include <gtest/gtest.h>

namespace hubfs::app {
namespace {

TEST(JobOps, ALineSaysWhichFilesItIsAbout) {
    const auto request = files_request(
        R"({"op":"prefetch","type":"dataset","repo":"a/b","revision":"v1","include":["*.csv"]})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->repo, (RepoKey{RepoType::dataset, "a/b"}));
    EXPECT_EQ(request->revision, "v1");
    EXPECT_EQ(request->include, std::vector<std::string>{"*.csv"});
    EXPECT_TRUE(request->exclude.empty());
    EXPECT_EQ(files_request(R"({"repo":"gpt2"})")->revision, "main");
}

TEST(JobOps, WhatIsNoRequestIsRefusedWithTheReason) {
    for (const std::string_view line :
         {"{}", R"({"repo":1})", R"({"repo":"../x"})", R"({"repo":"a/b","type":"space"})",
          R"({"repo":"a/b","include":"*"})", R"({"repo":"a/b","exclude":[1]})",
          R"({"repo":"a/b","revision":null})"}) {
        const auto request = files_request(line);
        ASSERT_FALSE(request) << line;
        EXPECT_EQ(request.error().code, Code::invalid) << line;
    }
}

TEST(JobOps, AJobIsToldWithItsCountersAndItsError) {
    JobView job{.id = 7, .kind = "prefetch", .what = "models/a/b@main"};
    job.files = 1;
    job.files_total = 2;
    job.bytes = 10;
    job.bytes_total = 20;
    EXPECT_EQ(jobs_json({job}),
              R"([{"job":7,"kind":"prefetch","what":"models/a/b@main","state":"running",)"
              R"("started":"1970-01-01T00:00:00.000000Z","files":1,"files_total":2,)"
              R"("files_failed":0,"files_damaged":0,"files_repaired":0,)"
              R"("bytes":10,"bytes_total":20}])");
    job.damaged = {"x/y.bin"};
    EXPECT_NE(jobs_json({job}).find(R"("damaged":["x/y.bin"])"), std::string::npos);
    job.state = JobState::failed;
    job.ended = Instant{};
    job.error = "x \"y\"";
    const std::string text = jobs_json({job});
    EXPECT_NE(text.find(R"("state":"failed")"), std::string::npos);
    EXPECT_NE(text.find(R"("error":"x \"y\"")"), std::string::npos);
    EXPECT_EQ(jobs_json({}), "[]");
}

}  // namespace
}  // namespace hubfs::app
