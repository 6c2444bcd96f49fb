// SPDX-License-Identifier: Apache-2.0
#include "fs/base/checksum.h"

// All of it in this file: no program needs the library where it runs.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hubfs {

struct Checksummer::State {
    State() { XXH3_64bits_reset(&xxh); }
    XXH3_state_t xxh;
};

std::uint64_t checksum(std::span<const std::byte> bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

Checksummer::Checksummer() : state_(std::make_unique<State>()) {}
Checksummer::~Checksummer() = default;
Checksummer::Checksummer(Checksummer&&) noexcept = default;
Checksummer& Checksummer::operator=(Checksummer&&) noexcept = default;

void Checksummer::update(std::span<const std::byte> bytes) {
    XXH3_64bits_update(&state_->xxh, bytes.data(), bytes.size());
}

std::uint64_t Checksummer::take() {
    const std::uint64_t sum = XXH3_64bits_digest(&state_->xxh);
    XXH3_64bits_reset(&state_->xxh);
    return sum;
}

}  // namespace hubfs
