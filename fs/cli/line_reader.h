// SPDX-License-Identifier: Apache-2.0
// Lines out of a descriptor that does not block. A line longer than the bound is cut: its rest is
// dropped up to the next newline. One thread; does not own the descriptor.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace hubfs::cli {

inline constexpr std::size_t kLineBytesMax = 16384;

class LineReader {
public:
    using Take = std::function<void(std::string_view)>;

    // Reads what is there and hands out each complete line without its newline. False at the end
    // of the stream; a last line without a newline is handed out then.
    bool read(int fd, const Take& take);

private:
    void feed(std::string_view bytes, const Take& take);

    std::string partial_;
    bool dropping_ = false;  // the rest of a line that was too long
};

}  // namespace hubfs::cli
