// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/jobs.h"

#include <gtest/gtest.h>

namespace hubfs::cli {
namespace {

TEST(Jobs, AQuestionNamesRepositoryAndRevision) {
    JobArguments arguments;
    arguments.kind = "prefetch";
    arguments.what = "a/b@refs/pr/1";
    arguments.repo_type = "dataset";
    arguments.include = {"*.csv", "x[1]"};
    EXPECT_EQ(*job_question(arguments),
              R"({"op":"prefetch","type":"dataset","repo":"a/b","revision":"refs/pr/1",)"
              R"("include":["*.csv","x[1]"],"exclude":[]})");
    arguments.what = "gpt2";
    EXPECT_NE(job_question(arguments)->find(R"("revision":"main")"), std::string::npos);
    arguments.pin = true;
    EXPECT_NE(job_question(arguments)->find(R"("pin":true)"), std::string::npos);
    for (const char* const wrong : {"a/b@", "a/b/c", "@main", "../b"}) {
        arguments.what = wrong;
        EXPECT_FALSE(job_question(arguments)) << wrong;
    }
}

TEST(Jobs, WithoutARepositoryItIsAboutEverything) {
    JobArguments arguments;
    arguments.kind = "verify";
    EXPECT_EQ(*job_question(arguments), R"({"op":"verify"})");
    arguments.include = {"*.json"};
    EXPECT_FALSE(job_question(arguments));
}

TEST(Jobs, ExportAndImportNameADirectoryByItsWholePath) {
    JobArguments arguments;
    arguments.kind = "import";
    arguments.dir = "/srv/out";
    EXPECT_EQ(*job_question(arguments), R"({"op":"import","dir":"/srv/out"})");
    arguments.kind = "export";
    arguments.what = "a/b";
    EXPECT_NE(job_question(arguments)->find(R"("dir":"/srv/out")"), std::string::npos);
    arguments.dir = "out";
    EXPECT_EQ(job_question(arguments)->find(R"("dir":"out")"), std::string::npos);
    EXPECT_NE(job_question(arguments)->find(R"(/out")"), std::string::npos);
}

TEST(Jobs, AreReadFromTheDaemonsAnswer) {
    const auto jobs =
        jobs_from(R"({"jobs":[{"job":3,"kind":"prefetch","what":"w","state":"failed","error":"e",)"
                  R"("files":1,"files_total":2,"files_failed":1,"bytes":5,"bytes_total":9}]})");
    ASSERT_TRUE(jobs);
    ASSERT_EQ(jobs->size(), 1U);
    EXPECT_EQ(jobs->front().id, 3U);
    EXPECT_EQ(jobs->front().state, "failed");
    EXPECT_EQ(jobs->front().bytes_total, 9U);
    EXPECT_TRUE(jobs->front().damaged.empty());
    const auto found = jobs_from(R"({"jobs":[{"damaged":["a.bin",1,"b"]}]})");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->front().damaged, (std::vector<std::string>{"a.bin", "b"}));
    for (const char* const wrong : {"", "{}", "[]", R"({"jobs":1})", R"({"jobs":[1]})"}) {
        EXPECT_FALSE(jobs_from(wrong)) << wrong;
    }
}

TEST(Jobs, ProgressHasARateAndTheTimeThatIsLeft) {
    JobLine job;
    job.state = "running";
    job.files = 3;
    job.files_total = 20;
    job.bytes = 1U << 20;
    job.bytes_total = 64U << 20;
    EXPECT_EQ(progress_text(job, 1 << 20), "3/20 files, 1.0 MiB of 64.0 MiB, 1.0 MiB/s, 1:03 left");
    EXPECT_EQ(progress_text(job, 0), "3/20 files, 1.0 MiB of 64.0 MiB");
    job.state = "done";
    job.files_failed = 2;
    job.files_damaged = 1;
    EXPECT_EQ(progress_text(job, 1 << 20), "3/20 files, 1.0 MiB of 64.0 MiB, 2 failed, 1 damaged");
    job.files_repaired = 1;
    EXPECT_TRUE(progress_text(job, 1 << 20).ends_with(", 1 damaged, 1 repaired"));
}

}  // namespace
}  // namespace hubfs::cli
