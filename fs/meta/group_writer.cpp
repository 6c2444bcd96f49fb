// SPDX-License-Identifier: Apache-2.0
// Group commit: what waits at the same moment becomes one transaction and one fsync. A write
// function that fails must leave nothing behind while its neighbours go on; since all of them are
// restartable, the group is simply run again without it (nested transactions would cost every
// group what only a failing one needs).
#include <algorithm>
#include <future>
#include <utility>

#include "fs/base/log.h"
#include "fs/meta/database_parts.h"
#include "fs/meta/limits.h"

namespace hubfs::meta {

Database::Writer::Writer(Database& database, std::chrono::milliseconds later_max)
    : database_(database), later_max_(later_max), thread_([this] { run(); }) {}

Database::Writer::~Writer() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Database::Writer::submit(Item item, bool urgent) {
    {
        std::unique_lock lock(mutex_);
        // The writer never stops taking while items are queued, so this wait ends with the disk's.
        room_.wait(lock, [this] { return queue_.size() < kWritesQueuedMax; });
        if (queue_.empty()) {
            due_ = std::chrono::steady_clock::now() + later_max_;
        }
        queue_.push_back(std::move(item));
        urgent_ = urgent_ || urgent || queue_.size() >= kWritesQueuedMax / 2;
    }
    wake_.notify_one();
}

void Database::Writer::run() {
    pthread_setname_np(pthread_self(), "meta-writer");
    database_.check_readers();
    Steady check = std::chrono::steady_clock::now() + kReaderCheckEvery;
    for (;;) {
        std::vector<Item> group;
        bool stopping = false;
        {
            std::unique_lock lock(mutex_);
            const auto ready = [this] { return urgent_ || stopping_; };
            while (!ready()) {
                const Steady until = queue_.empty() ? check : std::min(due_, check);
                if (wake_.wait_until(lock, until) == std::cv_status::timeout) {
                    break;
                }
            }
            const Steady now = std::chrono::steady_clock::now();
            if (ready() || (!queue_.empty() && due_ <= now)) {
                const std::size_t size = std::min(queue_.size(), kWritesPerGroupMax);
                for (std::size_t i = 0; i < size; ++i) {
                    group.push_back(std::move(queue_.front()));
                    queue_.pop_front();
                }
                urgent_ = urgent_ && !queue_.empty();
                due_ = now + later_max_;
            }
            stopping = stopping_ && queue_.empty();
        }
        room_.notify_all();
        if (!group.empty()) {
            database_.commit_group(group);
        }
        if (stopping) {
            return;
        }
        if (std::chrono::steady_clock::now() >= check) {
            database_.check_readers();
            check = std::chrono::steady_clock::now() + kReaderCheckEvery;
        }
    }
}

// One attempt at everything that still lives. Items that fail get their status and leave.
Database::Ran Database::run_group(std::vector<Item*>& live, Error& why) {
    auto txn = begin_write();
    if (!txn) {
        for (Item* item : live) {
            item->status = std::unexpected(txn.error());
        }
        return Ran::done;
    }
    for (auto it = live.begin(); it != live.end();) {
        txn->written_ = false;
        Status ran;
        try {
            ran = (*it)->fn(*txn);
        } catch (const std::exception& error) {
            ran = fail(Code::io, std::string("store: write: ") + error.what());
        }
        if (txn->map_full_ || txn->txn_full_) {
            why = ran ? Error{Code::no_space, "store: full"} : ran.error();
            return txn->map_full_ ? Ran::again : Ran::smaller;
        }
        (*it)->status = ran;
        if (ran) {
            ++it;
            continue;
        }
        it = live.erase(it);
        if (txn->written_) {
            why = {};
            return live.empty() ? Ran::done : Ran::again;
        }
    }
    if (live.empty()) {
        return Ran::done;
    }
    if (Status committed = commit(*txn); !committed) {
        why = committed.error();
        if (txn->map_full_) {
            return Ran::again;
        }
        for (Item* item : live) {
            item->status = std::unexpected(committed.error());
        }
        return Ran::done;
    }
    ++parts_->groups;
    parts_->writes += live.size();
    return Ran::done;
}

void Database::commit_group(std::vector<Item>& items) {
    std::vector<Item*> waiting;
    for (Item& item : items) {
        waiting.push_back(&item);
    }
    std::size_t size = waiting.size();
    while (!waiting.empty()) {
        size = std::min(size, waiting.size());
        std::vector<Item*> live(waiting.begin(),
                                waiting.begin() + static_cast<std::ptrdiff_t>(size));
        Ran ran = Ran::again;
        Error why;
        for (unsigned growths = 0; ran == Ran::again;) {
            why = {};
            ran = run_group(live, why);
            // An empty reason means that only a failed function had to be left out.
            if (ran == Ran::again && !why.message.empty()) {
                Status grown = ++growths > kMapGrowthsPerGroupMax ? std::unexpected(why) : grow();
                if (!grown) {
                    for (Item* item : live) {
                        item->status = std::unexpected(grown.error());
                    }
                    ran = Ran::done;
                }
            }
        }
        if (ran == Ran::smaller && size > 1) {
            size = (size + 1) / 2;
            continue;
        }
        if (ran == Ran::smaller) {
            waiting.front()->status = std::unexpected(why);
        }
        waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(size));
    }
    for (Item& item : items) {
        if (item.committed) {
            item.committed(std::move(item.status));
        } else if (!item.status) {
            log::error("store_write_lost", {{"reason", item.status.error().message}});
        }
    }
}

Status Database::run_write(WriteFn fn) {
    std::promise<Status> promise;
    auto future = promise.get_future();
    writer_->submit(
        {std::move(fn), [&promise](Status status) { promise.set_value(std::move(status)); }, {}},
        true);
    return future.get();
}

void Database::write_later(WriteFn fn, Committed committed) {
    writer_->submit({std::move(fn), std::move(committed), {}}, false);
}

Status Database::flush() {
    return run_write([](WriteTxn&) -> Status { return {}; });
}

}  // namespace hubfs::meta
