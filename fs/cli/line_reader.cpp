// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace hubfs::cli {

bool LineReader::read(int fd, const Take& take) {
    // Bounded, so that a writer that never stops cannot keep the caller here.
    constexpr int kReadsMax = 16;
    std::array<char, 65536> buffer;
    for (int i = 0; i < kReadsMax; ++i) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got > 0) {
            feed({buffer.data(), static_cast<std::size_t>(got)}, take);
            continue;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            return true;
        }
        if (!partial_.empty()) {
            take(partial_);
            partial_.clear();
        }
        return false;
    }
    return true;
}

void LineReader::feed(std::string_view bytes, const Take& take) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (!dropping_) {
            partial_ += bytes.substr(0, std::min(end, kLineBytesMax - partial_.size()));
            if (partial_.size() == kLineBytesMax) {
                take(partial_);
                partial_.clear();
                dropping_ = true;
            }
        }
        if (end == std::string_view::npos) {
            return;
        }
        if (!dropping_) {
            take(partial_);
            partial_.clear();
        }
        dropping_ = false;
        bytes.remove_prefix(end + 1);
    }
}

}  // namespace hubfs::cli
