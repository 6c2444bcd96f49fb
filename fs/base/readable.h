// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them. Pure.
#pragma once

#include <string>

namespace hubfs {

// "1.5 KiB", up to PiB; bytes without a fraction.
[[nodiscard]] std::string readable_size(double bytes);

}  // namespace hubfs
