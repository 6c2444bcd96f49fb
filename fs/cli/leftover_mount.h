// SPDX-License-Identifier: Apache-2.0
// The net under hubfs: when it was killed, its mount may be left behind, dead. Found in the
// kernel's table of mounts, never by touching it.
#pragma once

#include <string>
#include <string_view>

namespace hubfs::cli {

// Whether this text of /proc/self/mountinfo has a hubfs mount at `path`. Pure.
[[nodiscard]] bool has_fuse_mount(std::string_view mountinfo, std::string_view path);

// Detaches it lazily; true when there was one.
bool detach_leftover_mount(const std::string& path);

}  // namespace hubfs::cli
