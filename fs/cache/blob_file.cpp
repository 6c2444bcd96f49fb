// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/blob_file.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace hubfs::cache {

Error system_error(std::string_view what, int error_number) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
    return {full ? Code::no_space : Code::io,
            std::string(what) + ": " + std::generic_category().message(error_number)};
}

Status BlobFile::read_at(std::span<std::byte> bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
        const ssize_t n =
            ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return std::unexpected(system_error("read of a cache file", errno));
        }
        if (n == 0) {
            return fail(Code::io, "a cache file is shorter than its content");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

Status BlobFile::write_at(std::span<const std::byte> bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
        const ssize_t n =
            ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return std::unexpected(system_error("write of a cache file", n < 0 ? errno : ENOSPC));
        }
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

}  // namespace hubfs::cache
