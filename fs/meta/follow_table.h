// SPDX-License-Identifier: Apache-2.0
// The branches and tags whose newest commit the operator wants here (docs/formats.md, table
// follows). One follow per repository and revision as they were named. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/meta/schema.h"

namespace hubfs::meta {

class Database;

struct Follow {
    RepoKey repo;  // as it was asked for: an old name stays
    std::string revision;
    FollowRow row;
};

class FollowTable {
public:
    explicit FollowTable(Database& database) : database_(database) {}

    // Durable when they return. A follow of the same name is replaced.
    [[nodiscard]] Status put(const Follow& follow);
    // Whether there was one.
    [[nodiscard]] Result<bool> erase(const RepoKey& repo, const std::string& revision);
    // Changes the row that has this `since`; false where there is none (any more). `edit` may run
    // more than once, each time on the row as it is stored.
    [[nodiscard]] Result<bool> change(const Follow& follow,
                                      const std::function<void(FollowRow&)>& edit);
    [[nodiscard]] Result<std::vector<Follow>> all() const;

private:
    Database& database_;
};

}  // namespace hubfs::meta
