// SPDX-License-Identifier: Apache-2.0
// Finished answers to hot small files, found by the raw bytes of the request's head. The same bytes
// were checked and routed before, so that nothing is parsed, and the answer is byte for byte the
// one that was given then.
//
// What keeps it true (docs/http.md, "Hot answers"):
// - only HITs are kept, so X-Cache: HIT stays right until the reference expires;
// - an answer is given for less than a second after the mount was asked for it. So its Date, its
//   lifetimes and an Age of 0 need no change, and the repository's state is asked for by the
//   ordinary way (an OPEN in the mount) more than once a second as long as somebody comes;
// - never while the mount's epoch is unknown or another one than when it was made.
// When half of the time is over one request is sent the ordinary way to renew the answer, while the
// others still get it.
//
// One cache per event loop, used on its thread alone: no locks. find() does not allocate.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fs/base/clock.h"
#include "httpd/hot/epoch_watch.h"
#include "httpd/http/response.h"

namespace httpd::hot {

// One answer; immutable but for `renewing`, shared with connections that still send it.
struct Kept {
    std::string key;       // the request's head as it was received
    std::string bytes;     // head and body of the answer
    std::string log_tail;  // of its line in the access log
    http::LogEntry log;    // the same for an answer that was not taken as a whole
    http::Keep keep;
    hubfs::Steady asked{};  // before anything of it was looked at
    bool renewing = false;
};

class AnswerCache {
public:
    // From `asked` on. Less than a second: see above.
    static constexpr std::chrono::milliseconds kKeptFor{900};
    static constexpr std::chrono::milliseconds kRenewAfter{500};
    static constexpr std::size_t kBytesMax = 32 * 1024 * 1024;  // in all, keys included
    static constexpr std::size_t kAnswerBytesMax = 80 * 1024;   // a 64 KiB file and its head
    static constexpr std::size_t kKeyBytesMax = 4 * 1024;

    // Both outlive the cache.
    AnswerCache(EpochWatch& watch, const hubfs::Clock& clock) : watch_(watch), clock_(clock) {}
    AnswerCache(const AnswerCache&) = delete;
    AnswerCache& operator=(const AnswerCache&) = delete;

    // Null: ask the ordinary way, then keep() or forget().
    [[nodiscard]] std::shared_ptr<const Kept> find(std::string_view head);
    void keep(Kept answer);
    void forget(std::string_view head);
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    using Answers = std::unordered_map<std::string_view, std::shared_ptr<Kept>>;  // by Kept::key

    void erase(Answers::iterator found);
    void make_room(hubfs::Steady now, std::size_t bytes);

    EpochWatch& watch_;
    const hubfs::Clock& clock_;
    Answers answers_;
    std::deque<std::weak_ptr<Kept>> oldest_;  // in the order of keep()
    std::size_t bytes_ = 0;
};

// Whether an answer to this request may be kept at all: GET or HEAD without a body, without a
// secret (which must not stay in memory as part of a key), and not asking for a newer answer.
[[nodiscard]] bool keepable(const http::Request& request);

}  // namespace httpd::hot
