// SPDX-License-Identifier: Apache-2.0
// Where redirects of a content ended, kept until shortly before the address expires: further
// ranges of it go straight there. Addresses carry rights: memory only, never logged. One thread.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fs/base/clock.h"
#include "fs/upstream/url.h"

namespace hubfs::upstream {

// When a signed address ends: Expires=<Unix time>, or X-Amz-Date + X-Amz-Expires (the earlier one
// when both are there). Nothing when it does not say.
[[nodiscard]] std::optional<Instant> expiry_of(const Url& url);

class SignedUrls {
public:
    explicit SignedUrls(std::size_t entries_max) : entries_max_(entries_max) {}

    [[nodiscard]] std::optional<Url> find(const std::string& key, Instant now);
    // An address that is about to expire is not kept.
    void put(const std::string& key, const Url& url, Instant now);
    // Only if it is still this address: another transfer may have found a new one.
    void forget(const std::string& key, const Url& url);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    void drop(const std::string& key);

    struct Entry {
        std::string key;
        Url url;
        Instant until{};
    };
    const std::size_t entries_max_;
    std::list<Entry> entries_;                                                 // oldest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  // views of entries_
};

}  // namespace hubfs::upstream
