// SPDX-License-Identifier: Apache-2.0
// Withdrawals: hubfs raises <mount>/.status/epoch when a repository stops being public. Whoever
// answers from memory or from an open file asks here first; the number is at most 250 ms old. That
// the file can be read at all is how we know that the mount is there: an empty directory where the
// mount should be must be a 503, never a 404. Thread-safe; may block like any look at the mount.
#pragma once

#include <chrono>
#include <cstdint>

#include "fs/base/clock.h"
#include "fs/base/guarded.h"
#include "httpd/mount/mount_reader.h"

namespace httpd::mount {

class Epoch {
public:
    static constexpr std::chrono::milliseconds kAgeMax{250};

    Epoch(const MountReader& reader, const hubfs::Clock& clock) : reader_(reader), clock_(clock) {}

    // The epoch, or errno: ENOENT, ENOTCONN, … all mean that the mount is not there.
    [[nodiscard]] Got<std::uint64_t> current();
    // The same, read now: before an absence is believed.
    [[nodiscard]] Got<std::uint64_t> fresh();

private:
    struct Memory {
        std::uint64_t value = 0;
        hubfs::Steady read_at{};
        bool valid = false;
    };

    const MountReader& reader_;
    const hubfs::Clock& clock_;
    hubfs::Guarded<Memory> memory_;
};

}  // namespace httpd::mount
