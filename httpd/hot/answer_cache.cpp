// SPDX-License-Identifier: Apache-2.0
#include "httpd/hot/answer_cache.h"

#include <algorithm>
#include <array>
#include <utility>

namespace httpd::hot {

namespace {

// What an entry costs besides its text: nodes, the log entry, small allocations.
constexpr std::size_t kEntryBytes = 1024;

std::size_t cost(const Kept& answer) {
    return kEntryBytes + answer.key.size() + answer.bytes.size() + answer.log_tail.size();
}

}  // namespace

bool keepable(const http::Request& request) {
    static constexpr std::array<std::string_view, 7> kOther = {
        "Authorization", "Proxy-Authorization", "Cookie", "Cache-Control", "Pragma", "Expect",
        "Upgrade"};
    return request.get_or_head() && request.minor_version == 1 && request.body == nullptr &&
           std::ranges::none_of(kOther, [&](auto name) { return request.headers.has(name); });
}

std::shared_ptr<const Kept> AnswerCache::find(std::string_view head) {
    const auto found = answers_.find(head);
    if (found == answers_.end()) {
        return nullptr;
    }
    Kept& answer = *found->second;
    const hubfs::Steady now = clock_.steady();
    const auto epoch = watch_.current(now);
    if (!epoch) {
        return nullptr;  // not known now; in a moment it may be again
    }
    const auto& expires = answer.keep.expires;
    if (*epoch != answer.keep.epoch || now - answer.asked >= kKeptFor ||
        (expires && clock_.now() >= *expires)) {
        erase(found);
        return nullptr;
    }
    if (!answer.renewing && now - answer.asked >= kRenewAfter) {
        answer.renewing = true;
        return nullptr;
    }
    return found->second;
}

void AnswerCache::keep(Kept answer) {
    const hubfs::Steady now = clock_.steady();
    (void)watch_.current(now);  // so that the next request finds it fresh
    forget(answer.key);
    const std::size_t bytes = cost(answer);
    if (answer.key.size() > kKeyBytesMax || answer.bytes.size() > kAnswerBytesMax ||
        now - answer.asked >= kKeptFor) {
        return;
    }
    make_room(now, bytes);
    auto kept = std::make_shared<Kept>(std::move(answer));
    oldest_.push_back(kept);
    const std::string_view key = kept->key;  // lives as long as the entry
    answers_.emplace(key, std::move(kept));
    bytes_ += bytes;
}

void AnswerCache::forget(std::string_view head) {
    if (const auto found = answers_.find(head); found != answers_.end()) {
        erase(found);
    }
}

void AnswerCache::erase(Answers::iterator found) {
    const std::shared_ptr<Kept> answer = found->second;  // the key points into it
    answers_.erase(found);
    bytes_ -= cost(*answer);
}

// The oldest go first; those whose time is over in any case, so that memory follows the load.
void AnswerCache::make_room(hubfs::Steady now, std::size_t bytes) {
    while (!oldest_.empty()) {
        const auto answer = oldest_.front().lock();
        const auto found = answer ? answers_.find(answer->key) : answers_.end();
        const bool there = found != answers_.end() && found->second == answer;
        if (there && now - answer->asked < kKeptFor && bytes_ + bytes <= kBytesMax) {
            return;
        }
        oldest_.pop_front();
        if (there) {
            erase(found);
        }
    }
}

}  // namespace httpd::hot
