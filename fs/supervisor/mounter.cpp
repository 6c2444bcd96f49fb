// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/mounter.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "fs/base/log.h"
#include "fs/supervisor/fusermount.h"
#include "fs/supervisor/limits.h"
#include "fs/supervisor/unmount.h"

namespace hubfs::supervisor {

namespace {

constexpr const char* kDevice = "/dev/fuse";
constexpr int kSymlinksMax = 40;  // the kernel's own limit (path_resolution(7))

std::string errno_text() {
    return std::strerror(errno);
}

Result<Fd> open_device() {
    Fd device(::open(kDevice, O_RDWR | O_CLOEXEC));
    if (!device.valid() && errno == ENOENT) {
        // A container without the node, where we may make it (character device 10, 229).
        if (mknod(kDevice, S_IFCHR | 0666, makedev(10, 229)) == 0) {
            device.reset(::open(kDevice, O_RDWR | O_CLOEXEC));
        } else {
            errno = ENOENT;
        }
    }
    if (device.valid()) {
        return device;
    }
    const std::string remedy = errno == ENOENT || errno == ENODEV || errno == ENXIO
                                   ? "load the module (modprobe fuse), or start the container with "
                                     "--device /dev/fuse --cap-add SYS_ADMIN"
                                   : "allow this user or container to open it";
    return fail(Code::unsupported, std::string(kDevice) + ": " + errno_text() + "; " + remedy);
}

// Access is decided by user_id and allow_other; modes by the kernel (default_permissions).
Result<Fd> mount_as_root(const MountRequest& request) {
    Result<Fd> device = open_device();
    if (!device) {
        return device;
    }
    std::string options = "fd=" + std::to_string(device->get()) +
                          ",rootmode=40000,user_id=0,group_id=0,default_permissions,max_read=" +
                          std::to_string(kReadBytesMax);
    if (request.allow_other) {
        options += ",allow_other";
    }
    if (::mount(kSource, request.path.c_str(), kType, MS_RDONLY | MS_NOSUID | MS_NODEV,
                options.c_str()) != 0) {
        const int error = errno;
        const std::string remedy =
            error == EPERM ? "; mounting needs CAP_SYS_ADMIN (containers: --cap-add SYS_ADMIN)"
                           : "";
        return fail(error == EPERM || error == ENODEV ? Code::unsupported : Code::io,
                    "mounting at " + request.path + ": " + std::strerror(error) + remedy);
    }
    return device;
}

// The kernel has queued INIT when the mount call returns.
Result<InitAnswer> agree(int device, Features features) {
    std::vector<std::byte> request(64U << 10);
    pollfd wait{.fd = device, .events = POLLIN, .revents = 0};
    const std::chrono::milliseconds limit = kHelperDeadline;
    if (poll(&wait, 1, static_cast<int>(limit.count())) != 1) {
        return fail(Code::timed_out, "the kernel sent no INIT");
    }
    const ssize_t length = read(device, request.data(), request.size());
    if (length < 0) {
        return fail(Code::io, "reading INIT: " + errno_text());
    }
    request.resize(static_cast<std::size_t>(length));
    const Result<InitOffer> offer = parse_init(request);
    if (!offer) {
        return std::unexpected(offer.error());
    }
    InitAnswer answer = answer_init(*offer, features);
    if (write(device, answer.reply.data(), answer.reply.size()) < 0) {
        return fail(Code::io, "answering INIT: " + errno_text());
    }
    log::info("fuse_init",
              {{"kernel", std::to_string(offer->major) + "." + std::to_string(offer->minor)},
               {"flags", answer.flags},
               {"max_readahead", answer.max_readahead},
               {"resend", answer.resend ? "yes" : "no"},
               {"request_timeout", answer.request_timeout ? "yes" : "no"}});
    return answer;
}

}  // namespace

Result<Mounted> mount_hub(const MountRequest& request) {
    Result<Fd> device = geteuid() == 0
                            ? mount_as_root(request)
                            : mount_by_fusermount(request.path, request.allow_other, kReadBytesMax);
    if (!device) {
        return std::unexpected(std::move(device.error()));
    }
    Result<InitAnswer> answer = agree(device->get(), request.features);
    if (!answer) {
        std::ignore = abort_and_detach(request.path);
        return std::unexpected(std::move(answer.error()));
    }
    return Mounted{std::move(*device), std::move(*answer)};
}

Result<std::string> resolve_mount_point(const std::string& given) {
    std::error_code error;
    std::filesystem::path path = std::filesystem::absolute(given, error).lexically_normal();
    if (error || path.empty()) {
        return fail(Code::invalid, "the mount point " + given + " is not a path");
    }
    for (int i = 0; i < kSymlinksMax; ++i) {
        if (!path.has_filename()) {
            path = path.parent_path();  // a slash at the end
        }
        if (path == path.root_path()) {
            return fail(Code::invalid, "the mount point must not be /");
        }
        // Only what stands above is looked at; readlink asks no mounted filesystem either.
        path = std::filesystem::weakly_canonical(path.parent_path(), error) / path.filename();
        std::array<char, PATH_MAX> target{};
        const ssize_t length = readlink(path.c_str(), target.data(), target.size());
        if (length <= 0) {
            return path.string();
        }
        const std::string_view text(target.data(), static_cast<std::size_t>(length));
        path = (path.parent_path() / text).lexically_normal();
    }
    return fail(Code::invalid, "the mount point " + given + " is a loop of symlinks");
}

Status make_mount_point(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    struct stat st{};
    if (stat(path.c_str(), &st) != 0) {
        return fail(Code::unsupported, "the mount point " + path + " cannot be made: " +
                                           (error ? error.message() : errno_text()) +
                                           "; make the directory, or name another: hubfs DIR");
    }
    if (!S_ISDIR(st.st_mode)) {
        return fail(Code::unsupported,
                    "the mount point " + path + " is not a directory; name another: hubfs DIR");
    }
    return {};
}

}  // namespace hubfs::supervisor
