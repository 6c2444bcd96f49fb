// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/fusermount.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "fs/base/log.h"
#include "fs/supervisor/child.h"
#include "fs/supervisor/limits.h"

namespace hubfs::supervisor {

namespace {

constexpr const char* kHelper = "fusermount3";
constexpr int kNoHelper = 127;  // as shells say it

int run_helper(const std::vector<std::string>& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) {
        argv.push_back(const_cast<char*>(word.c_str()));  // execvp does not write to them
    }
    argv.push_back(nullptr);
    execvp(kHelper, argv.data());
    return errno == ENOENT ? kNoHelper : 1;
}

Status judge(std::optional<int> status, const std::string& doing) {
    if (!status) {
        return fail(Code::timed_out, doing + ": fusermount3 did not end");
    }
    if (WIFEXITED(*status) && WEXITSTATUS(*status) == kNoHelper) {
        return fail(Code::unsupported,
                    doing +
                        ": fusermount3 is not installed; install it (Debian: apt install "
                        "fuse3), or run hubfs as root");
    }
    if (*status != 0) {
        return fail(Code::unsupported, doing + ": fusermount3 failed (" + describe_status(*status) +
                                           "; its reason stands above): this user must be able to "
                                           "open /dev/fuse and own the mount point");
    }
    return {};
}

// One byte comes with the descriptor in a control message (unix(7), SCM_RIGHTS).
Fd receive_descriptor(int socket) {
    char byte = 0;
    iovec part{.iov_base = &byte, .iov_len = 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    const cmsghdr* header = length > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
        return Fd();
    }
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return Fd(fd);
}

bool others_allowed() {
    std::ifstream file("/etc/fuse.conf");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return allows_other(text);
}

}  // namespace

bool allows_other(std::string_view fuse_conf) {
    while (!fuse_conf.empty()) {
        const std::size_t end = std::min(fuse_conf.find('\n'), fuse_conf.size());
        std::string_view line = fuse_conf.substr(0, end);
        fuse_conf.remove_prefix(std::min(end + 1, fuse_conf.size()));
        while (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line == "user_allow_other") {
            return true;
        }
    }
    return false;
}

Result<Fd> mount_by_fusermount(const std::string& path, bool allow_other,
                               std::uint32_t max_read_bytes) {
    std::string options =
        "ro,nosuid,nodev,default_permissions,fsname=hubfs,subtype=hubfs,max_read=";
    options += std::to_string(max_read_bytes);
    if (allow_other && others_allowed()) {
        options += ",allow_other";
    } else if (allow_other) {
        log::warn("allow_other_refused",
                  {{"remedy", "add the line user_allow_other to /etc/fuse.conf"}});
    }
    std::array<int, 2> pair{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return fail(Code::io, std::string("socketpair: ") + std::strerror(errno));
    }
    const Fd ours(pair[0]);
    Fd theirs(pair[1]);
    const Result<pid_t> helper = spawn([&] {
        const int kept = dup(theirs.get());  // without close-on-exec
        setenv("_FUSE_COMMFD", std::to_string(kept).c_str(), 1);
        return run_helper({kHelper, "-o", options, "--", path});
    });
    if (!helper) {
        return std::unexpected(helper.error());
    }
    theirs.reset();  // so that the helper's end is seen here
    const timeval limit{.tv_sec = std::chrono::seconds(kHelperDeadline).count(), .tv_usec = 0};
    setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    Fd device = receive_descriptor(ours.get());
    if (Status ended = judge(wait_for(*helper, kHelperDeadline), "mounting at " + path); !ended) {
        return std::unexpected(std::move(ended.error()));
    }
    if (!device.valid()) {
        return fail(Code::io, "fusermount3 sent no descriptor");
    }
    return device;
}

Status unmount_by_fusermount(const std::string& path) {
    const Result<pid_t> helper =
        spawn([&] { return run_helper({kHelper, "-u", "-z", "--", path}); });
    if (!helper) {
        return std::unexpected(helper.error());
    }
    return judge(wait_for(*helper, kHelperDeadline), "unmounting " + path);
}

}  // namespace hubfs::supervisor
