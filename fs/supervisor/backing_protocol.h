// SPDX-License-Identifier: Apache-2.0
// What the daemon asks the supervisor for FUSE passthrough: packets on a SOCK_SEQPACKET socket of
// their own. `add` carries one descriptor (SCM_RIGHTS) and is answered, `remove` is not. Header
// only. A daemon of a later build may be started on a supervisor of this one: whoever changes a
// field raises kHandoverVersion.
#pragma once

#include <cstdint>

namespace hubfs::supervisor {

enum class BackingWord : std::uint32_t { add = 1, remove = 2 };

struct BackingRequest {
    BackingWord word = BackingWord::add;
    std::uint32_t spare = 0;
    std::uint64_t node = 0;
};

struct BackingAnswer {
    std::uint64_t node = 0;
    std::int32_t result = 0;  // the backing number (> 0), or a negative errno
    std::uint32_t spare = 0;
};

}  // namespace hubfs::supervisor
