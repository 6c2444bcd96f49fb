// SPDX-License-Identifier: Apache-2.0
// Looking things up on this machine, for node.cpp. Nothing is left behind; every wait has a
// deadline (limits.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fs/base/address.h"
#include "fs/base/result.h"
#include "fs/doctor/node_rules.h"

namespace hubfs::doctor {

// The directory's filesystem, or that of the nearest directory above it that exists. Tries with a
// nameless file of one block whether holes take space.
[[nodiscard]] Volume look_at(const std::string& dir);

// What the files below a directory take on disk; stops counting after kFilesCountedMax.
[[nodiscard]] std::uint64_t bytes_below(const std::string& dir);

// The numeric addresses of a host; Code::unreachable or timed_out.
[[nodiscard]] Result<std::vector<std::string>> addresses_of(const std::string& host);

// Why this address cannot be listened on, as errno; 0: it can.
[[nodiscard]] int try_to_bind(const ListenAddress& address);

// The first bytes that a server on this address says by itself, "" when it says nothing.
[[nodiscard]] std::string greeting_of(const ListenAddress& address);

// Of this process: bit 21 of CapEff in /proc/self/status.
[[nodiscard]] bool may_administer();

}  // namespace hubfs::doctor
