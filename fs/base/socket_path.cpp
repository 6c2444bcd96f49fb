// SPDX-License-Identifier: Apache-2.0
#include "fs/base/socket_path.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace hubfs {

Result<SocketPath> socket_path(const std::string& path) {
    SocketPath out;
    out.address.sun_family = AF_UNIX;
    std::string reached = path;
    if (reached.size() >= sizeof(out.address.sun_path)) {
        const std::size_t slash = path.rfind('/');
        const std::string parent =
            slash == std::string::npos ? "." : path.substr(0, slash == 0 ? 1 : slash);
        const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
        out.directory.reset(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!out.directory.valid()) {
            return fail(errno == EACCES ? Code::denied : Code::unreachable,
                        parent + ": " + std::strerror(errno));
        }
        reached = "/proc/self/fd/" + std::to_string(out.directory.get()) + "/" + name;
        if (reached.size() >= sizeof(out.address.sun_path)) {
            return fail(Code::invalid, "the name is too long for a socket: " + path);
        }
    }
    std::memcpy(out.address.sun_path, reached.c_str(), reached.size() + 1);
    return out;
}

}  // namespace hubfs
