// SPDX-License-Identifier: Apache-2.0
// What a kernel of a given version gives to hubfs. Pure; distributions may add to theirs or leave
// something out, so this is what to expect, not what is.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "fs/doctor/report.h"

namespace hubfs::doctor {

struct KernelVersion {
    int major = 0;
    int minor = 0;
    auto operator<=>(const KernelVersion&) const = default;
};

inline constexpr KernelVersion kKernelTried{6, 1};        // the oldest that tests simulate
inline constexpr KernelVersion kKernelPassthrough{6, 9};  // FUSE passthrough, and resend
inline constexpr KernelVersion kKernelTimeout{6, 15};     // FUSE request timeout
inline constexpr KernelVersion kKernelEpoch{6, 16};       // FUSE_NOTIFY_INC_EPOCH, protocol 7.44
inline constexpr KernelVersion kKernelPrune{6, 18};       // FUSE_NOTIFY_PRUNE, protocol 7.45

// "6.1.0-40-amd64", as uname says it.
[[nodiscard]] std::optional<KernelVersion> kernel_from(std::string_view release);

// One finding: a pass that says what is there, with a note's advice where a newer one gives more.
[[nodiscard]] Finding judge_kernel(std::string_view release);

}  // namespace hubfs::doctor
