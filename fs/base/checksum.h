// SPDX-License-Identifier: Apache-2.0
// XXH3 of 64 bits (seed 0), by xxHash; the only place that knows it. Finds bits that a disk turned,
// not bytes that somebody forged: those the content's own hash finds (hash.h). No errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace hubfs {

[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes);

// The same in pieces. Used by one thread at a time.
class Checksummer {
public:
    Checksummer();
    ~Checksummer();
    Checksummer(Checksummer&&) noexcept;
    Checksummer& operator=(Checksummer&&) noexcept;

    void update(std::span<const std::byte> bytes);
    // Of all since the last take(); the next piece begins anew.
    [[nodiscard]] std::uint64_t take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hubfs
