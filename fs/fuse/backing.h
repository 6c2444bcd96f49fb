// SPDX-License-Identifier: Apache-2.0
// FUSE passthrough as fs/fuse sees it: somebody with the privilege registers a file with the
// kernel, which then reads it without asking us. The supervisor does so; see fs/app.
#pragma once

#include <cstdint>

#include "fs/base/fd.h"
#include "fs/base/result.h"
#include "fs/tree/inode.h"

namespace hubfs::fuse {

class Backing {
public:
    virtual ~Backing() = default;

    // The kernel's number (> 0) for this file as what backs the node. Asked again for a node that
    // has one, it is the same number. Code::unsupported: not here, do not ask again; every other
    // error is about this file. Bounded in time; thread-safe.
    virtual Result<std::int32_t> add(tree::Ino node, const Fd& file) = 0;
    // The kernel forgets it; the file's space returns with its last reader.
    virtual void remove(tree::Ino node) = 0;
};

}  // namespace hubfs::fuse
