// SPDX-License-Identifier: Apache-2.0
// What an answer of the Hub may hold at most before it is refused. Sizes of whole bodies are
// bounded by who fetches them (upstream::ApiRequest::body_max_bytes).
#pragma once

#include <cstddef>
#include <cstdint>

namespace hubfs::hub {

inline constexpr std::size_t kJsonDepthMax = 64;             // objects and lists in each other
inline constexpr std::size_t kPathComponentMax = 255;        // bytes: NAME_MAX
inline constexpr std::size_t kPathMax = 4095;                // bytes: PATH_MAX without its NUL
inline constexpr std::size_t kRefNameMax = 255;              // bytes, encoded: NAME_MAX
inline constexpr std::uint64_t kSizeMax = (1ULL << 53) - 1;  // what JSON numbers carry exactly

}  // namespace hubfs::hub
