// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/daemon_process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "fs/supervisor/child.h"

namespace hubfs::supervisor {

namespace {

// Puts the descriptors at their fixed numbers, inheritable. They are first moved out of the way,
// because one may stand where another belongs.
bool place_descriptors(std::array<int, kHandoverFds> fds) {
    constexpr int kAbove = kDeviceFd + kHandoverFds;
    for (int& fd : fds) {
        fd = fcntl(fd, F_DUPFD_CLOEXEC, kAbove);
        if (fd < 0) {
            return false;
        }
    }
    int number = kDeviceFd;
    for (const int fd : fds) {
        if (dup2(fd, number++) < 0) {
            return false;
        }
    }
    return true;
}

struct Pair {
    Fd ours;
    Fd theirs;
};

Result<Pair> make_pair() {
    std::array<int, 2> pair{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return fail(Code::io, std::string("socketpair: ") + std::strerror(errno));
    }
    return Pair{Fd(pair[0]), Fd(pair[1])};
}

}  // namespace

Result<std::string> find_daemon() {
    std::array<char, PATH_MAX> self{};
    const ssize_t length = readlink("/proc/self/exe", self.data(), self.size());
    std::string path(self.data(), static_cast<std::size_t>(length > 0 ? length : 0));
    path.erase(path.rfind('/') + 1);
    return path += "hubfs-daemon";
}

Result<Fd> open_program(const std::string& path) {
    Fd program(open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!program.valid() || access(path.c_str(), X_OK) != 0) {
        return fail(Code::unsupported,
                    path + ": " + std::strerror(errno) + "; install hubfs-daemon beside hubfs");
    }
    return program;
}

Result<Fd> seal_config(const std::string& toml) {
    Fd file(memfd_create("hubfs-config", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.valid() ||
        write(file.get(), toml.data(), toml.size()) != static_cast<ssize_t>(toml.size()) ||
        fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) != 0) {
        return fail(Code::io, std::string("memfd: ") + std::strerror(errno));
    }
    return file;
}

Result<DaemonProcess> start_daemon(const DaemonStart& start) {
    Result<Pair> channel = make_pair();
    Result<Pair> backing = make_pair();
    if (!channel || !backing) {
        return std::unexpected((channel ? backing : channel).error());
    }
    const Result<pid_t> pid = spawn([&] {
        setenv(kHandoverVariable, to_text(start.handover).c_str(), 1);
        const int program = fcntl(start.program, F_DUPFD_CLOEXEC, kDeviceFd + kHandoverFds);
        if (program < 0 || !place_descriptors({start.device, channel->theirs.get(), start.config,
                                               start.lock, backing->theirs.get(), start.rows})) {
            return 1;
        }
        // ps shows both processes as hubfs.
        std::string name = "hubfs";
        std::string role = "--daemon";
        std::string mount_point = start.mount_point;
        const std::array<char*, 4> argv{name.data(), role.data(), mount_point.data(), nullptr};
        fexecve(program, argv.data(), environ);
        return 1;
    });
    if (!pid) {
        return std::unexpected(pid.error());
    }
    return DaemonProcess{*pid, std::move(channel->ours), std::move(backing->ours)};
}

Result<pid_t> start_probe(const std::string& mount_point, int device) {
    return spawn([&] {
        close(device);
        struct stat st{};
        return stat(mount_point.c_str(), &st) == 0 && S_ISDIR(st.st_mode) ? 0 : 1;
    });
}

}  // namespace hubfs::supervisor
