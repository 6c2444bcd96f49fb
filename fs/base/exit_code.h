// SPDX-License-Identifier: Apache-2.0
// The exit codes of the programs (the contract with operators), and which error ends in which.
#pragma once

#include "fs/base/result.h"

namespace hubfs {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitPrerequisite = 3;

[[nodiscard]] constexpr int exit_code_for(const Error& error) {
    switch (error.code) {
        case Code::invalid: return kExitUsage;
        case Code::unsupported: return kExitPrerequisite;
        default: return kExitFailed;
    }
}

}  // namespace hubfs
