// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/cache_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <random>
#include <string_view>
#include <system_error>
#include <vector>

#include "fs/base/log.h"

namespace hubfs::cache {

namespace {

constexpr std::string_view kMagic = "hf-mirror block cache";
constexpr std::string_view kFormat = "1";
constexpr const char* kIdFile = "id";
constexpr const char* kIdFileNew = "id.new";
constexpr const char* kLockFile = "lock";
constexpr std::array<const char*, 2> kKinds{"sha256", "git-sha1"};
constexpr mode_t kDirMode = 0700;
constexpr mode_t kFileMode = 0600;

struct DirCloser {
    void operator()(DIR* dir) const { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, DirCloser>;

const char* kind_dir(HashKind kind) {
    return kKinds[kind == HashKind::sha256 ? 0 : 1];
}

std::string name_in_dir(const ContentHash& hash) {
    const std::string hex = hash.hex();
    return std::string(kind_dir(hash.kind)) + "/" + hex.substr(0, 2) + "/" + hex;
}

std::string name_beside(const ContentHash& hash) {
    return name_in_dir(hash) + ".new";
}

Status make_dir(int at, const std::string& name) {
    if (::mkdirat(at, name.c_str(), kDirMode) != 0 && errno != EEXIST) {
        return std::unexpected(system_error("making " + name, errno));
    }
    return {};
}

std::string random_hex() {
    std::random_device device;
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) {
        byte = static_cast<std::uint8_t>(device());
    }
    return to_hex(bytes.data(), bytes.size());
}

std::optional<std::string> read_text(int at, const char* name) {
    const Fd file(::openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.valid()) {
        return std::nullopt;
    }
    std::array<char, 512> text{};  // an id file has about 90 bytes
    const ssize_t n = ::read(file.get(), text.data(), text.size());
    return std::string(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
}

// Complete or not there at all: written beside, synced, renamed.
Status write_text(int at, const std::string& text) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    const Fd file(::openat(at, kIdFileNew, flags, kFileMode));
    if (!file.valid() ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.get()) != 0 || ::renameat(at, kIdFileNew, at, kIdFile) != 0 ||
        ::fsync(at) != 0) {
        return std::unexpected(system_error("writing the id file", errno));
    }
    return {};
}

// The value of "key value" in a text of lines.
std::optional<std::string_view> line_value(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return line.substr(key.size() + 1);
        }
    }
    return std::nullopt;
}

std::uint16_t draw_number(const std::set<std::uint16_t>& taken,
                          const std::set<std::uint16_t>& recorded) {
    std::random_device device;
    for (;;) {  // a handful of the 65536 are in use: ours and those of lost directories
        const auto number = static_cast<std::uint16_t>(device());
        if (!taken.contains(number) && !recorded.contains(number)) {
            return number;
        }
    }
}

// The directory's number from its id file, which is made (or, for a number that another directory
// of this cache has too, made anew: the files here then have no records) when need be.
Result<std::uint16_t> identify(int at, const std::set<std::uint16_t>& taken,
                               const std::set<std::uint16_t>& recorded) {
    if (const auto text = read_text(at, kIdFile)) {
        if (!text->starts_with(kMagic) || line_value(*text, "format") != kFormat) {
            return fail(Code::invalid, "its id file is not one of this version's block cache");
        }
        std::uint16_t number = 0;
        const std::string_view digits = line_value(*text, "number").value_or("");
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc{} || end != digits.data() + digits.size()) {
            return fail(Code::invalid, "its id file has no number");
        }
        if (!taken.contains(number)) {
            return number;
        }
    }
    const std::uint16_t number = draw_number(taken, recorded);
    const std::string text = std::string(kMagic) + "\nformat " + std::string(kFormat) + "\nid " +
                             random_hex() + "\nnumber " + std::to_string(number) + "\n";
    if (Status written = write_text(at, text); !written) {
        return std::unexpected(written.error());
    }
    return number;
}

