// SPDX-License-Identifier: Apache-2.0
// Inode numbers: persistent, never reused, and readable without a table, so that a restarted
// daemon can answer for what the kernel still holds. The top three bits say which kind:
//   0 path      an interned path outside commits ("models/BAAI", ".api/…"); 1 is the root
//   1 entry     commit number (32 bits) and entry number (29 bits); entry 0 is the commit directory
//   2 document  document number (32 bits) and version (29 bits): a new body is a new inode
#pragma once

#include <compare>
#include <cstdint>

namespace hubfs::tree {

struct Ino {
    std::uint64_t value = 0;
    auto operator<=>(const Ino&) const = default;
};

enum class InoKind : std::uint8_t { path = 0, entry = 1, document = 2 };

inline constexpr Ino kRootIno{1};
inline constexpr std::uint64_t kEntryNumberMax = (1ULL << 29) - 1;

[[nodiscard]] constexpr InoKind kind_of(Ino ino) {
    return static_cast<InoKind>(ino.value >> 61);
}
[[nodiscard]] constexpr Ino path_ino(std::uint64_t number) {
    return Ino{number};
}
[[nodiscard]] constexpr Ino entry_ino(std::uint32_t commit, std::uint32_t entry) {
    return Ino{1ULL << 61 | std::uint64_t{commit} << 29 | entry};
}
[[nodiscard]] constexpr Ino document_ino(std::uint32_t document, std::uint32_t version) {
    return Ino{2ULL << 61 | std::uint64_t{document} << 29 | version};
}
// The number in the high field: commit or document.
[[nodiscard]] constexpr std::uint32_t major_of(Ino ino) {
    return static_cast<std::uint32_t>(ino.value >> 29);
}
// The number in the low field: entry or version.
[[nodiscard]] constexpr std::uint32_t minor_of(Ino ino) {
    return static_cast<std::uint32_t>(ino.value & kEntryNumberMax);
}

}  // namespace hubfs::tree
