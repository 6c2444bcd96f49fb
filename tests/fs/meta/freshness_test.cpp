// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/freshness.h"

#include <gtest/gtest.h>

namespace hubfs::meta {
namespace {

using std::chrono::milliseconds;

TEST(Freshness, IsDecidedByAgeAlone) {
    struct Row {
        const char* name;
        std::int64_t age_ms;
        std::int64_t lifetime_ms;
        std::int64_t stale_ms;
        Verdict verdict;
    };
    const Row rows[] = {
        {"just asked", 0, 1000, 5000, Verdict::fresh},
        {"one before the end", 999, 1000, 5000, Verdict::fresh},
        {"the end is not in it", 1000, 1000, 5000, Verdict::usable},
        {"old but usable", 4999, 1000, 5000, Verdict::usable},
        {"too old", 5000, 1000, 5000, Verdict::must_ask},
        {"never stale", 1000, 1000, 0, Verdict::must_ask},
        {"fresh for longer than stale", 3000, 4000, 1000, Verdict::fresh},
        {"no lifetime: always ask", 0, 0, 5000, Verdict::usable},
        {"the clock was set back", -1, 1000, 5000, Verdict::usable},
        {"set back, nothing stale allowed", -1, 1000, -10, Verdict::must_ask},
    };
    const Instant now{std::chrono::seconds(1767225600)};
    for (const Row& row : rows) {
        const Lifespan lifespan{milliseconds(row.lifetime_ms), milliseconds(row.stale_ms)};
        EXPECT_EQ(judge(now, now - milliseconds(row.age_ms), lifespan), row.verdict) << row.name;
    }
}

TEST(Freshness, ErrorsLiveAsAbsentNamesAndAreNeverStale) {
    CatalogConfig config;
    EXPECT_EQ(document_lifetime(config, 200).lifetime, config.document);
    EXPECT_EQ(document_lifetime(config, 200).stale, config.stale);
    for (const int status : {400, 401, 403, 404, 451}) {
        EXPECT_EQ(document_lifetime(config, status).lifetime, config.absent) << status;
        EXPECT_EQ(document_lifetime(config, status).stale.count(), 0) << status;
    }
}

TEST(Freshness, ARepositoryThatIsGoneIsAskedForAsSoonAsAnAbsentName) {
    CatalogConfig config;
    EXPECT_EQ(repo_lifetime(config, hub::RepoState::gone).lifetime, config.absent);
    EXPECT_EQ(repo_lifetime(config, hub::RepoState::open).lifetime, config.state);
    EXPECT_EQ(repo_lifetime(config, hub::RepoState::gated).lifetime, config.state);
}

TEST(Freshness, ARefDoesNotOutliveTheState) {
    CatalogConfig config;
    EXPECT_EQ(ref_lifetime(config).lifetime, config.ref);
    config.state = milliseconds(7);
    EXPECT_EQ(ref_lifetime(config).lifetime, milliseconds(7));
}

}  // namespace
}  // namespace hubfs::meta
