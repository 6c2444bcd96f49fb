// SPDX-License-Identifier: Apache-2.0
// One sparse file that holds (part of) one content, open for reading and writing. Knows nothing of
// blocks. Immutable, so thread-safe; writers of different bytes do not disturb each other. The file
// lives on after it was unlinked, until the last owner lets go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fs/base/fd.h"
#include "fs/base/result.h"

namespace hubfs::cache {

// What errno says, as an Error: no_space for a full disk, quota or file size limit, else io.
[[nodiscard]] Error system_error(std::string_view what, int error_number);

class BlobFile {
public:
    explicit BlobFile(Fd fd) : fd_(std::move(fd)) {}

    // All of it; a file that ends early is Code::io.
    [[nodiscard]] Status read_at(std::span<std::byte> bytes, std::uint64_t offset) const;
    [[nodiscard]] Status write_at(std::span<const std::byte> bytes, std::uint64_t offset) const;

private:
    const Fd fd_;
};

}  // namespace hubfs::cache
