// SPDX-License-Identifier: Apache-2.0
// How many content transfers go to one host at once; the others wait, first come first served.
// One thread (the transfer loop's); nothing here knows what a transfer is.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace hubfs::upstream {

class SlotUser {
public:
    virtual ~SlotUser() = default;
    // The slot it queued for is its own now. False: no longer wanted, the next one gets it.
    virtual bool on_slot() = 0;
};

class HostSlots {
public:
    HostSlots(std::size_t per_host, std::size_t queued_max)
        : per_host_(per_host), queued_max_(queued_max) {}

    enum class Outcome { granted, queued, full };
    // granted and, once on_slot() came, queued: give it back by release().
    [[nodiscard]] Outcome acquire(const std::string& host, std::weak_ptr<SlotUser> user);
    void release(const std::string& host);

    [[nodiscard]] std::size_t used(const std::string& host) const;
    [[nodiscard]] std::size_t queued(const std::string& host) const;

private:
    struct Host {
        std::size_t used = 0;
        std::deque<std::weak_ptr<SlotUser>> queue;  // those that are gone count until their turn
    };
    const std::size_t per_host_;
    const std::size_t queued_max_;
    std::map<std::string, Host> hosts_;  // only hosts with a used slot
};

}  // namespace hubfs::upstream
