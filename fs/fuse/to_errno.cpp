// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/to_errno.h"

#include <cerrno>

namespace hubfs::fuse {

int to_errno(Code code) {
    switch (code) {
        case Code::not_found: return ENOENT;
        case Code::denied: return EACCES;
        case Code::gated: return EACCES;
        case Code::rate_limited: return EBUSY;
        case Code::unavailable: return EREMOTEIO;
        case Code::protocol: return EPROTO;
        case Code::unreachable: return EHOSTUNREACH;
        case Code::timed_out: return ETIMEDOUT;
        case Code::cancelled: return EINTR;
        case Code::corrupt: return EIO;
        case Code::no_space: return ENOSPC;
        case Code::io: return EIO;
        case Code::invalid: return EINVAL;
        case Code::unsupported: return EOPNOTSUPP;
        case Code::read_only: return EROFS;
        case Code::not_directory: return ENOTDIR;
        case Code::is_directory: return EISDIR;
        case Code::no_attribute: return ENODATA;
        case Code::name_too_long: return ENAMETOOLONG;
        case Code::stale: return ESTALE;
        case Code::offline: return EHOSTUNREACH;
    }
    return EIO;  // a value outside of the enumeration: our own mistake
}

}  // namespace hubfs::fuse