// The names in a directory below `at`; empty when there is none.
std::vector<std::string> names_in(int at, const std::string& name) {
    std::vector<std::string> names;
    const int fd = ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return names;
    }
    const Dir dir(::fdopendir(fd));
    if (!dir) {
        ::close(fd);
        return names;
    }
    // readdir() is safe here: no other thread uses this stream.
    while (const dirent* entry = ::readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe)
        const std::string_view text(entry->d_name);
        if (text != "." && text != "..") {
            names.emplace_back(text);
        }
    }
    return names;
}

}  // namespace

Result<std::unique_ptr<CacheDir>> CacheDir::open(const std::string& path,
                                                 std::set<std::uint16_t>& taken,
                                                 const std::set<std::uint16_t>& recorded) {
    std::error_code made;
    std::filesystem::create_directories(path, made);  // existing is fine; others show below
    Fd dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir.valid()) {
        return std::unexpected(system_error(path, errno));
    }
    ::fchmod(dir.get(), kDirMode);
    Fd lock(::openat(dir.get(), kLockFile, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!lock.valid()) {
        return std::unexpected(system_error(path + "/lock", errno));
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::unsupported, path +
                                           " is in use by another cache; end that hubfs, or "
                                           "choose another: --set cache.dirs=DIR");
    }
    for (const char* kind : kKinds) {
        if (Status ok = make_dir(dir.get(), kind); !ok) {
            return within(path, std::move(ok.error()));
        }
    }
    const Result<std::uint16_t> number = identify(dir.get(), taken, recorded);
    if (!number) {
        return within(path, number.error());
    }
    taken.insert(*number);
    return std::unique_ptr<CacheDir>(new CacheDir(path, std::move(dir), std::move(lock), *number));
}

std::uint64_t CacheDir::free_bytes() const {
    struct statvfs info{};
    if (::fstatvfs(dir_.get(), &info) != 0) {
        return 0;
    }
    return std::uint64_t{info.f_bavail} * info.f_frsize;
}

Result<Fd> CacheDir::open_at(const Content& content, int flags) const {
    Fd fd(::openat(dir_.get(), name_in_dir(content.hash).c_str(),
                   flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));
    struct stat info{};
    if (!fd.valid() || ::fstat(fd.get(), &info) != 0) {
        return std::unexpected(system_error("opening a cache file", errno));
    }
    if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != content.size_bytes) {
        return fail(Code::io, "a cache file has another size than its content");
    }
    return fd;
}

Result<std::shared_ptr<BlobFile>> CacheDir::create(const Content& content) const {
    const std::string name = name_in_dir(content.hash);
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    Fd fd(::openat(dir_.get(), name.c_str(), flags, kFileMode));
    if (!fd.valid() && (errno == ENOENT || errno == EEXIST)) {
        if (errno == ENOENT) {
            (void)make_dir(dir_.get(), name.substr(0, name.rfind('/')));
        } else {
            (void)unlink(content.hash);
        }
        fd.reset(::openat(dir_.get(), name.c_str(), flags, kFileMode));
    }
    if (!fd.valid()) {
        return std::unexpected(system_error("making a cache file", errno));
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(content.size_bytes)) != 0) {
        Error error = system_error("sizing a cache file", errno);
        (void)unlink(content.hash);
        return std::unexpected(std::move(error));
    }
    return std::make_shared<BlobFile>(std::move(fd));
}

Result<Fd> CacheDir::create_beside(const ContentHash& hash) const {
    const std::string name = name_beside(hash);
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    Fd fd(::openat(dir_.get(), name.c_str(), flags, kFileMode));
    if (!fd.valid() && errno == ENOENT) {
        (void)make_dir(dir_.get(), name.substr(0, name.rfind('/')));
        fd.reset(::openat(dir_.get(), name.c_str(), flags, kFileMode));
    }
    if (!fd.valid()) {
        return errno == EEXIST ? Result<Fd>(fail(Code::unavailable, "it is being taken in already"))
                               : std::unexpected(system_error("making a cache file", errno));
    }
    return fd;
}

