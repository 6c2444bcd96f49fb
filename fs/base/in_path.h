// SPDX-License-Identifier: Apache-2.0
// Whether a program can be started by its name alone: execvp's search, without starting it.
#pragma once

#include <string>

namespace hubfs {

[[nodiscard]] bool in_path(const std::string& program);

}  // namespace hubfs
