// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/validity.h"

#include <algorithm>

namespace hubfs::tree {

Milliseconds until(Instant expires, Instant now) {
    // Rounded down, so that the kernel's copy never outlives `expires`.
    const auto left = std::chrono::floor<Milliseconds>(expires - now);
    return std::clamp(left, Milliseconds(0), kForever);
}

Milliseconds file_attributes_valid(bool verified) {
    return verified ? kForever : kIncompleteValid;
}

bool namespace_despite(Code code) {
    switch (code) {
        case Code::not_found:
        case Code::denied:
        case Code::gated:
        case Code::rate_limited:
        case Code::unavailable:
        case Code::protocol:
        case Code::unreachable:
        case Code::timed_out:
        case Code::offline: return true;
        default: return false;
    }
}

}  // namespace hubfs::tree
