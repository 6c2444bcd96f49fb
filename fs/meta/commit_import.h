// SPDX-License-Identifier: Apache-2.0
// A commit that comes from an export instead of from upstream (docs/formats-export.md): its
// repository, reference and tree as rows. Importing says that the repository was public when the
// exporting node asked last (`checked`), which the operator vouches for; it is never believed
// against what is known here. Blocks on the disk. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/hub/types.h"

namespace hubfs::meta {

class Database;

struct CommitImport {
    RepoKey repo;          // canonical
    std::string revision;  // a ref's name; the commit's hash: no ref comes with it
    CommitId commit;
    Instant date{};                    // of the commit
    Instant checked{};                 // when upstream said so
    std::vector<hub::TreeEntry> tree;  // untrusted but for hub::parse_tree_page's checks
};

// Makes it known as if upstream had said so at `checked`. What is known since then stays. A known
// tree stays, too. The repository's state here, when that is not public: nothing is changed.
// invalid: `checked` is later than `now`, or a name is none; protocol: the tree is none.
[[nodiscard]] Status import_commit(Database& database, const CommitImport& import, Instant now);

}  // namespace hubfs::meta
