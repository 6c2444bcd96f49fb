// SPDX-License-Identifier: Apache-2.0
// Takes our mounts away: in order, in an emergency, and those that somebody left behind. The
// filesystem itself is never asked anything: a dead one answers ENOTCONN, a hung one never.
#pragma once

#include <string>

#include "fs/base/result.h"

namespace hubfs::supervisor {

inline constexpr const char* kType = "fuse.hubfs";
inline constexpr const char* kSource = "hubfs";

// Whether the mount on top at this path is of our type.
[[nodiscard]] Result<bool> mounted_here(const std::string& path);

// The name goes at once; who stands in it or has files open goes on until it leaves.
[[nodiscard]] Status detach(const std::string& path);

// Ends the connection as well (root only; others: as detach()): every waiting caller gets an error.
[[nodiscard]] Status abort_and_detach(const std::string& path);

// While a mount of our type is on top at this path: abort_and_detach(). How many there were.
[[nodiscard]] Result<int> clear_stale(const std::string& path);

}  // namespace hubfs::supervisor
