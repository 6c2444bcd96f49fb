// SPDX-License-Identifier: Apache-2.0
// System calls on the mount behind owned types: look, open, read, attributes. Every call may block
// (the mount may wait for upstream), so only the threads of IoPool make them. Failures are errno
// values as the mount gave them; routes/status_of says what they mean. Immutable, thread-safe.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/fd.h"
#include "fs/base/hub_types.h"

namespace httpd::mount {

template <class T>
using Got = std::expected<T, int>;  // errno

struct Entry {
    enum class Kind : std::uint8_t { file, directory, symlink, other };
    Kind kind = Kind::other;
    std::uint64_t size = 0;
    std::string link;  // where a symlink points
};

// A regular file. Safe to read from several threads; closed by its last owner.
class OpenFile {
public:
    OpenFile(hubfs::Fd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}

    [[nodiscard]] std::uint64_t size() const { return size_; }
    // Nothing when the file has no such attribute.
    [[nodiscard]] Got<std::optional<std::string>> attribute(std::string_view name) const;
    // Whether these bytes can be read without waiting for upstream.
    [[nodiscard]] bool held(hubfs::ByteRange range) const;
    // Reads up to `n` bytes; fewer only at the end of the file.
    [[nodiscard]] Got<std::string> read(std::uint64_t offset, std::size_t n) const;
    // sendfile(2) to a non-blocking socket: EAGAIN when it takes nothing more.
    [[nodiscard]] Got<std::size_t> send(int socket, std::uint64_t offset, std::size_t n) const;

private:
    hubfs::Fd fd_;
    std::uint64_t size_;
};

class MountReader {
public:
    explicit MountReader(std::string root) : root_(std::move(root)) {}

    // Paths are relative and safe (safe_path.h). A symlink in the last place is not followed.
    [[nodiscard]] Got<Entry> look(std::string_view path) const;
    // EISDIR for a directory, ELOOP for a symlink.
    [[nodiscard]] Got<OpenFile> open(std::string_view path) const;
    [[nodiscard]] Got<std::optional<std::string>> attribute(std::string_view path,
                                                            std::string_view name) const;
    // A short file as a whole; EFBIG when it is longer than `max`.
    [[nodiscard]] Got<std::string> read_small(std::string_view path, std::size_t max) const;
    [[nodiscard]] const std::string& root() const { return root_; }

private:
    [[nodiscard]] std::string absolute(std::string_view path) const;

    const std::string root_;
};

}  // namespace httpd::mount
