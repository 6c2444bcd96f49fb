// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/kernel.h"

#include <charconv>

namespace hubfs::doctor {

std::optional<KernelVersion> kernel_from(std::string_view release) {
    KernelVersion version;
    const char* const end = release.data() + release.size();
    const auto major = std::from_chars(release.data(), end, version.major);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') {
        return std::nullopt;
    }
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec != std::errc{} || version.major < 0 || version.minor < 0) {
        return std::nullopt;
    }
    return version;
}

Finding judge_kernel(std::string_view release) {
    const auto version = kernel_from(release);
    const std::string name = "Linux " + std::string(release);
    if (!version) {
        return noted("kernel", name + ": unknown version");
    }
    if (*version < kKernelTried) {
        return noted("kernel", name + ": older than any that was tried",
                     "6.1 is the oldest that hubfs is tested for; use that or a later one");
    }
    if (*version < kKernelPassthrough) {
        return noted("kernel",
                     name +
                         ": the mount works; no passthrough, and readers see ENOTCONN for a "
                         "moment when the daemon dies",
                     "Linux 6.12 adds reads at the disk's speed and a mount that outlives its "
                     "daemon; 6.18 everything hubfs can use");
    }
    if (*version < kKernelPrune) {
        std::string has = ": passthrough, resend";
        has += *version >= kKernelTimeout ? ", request timeout" : "";
        has += *version >= kKernelEpoch ? ", epoch" : "";
        return passed("kernel", name + has + " (6.18 adds " +
                                    (*version < kKernelTimeout ? "request timeout, " : "") +
                                    (*version < kKernelEpoch ? "epoch, " : "") + "prune)");
    }
    return passed("kernel", name + ": passthrough, resend, request timeout, epoch, prune");
}

}  // namespace hubfs::doctor
