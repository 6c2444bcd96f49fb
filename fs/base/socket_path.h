// SPDX-License-Identifier: Apache-2.0
// The address of a UNIX socket at a path of any length. A socket's address holds 107 bytes
// (unix(7)); a longer path is reached through a descriptor of its directory, as
// /proc/self/fd/N/NAME.
#pragma once

#include <sys/un.h>

#include <string>

#include "fs/base/fd.h"
#include "fs/base/result.h"

namespace hubfs {

// For bind(2) or connect(2) by this process only, as long as it exists.
struct SocketPath {
    sockaddr_un address{};
    Fd directory;  // invalid for a short path
};

// Code::invalid when the name itself is too long; Code::denied or unreachable when the directory
// cannot be opened.
[[nodiscard]] Result<SocketPath> socket_path(const std::string& path);

}  // namespace hubfs
