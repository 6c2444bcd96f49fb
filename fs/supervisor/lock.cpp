// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include "fs/base/hash.h"
#include "fs/supervisor/limits.h"

namespace hubfs::supervisor {

namespace {

constexpr std::chrono::milliseconds kRetry{50};

// The process that wrote the lock file, 0 when it says nothing readable.
pid_t holder(int lock) {
    std::array<char, 32> text{};
    const ssize_t length = pread(lock, text.data(), text.size(), 0);
    pid_t pid = 0;
    if (length > 0) {
        std::from_chars(text.data(), text.data() + length, pid);
    }
    return pid;
}

bool alive(pid_t pid) {
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace

Result<Fd> lock_run_dir(const std::string& run_dir) {
    std::error_code error;
    std::filesystem::create_directories(run_dir, error);
    const std::string path = run_dir + "/hubfs.lock";
    Fd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!lock.valid()) {
        return fail(Code::unsupported, "the run directory cannot be used: " + path + ": " +
                                           std::strerror(errno) +
                                           "; make it writable or choose another: --set "
                                           "node.run_dir=DIR");
    }
    const auto until = std::chrono::steady_clock::now() + kLockPatience;
    while (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        const pid_t pid = holder(lock.get());
        if (alive(pid) || std::chrono::steady_clock::now() > until) {
            return fail(Code::unsupported, "another hubfs is running with this run directory (" +
                                               path + ", process " + std::to_string(pid) +
                                               "); end it, or choose another: --set "
                                               "node.run_dir=DIR");
        }
        // The supervisor is dead and its daemon is just dying.
        std::this_thread::sleep_for(kRetry);
    }
    const std::string pid = std::to_string(getpid()) + "\n";
    if (ftruncate(lock.get(), 0) != 0 || pwrite(lock.get(), pid.data(), pid.size(), 0) < 0) {
        return fail(Code::io, path + ": " + std::strerror(errno));
    }
    return lock;
}

Result<Fd> claim_mount_point(const std::string& path, bool mounted) {
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto digest = sha1(path);
    const std::string name = "hubfs-mount-" + to_hex(digest.data(), digest.size());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // A leading NUL makes the name abstract (unix(7)): no file, gone with the process.
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0) {
        return socket;
    }
    if (mounted) {
        return fail(Code::unsupported,
                    "another hubfs has mounted " + path + "; end it, or name another: hubfs DIR");
    }
    return Fd();
}

}  // namespace hubfs::supervisor
