// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/epoch.h"

#include <cerrno>
#include <charconv>

#include "fs/contract.h"

namespace httpd::mount {

Got<std::uint64_t> Epoch::current() {
    const hubfs::Steady now = clock_.steady();
    const Memory memory = memory_.with([](const Memory& m) { return m; });
    if (memory.valid && now - memory.read_at < kAgeMax) {
        return memory.value;
    }
    return fresh();
}

Got<std::uint64_t> Epoch::fresh() {
    constexpr std::size_t kTextMax = 64;
    const hubfs::Steady before = clock_.steady();  // its age counts from before the read
    const auto text = reader_.read_small(hubfs::contract::kEpochFile, kTextMax);
    std::uint64_t value = 0;
    if (text) {
        const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
        if (parsed.ec == std::errc{}) {
            memory_.with([&](Memory& m) {
                if (!m.valid || before >= m.read_at) {
                    m = Memory{value, before, true};
                }
            });
            return value;
        }
    }
    memory_.with([](Memory& m) { m.valid = false; });
    return std::unexpected(text ? EPROTO : text.error());
}

}  // namespace httpd::mount
