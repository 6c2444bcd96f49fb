// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/validity.h"

#include "fs/meta/facts.h"

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
    return code == Code::not_found || code == Code::denied || code == Code::gated ||
           meta::upstream_failed(code);
}

}  // namespace hubfs::tree
