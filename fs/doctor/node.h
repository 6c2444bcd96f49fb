// SPDX-License-Identifier: Apache-2.0
// `hf-mirror doctor`: the machine and the configuration of a node. Looks, changes nothing; the
// judgements are in node_rules.h and kernel.h. Tells its findings as it goes, since some take time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "fs/base/clock.h"
#include "fs/base/options.h"
#include "fs/doctor/report.h"
#include "fs/doctor/trail.h"

namespace hubfs::doctor {

struct NodePlan {
    const Options& options;
    // What the running hubfs says it holds; nothing when none runs.
    std::optional<std::uint64_t> held_bytes{};
    Ask upstream;  // on the way that the daemon would take
    Ask local;     // programs on this machine
};

using Tell = std::function<void(const Finding&)>;

void check_node(const NodePlan& plan, const Clock& clock, const Tell& tell);

}  // namespace hubfs::doctor
