// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/host_slots.h"

#include <utility>

namespace hubfs::upstream {

HostSlots::Outcome HostSlots::acquire(const std::string& host, std::weak_ptr<SlotUser> user) {
    Host& at = hosts_[host];
    if (at.used < per_host_) {
        ++at.used;
        return Outcome::granted;
    }
    if (at.queue.size() >= queued_max_) {
        return Outcome::full;
    }
    at.queue.push_back(std::move(user));
    return Outcome::queued;
}

void HostSlots::release(const std::string& host) {
    // The slot is handed over without being free in between. A user may come back into this class
    // from on_slot(), so nothing found before is used after it.
    for (;;) {
        const auto found = hosts_.find(host);
        if (found == hosts_.end()) {
            return;
        }
        if (found->second.queue.empty()) {
            if (--found->second.used == 0) {
                hosts_.erase(found);
            }
            return;
        }
        const std::weak_ptr<SlotUser> next = std::move(found->second.queue.front());
        found->second.queue.pop_front();
        if (const auto user = next.lock(); user && user->on_slot()) {
            return;
        }
    }
}

std::size_t HostSlots::used(const std::string& host) const {
    const auto found = hosts_.find(host);
    return found == hosts_.end() ? 0 : found->second.used;
}

std::size_t HostSlots::queued(const std::string& host) const {
    const auto found = hosts_.find(host);
    return found == hosts_.end() ? 0 : found->second.queue.size();
}

}  // namespace hubfs::upstream
