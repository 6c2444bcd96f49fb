// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/mount_reader.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "fs/contract.h"

namespace httpd::mount {

namespace {

// Attribute values of the contract are short; a Link header is the longest.
constexpr std::size_t kAttributeMax = 16 * 1024;

template <class Get>
Got<std::optional<std::string>> attribute_by(const Get& get) {
    std::array<char, 512> small{};
    ssize_t n = get(small.data(), small.size());
    if (n >= 0) {
        return std::string(small.data(), static_cast<std::size_t>(n));
    }
    if (errno == ERANGE) {
        std::string big(kAttributeMax, '\0');
        n = get(big.data(), big.size());
        if (n >= 0) {
            big.resize(static_cast<std::size_t>(n));
            return big;
        }
    }
    if (errno == ENODATA) {
        return std::nullopt;
    }
    return std::unexpected(errno);
}

// A name or inode from before a rename of its repository: the kernel says ESTALE once, then walks
// the path anew (docs/errors.md: asked once more).
template <class Call>
auto again_if_stale(const Call& call) {
    auto result = call();
    if (result < 0 && errno == ESTALE) {
        result = call();
    }
    return result;
}

Got<std::string> link_target(const std::string& path) {
    std::string target(PATH_MAX, '\0');
    const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
    if (n < 0) {
        return std::unexpected(errno);
    }
    target.resize(static_cast<std::size_t>(n));
    return target;
}

}  // namespace

Got<std::optional<std::string>> OpenFile::attribute(std::string_view name) const {
    const std::string text(name);
    return attribute_by([&](char* value, std::size_t size) {
        return ::fgetxattr(fd_.get(), text.c_str(), value, size);
    });
}

bool OpenFile::held(hubfs::ByteRange range) const {
    if (range.empty()) {
        return true;
    }
    const auto value = attribute(std::string(hubfs::contract::kXattrHeldPrefix) +
                                 std::to_string(range.first) + "-" + std::to_string(range.end - 1));
    return value && *value && **value == "1";
}

Got<std::string> OpenFile::read(std::uint64_t offset, std::size_t n) const {
    std::string bytes(n, '\0');
    std::size_t have = 0;
    while (have < n) {
        const ssize_t got =
            ::pread(fd_.get(), bytes.data() + have, n - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return std::unexpected(errno);
        }
        if (got == 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

Got<std::size_t> OpenFile::send(int socket, std::uint64_t offset, std::size_t n) const {
    auto from = static_cast<off_t>(offset);
    while (true) {
        const ssize_t sent = ::sendfile(socket, fd_.get(), &from, n);
        if (sent >= 0) {
            return static_cast<std::size_t>(sent);
        }
        if (errno != EINTR) {
            return std::unexpected(errno);
        }
    }
}

std::string MountReader::absolute(std::string_view path) const {
    std::string full;
    full.reserve(root_.size() + 1 + path.size());
    full += root_;
    full += '/';
    full += path;
    return full;
}

Got<Entry> MountReader::look(std::string_view path) const {
    const std::string full = absolute(path);
    struct stat st{};
    if (again_if_stale([&] { return ::lstat(full.c_str(), &st); }) != 0) {
        return std::unexpected(errno);
    }
    Entry entry;
    entry.size = static_cast<std::uint64_t>(st.st_size);
    if (S_ISREG(st.st_mode)) {
        entry.kind = Entry::Kind::file;
    } else if (S_ISDIR(st.st_mode)) {
        entry.kind = Entry::Kind::directory;
    } else if (S_ISLNK(st.st_mode)) {
        entry.kind = Entry::Kind::symlink;
        auto target = link_target(full);
        if (!target) {
            return std::unexpected(target.error());
        }
        entry.link = std::move(*target);
    }
    return entry;
}

Got<OpenFile> MountReader::open(std::string_view path) const {
    // O_NONBLOCK has no meaning for a regular file and keeps anything else from blocking here.
    const std::string full = absolute(path);
    hubfs::Fd fd(again_if_stale(
        [&] { return ::open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
    if (!fd.valid()) {
        return std::unexpected(errno);
    }
    struct stat st{};
    if (::fstat(fd.get(), &st) != 0) {
        return std::unexpected(errno);
    }
    if (!S_ISREG(st.st_mode)) {
        return std::unexpected(S_ISDIR(st.st_mode) ? EISDIR : ELOOP);
    }
    return OpenFile(std::move(fd), static_cast<std::uint64_t>(st.st_size));
}

Got<std::optional<std::string>> MountReader::attribute(std::string_view path,
                                                       std::string_view name) const {
    const std::string full = absolute(path);
    const std::string text(name);
    return attribute_by([&](char* value, std::size_t size) {
        return again_if_stale([&] { return ::lgetxattr(full.c_str(), text.c_str(), value, size); });
    });
}

Got<std::string> MountReader::read_small(std::string_view path, std::size_t max) const {
    const hubfs::Fd fd(::open(absolute(path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.valid()) {
        return std::unexpected(errno);
    }
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return std::unexpected(errno);
        }
        if (n == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(n));
        if (text.size() > max) {
            return std::unexpected(EFBIG);
        }
    }
}

}  // namespace httpd::mount
