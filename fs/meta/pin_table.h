// SPDX-License-Identifier: Apache-2.0
// What the operator wants to stay in the cache: chosen files of commits (docs/formats.md, table
// pins). One pin per repository and revision as it was named; the commit is the one it meant then.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/meta/schema.h"

namespace hubfs::meta {

class Database;

struct Pin {
    RepoKey repo;          // canonical
    std::string revision;  // as it was asked for: "main", or 40 hex digits
    PinRow row;
};

class PinTable {
public:
    explicit PinTable(Database& database) : database_(database) {}

    // Durable when they return. A pin of the same name is replaced.
    [[nodiscard]] Status put(const Pin& pin);
    // Whether there was one.
    [[nodiscard]] Result<bool> erase(const RepoKey& repo, const std::string& revision);
    [[nodiscard]] Result<std::vector<Pin>> all() const;

private:
    Database& database_;
};

}  // namespace hubfs::meta
