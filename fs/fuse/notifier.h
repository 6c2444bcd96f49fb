// SPDX-License-Identifier: Apache-2.0
// Tells the kernel to forget names and pages, from a thread of its own: dropping pages can block in
// the kernel on a page that a pending read holds, and a worker that waited there would hold up the
// very reads that would end it. Thread-safe; callers never wait and may hold their own locks.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "fs/fuse/counters.h"
#include "fs/tree/inode.h"

namespace hubfs::fuse {

struct Notification {
    tree::Ino ino{};   // the directory of `name`, or the inode whose pages are dropped
    std::string name;  // empty: pages
};

class Notifier {
public:
    using Send = std::move_only_function<void(const Notification&)>;

    Notifier(Send send, Counters& counters);
    ~Notifier();  // stops, then joins: pending reads must have been answered
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    // Dropped and counted when the queue is full or the notifier has stopped.
    void push(Notification notification);
    // Nothing is sent after what is being sent now; does not wait for that.
    void stop();

private:
    void run();

    Send send_;
    Counters& counters_;
    std::mutex mutex_;  // guards what follows; never held while sending
    std::condition_variable wake_;
    std::deque<Notification> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace hubfs::fuse