Status CacheDir::take_in(const ContentHash& hash) const {
    if (::renameat(dir_.get(), name_beside(hash).c_str(), dir_.get(), name_in_dir(hash).c_str()) !=
        0) {
        return std::unexpected(system_error("naming a cache file", errno));
    }
    return {};
}

void CacheDir::discard(const ContentHash& hash) const {
    (void)::unlinkat(dir_.get(), name_beside(hash).c_str(), 0);
}

Result<std::shared_ptr<BlobFile>> CacheDir::open_file(const Content& content) const {
    Result<Fd> fd = open_at(content, O_RDWR);
    if (!fd) {
        return std::unexpected(std::move(fd.error()));
    }
    return std::make_shared<BlobFile>(std::move(*fd));
}

Result<Fd> CacheDir::open_read_only(const Content& content) const {
    return open_at(content, O_RDONLY);
}

std::optional<std::uint64_t> CacheDir::size_of(const ContentHash& hash) const {
    struct stat info{};
    if (::fstatat(dir_.get(), name_in_dir(hash).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(info.st_size);
}

Status CacheDir::unlink(const ContentHash& hash) const {
    if (::unlinkat(dir_.get(), name_in_dir(hash).c_str(), 0) != 0 && errno != ENOENT) {
        return std::unexpected(system_error("unlinking a cache file", errno));
    }
    return {};
}

Status CacheDir::sync() const {
    if (::syncfs(dir_.get()) != 0) {
        return std::unexpected(system_error("syncing " + path_, errno));
    }
    return {};
}

void CacheDir::unlock() const {
    ::flock(lock_.get(), LOCK_UN);
}

Fd CacheDir::open_any(const ContentHash& hash) const {
    return Fd(::openat(dir_.get(), name_in_dir(hash).c_str(),
                       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));
}

std::uint64_t CacheDir::inode_of(const ContentHash& hash) const {
    struct stat info{};
    const int found = ::fstatat(dir_.get(), name_in_dir(hash).c_str(), &info, AT_SYMLINK_NOFOLLOW);
    return found == 0 ? info.st_ino : 0;
}

// A file that is still being filled has holes where bytes are missing.
bool CacheDir::without_holes(const ContentHash& hash) const {
    const Fd file = open_any(hash);
    struct stat info{};
    return file.valid() && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_size > 0 && ::lseek(file.get(), 0, SEEK_HOLE) == info.st_size;
}

Result<std::vector<ContentHash>> CacheDir::sweep(
    const std::function<bool(const ContentHash&)>& known) const {
    std::vector<ContentHash> orphans;
    std::uint64_t removed = 0;
    for (const HashKind kind : {HashKind::sha256, HashKind::git_sha1}) {
        for (const std::string& prefix : names_in(dir_.get(), kind_dir(kind))) {
            const std::string folder = std::string(kind_dir(kind)) + "/" + prefix;
            for (const std::string& name : names_in(dir_.get(), folder)) {
                const auto hash = ContentHash::from_hex(kind, name);
                if (hash && name_in_dir(*hash) == folder + "/" + name) {
                    if (known(*hash)) {
                        continue;
                    }
                    if (without_holes(*hash)) {
                        orphans.push_back(*hash);
                        continue;
                    }
                }
                if (::unlinkat(dir_.get(), (folder + "/" + name).c_str(), 0) != 0) {
                    return std::unexpected(system_error("removing " + folder + "/" + name, errno));
                }
                ++removed;
            }
        }
    }
    if (removed > 0) {
        log::info("cache.orphans_removed", {{"dir", path_}, {"files", removed}});
    }
    return orphans;
}

}  // namespace hubfs::cache
