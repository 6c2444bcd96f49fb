// SPDX-License-Identifier: Apache-2.0
// Asks the supervisor to register cache files for passthrough (fs/supervisor/backing_protocol.h).
// One question at a time; thread-safe. A supervisor that does not answer in kBackingWait turns
// passthrough off for this daemon.
#pragma once

#include <atomic>
#include <mutex>

#include "fs/base/fd.h"
#include "fs/fuse/backing.h"

namespace hubfs::app {

class BackingClient final : public fuse::Backing {
public:
    // The daemon's end of the socket.
    explicit BackingClient(Fd socket) : socket_(std::move(socket)) {}

    Result<std::int32_t> add(tree::Ino node, const Fd& file) override;
    void remove(tree::Ino node) override;

private:
    std::mutex mutex_;  // one question at a time
    Fd socket_;
    bool lost_ = false;
};

}  // namespace hubfs::app
