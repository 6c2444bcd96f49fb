// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/notifier.h"

#include <pthread.h>

#include <utility>

#include "fs/fuse/limits.h"

namespace hubfs::fuse {

Notifier::Notifier(Send send, Counters& counters)
    : send_(std::move(send)), counters_(counters), thread_([this] { run(); }) {}

Notifier::~Notifier() {
    stop();
    thread_.join();
}

void Notifier::push(Notification notification) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_ || queue_.size() >= kNotificationsMax) {
            counters_.notify_dropped.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        queue_.push_back(std::move(notification));
    }
    wake_.notify_one();
}

void Notifier::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
}

void Notifier::run() {
    pthread_setname_np(pthread_self(), "fuse-notify");
    for (;;) {
        Notification next;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) {
                return;
            }
            next = std::move(queue_.front());
            queue_.pop_front();
        }
        send_(next);
        counters_.notified.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace hubfs::fuse
