// SPDX-License-Identifier: Apache-2.0
#include "fs/app/privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace hubfs::app {

namespace {

constexpr std::uint32_t kKept = 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER;

}  // namespace

Status drop_privileges() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail(Code::io, std::string("PR_SET_NO_NEW_PRIVS: ") + std::strerror(errno));
    }
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    if (syscall(SYS_capget, &header, data.data()) != 0) {
        return fail(Code::io, std::string("capget: ") + std::strerror(errno));
    }
    // The first word holds capabilities 0 to 31, where both kept ones are.
    data[0].permitted &= kKept;
    data[0].effective &= kKept;
    data[0].inheritable = 0;
    data[1] = {};
    if (syscall(SYS_capset, &header, data.data()) != 0) {
        return fail(Code::io, std::string("capset: ") + std::strerror(errno));
    }
    return {};
}

}  // namespace hubfs::app
