// SPDX-License-Identifier: Apache-2.0
// `hf-mirror doctor --upstream`: a live Hub's answers compared with the recorded facts, field by
// field. Anonymous, about twenty small questions. Does no I/O of its own.
#pragma once

#include <span>

#include "fs/base/hub_types.h"
#include "fs/doctor/facts.h"
#include "fs/doctor/report.h"
#include "fs/doctor/trail.h"
#include "fs/upstream/host_list.h"

namespace hubfs::doctor {

struct UpstreamPlan {
    upstream::Url hub;
    RepoKey repo;  // a public model with a git file and an LFS file: {repo}, {small}, {lfs}
    upstream::HostList content_hosts{};  // where content may be fetched from
};

// The error of the first question when the Hub does not answer at all; else findings for each fact:
// a failure where a needed field or the status differs, a note for what else does.
[[nodiscard]] Result<Findings> check_upstream(const UpstreamPlan& plan, std::span<const Fact> facts,
                                              const Ask& ask);

// What one answer differs in. Pure.
[[nodiscard]] Findings judge(const Fact& fact, const upstream::OneAnswer& answer);

}  // namespace hubfs::doctor
