// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/signed_urls.h"

#include <algorithm>
#include <charconv>

#include "fs/upstream/headers.h"
#include "fs/upstream/limits.h"

namespace hubfs::upstream {

namespace {

// The value of a query parameter as it stands; names are compared exactly.
std::optional<std::string_view> parameter(std::string_view target, std::string_view name) {
    const std::size_t query = target.find('?');
    if (query == std::string_view::npos) {
        return std::nullopt;
    }
    for (std::string_view rest = target.substr(query + 1); !rest.empty();) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return pair.substr(name.size() + 1);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
}

// Seconds that can be added to a date without leaving the clock's range.
std::optional<std::chrono::seconds> seconds_of(std::optional<std::string_view> text) {
    constexpr std::uint64_t kMost = 1ULL << 38;
    const auto number = text ? parse_length(*text) : std::nullopt;
    if (!number || *number > kMost) {
        return std::nullopt;
    }
    return std::chrono::seconds(*number);
}

// "20261121T150405Z", ISO 8601's basic form.
std::optional<Instant> basic_date(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T') {
        return std::nullopt;
    }
    std::string extended;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 4 || i == 6) {
            extended += '-';
        } else if (i == 11 || i == 13) {
            extended += ':';
        }
        extended += text[i];
    }
    return instant_from(extended);
}

}  // namespace

std::optional<Instant> expiry_of(const Url& url) {
    std::optional<Instant> expiry;
    if (const auto unix_time = seconds_of(parameter(url.target, "Expires"))) {
        expiry = Instant(*unix_time);
    }
    const auto from = basic_date(parameter(url.target, "X-Amz-Date").value_or(""));
    const auto life = seconds_of(parameter(url.target, "X-Amz-Expires"));
    if (from && life) {
        const Instant until = *from + *life;
        expiry = expiry ? std::min(*expiry, until) : until;
    }
    return expiry;
}

std::optional<Url> SignedUrls::find(const std::string& key, Instant now) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
        return std::nullopt;
    }
    if (found->second->until <= now) {
        drop(key);
        return std::nullopt;
    }
    return found->second->url;
}

void SignedUrls::put(const std::string& key, const Url& url, Instant now) {
    drop(key);
    const Instant expiry = expiry_of(url).value_or(now + kSignedUrlDefaultLife);
    // A short-lived address still serves for most of its life.
    const Duration margin = std::min<Duration>(kSignedUrlMargin, (expiry - now) / 4);
    if (expiry - margin <= now) {
        return;
    }
    while (entries_.size() >= entries_max_) {
        by_key_.erase(entries_.front().key);
        entries_.pop_front();
    }
    const auto entry = entries_.insert(entries_.end(), Entry{key, url, expiry - margin});
    by_key_.emplace(entry->key, entry);
}

void SignedUrls::forget(const std::string& key, const Url& url) {
    if (const auto found = by_key_.find(key); found != by_key_.end() && found->second->url == url) {
        drop(key);
    }
}

void SignedUrls::drop(const std::string& key) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        const auto entry = found->second;
        by_key_.erase(found);  // before the text its key points into
        entries_.erase(entry);
    }
}

}  // namespace hubfs::upstream
