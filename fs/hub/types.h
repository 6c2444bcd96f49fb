// SPDX-License-Identifier: Apache-2.0
// What the Hub says about repositories, as values (hub-api: info, tree, refs). No I/O, no curl, no
// JSON library in sight; fs/hub/json.h makes these from answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"

namespace hubfs::hub {

// `gone`: the Hub says the repository does not exist any more (or never did).
enum class RepoState : std::uint8_t { open, gated, private_, disabled, gone };
[[nodiscard]] std::string_view name_of(RepoState state);  // public gated private disabled gone

// GET /api/{type}/{id}[/revision/{rev}].
struct RepoInfo {
    std::string id;  // canonical: may differ from the name that was asked for
    RepoState state = RepoState::open;
    std::optional<CommitId> sha;  // the commit of the revision asked for
    std::optional<Instant> last_modified;
};

struct TreeEntry {
    bool directory = false;
    std::string path;                // from the repository root
    std::uint64_t size = 0;          // of the content; 0 for directories
    std::string oid;                 // 40 hex: blob (for LFS the pointer's) or tree
    std::string lfs_oid;             // 64 hex, LFS files only, else empty
    std::uint64_t pointer_size = 0;  // LFS files only
    std::string xet_hash;            // 64 hex, Xet files only, else empty

    [[nodiscard]] bool lfs() const { return !lfs_oid.empty(); }
};

struct Ref {
    enum class Kind : std::uint8_t { branch, tag, convert, pull_request };
    Kind kind = Kind::branch;
    std::string name;  // as it is used in addresses: "main", "v1.0", "refs/pr/1"
    CommitId commit;
};

}  // namespace hubfs::hub
