// SPDX-License-Identifier: Apache-2.0
// `hf-mirror doctor --client`: a mirror as its clients see it. What must hold is what the Hub's
// clients were found to need, each rule with its reason in client_rules.cpp; how the mirror is made
// does not matter. Does no I/O of its own: everything is asked through `Ask`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fs/base/hub_types.h"
#include "fs/doctor/report.h"
#include "fs/doctor/trail.h"

namespace hubfs::doctor {

struct ClientPlan {
    upstream::Url mirror;  // what HF_ENDPOINT would say
    RepoKey repo;          // public, with a branch main
    std::string token{};   // the caller's own, or empty: whoami is asked with a wrong one
};

// "namespace/name" or "datasets/namespace/name".
[[nodiscard]] std::optional<RepoKey> repo_from(std::string_view text);

// The error of the first question when nobody is there, or nobody who speaks HTTP; else every
// check, in order, whatever the others found.
[[nodiscard]] Result<Findings> check_client(const ClientPlan& plan, const Ask& ask);

}  // namespace hubfs::doctor
