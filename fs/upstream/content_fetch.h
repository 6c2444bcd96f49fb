// SPDX-License-Identifier: Apache-2.0
// One range of one content from beginning to end: /resolve/ on the Hub, its redirects, the content
// host, retries from the byte reached, re-resolving when a remembered address is refused. The sink
// sees every byte once, in order. Lives on the loop's thread; ends exactly once. Internal.
//
//   begin ─► (wait for whoever resolves the same content) ─► queue ─► ask ─► bytes ─► end
//     ▲                                                               │ redirect: queue again
//     └──────── remembered address refused; or retry after a pause ◄──┘
//
// No token goes with any of these requests: content is public or it is not ours to fetch.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fs/upstream/core.h"
#include "fs/upstream/source.h"

namespace hubfs::upstream {

class ContentFetch : public Operation,
                     public ExchangeEvents,
                     public SlotUser,
                     public std::enable_shared_from_this<ContentFetch> {
public:
    // The request was checked: range within the content, a valid repository and path.
    ContentFetch(Core& core, ContentRequest request, std::shared_ptr<ContentSink> sink);

    void start();
    void abort(Error error) override;

    bool on_head(const ResponseHead& head) override;
    bool on_body(std::span<const std::byte> bytes) override;
    void on_end(Status status) override;
    bool on_slot() override;

private:
    enum class Body { unwanted, wanted, enough };

    void begin();
    void queue();
    void ask();
    void follow(std::string_view location);
    void judge(const Status& status);
    void judge_refusal();
    void retry_after(Error error);
    void resolved(bool found);
    void arm_deadline();
    void on_deadline();
    void release_slot();
    void finish(Status status);
    [[nodiscard]] std::optional<Error> accept(const ResponseHead& head);
    [[nodiscard]] std::optional<Error> check_partial(const ResponseHead& head) const;
    [[nodiscard]] std::optional<Error> check_whole(const ResponseHead& head) const;
    [[nodiscard]] Error broken(std::string_view what) const;
    [[nodiscard]] Steady deadline() const { return progress_ + core_.config.deadline; }

    Core& core_;
    const ContentRequest request_;
    std::shared_ptr<ContentSink> sink_;  // empty once it has ended
    const std::string key_;              // of the location, for the address it leads to
    std::uint64_t at_;                   // next byte of the content
    Steady progress_{};                  // when the last byte came, or the start
    Url url_;
    bool remembered_ = false;   // url_ is an address kept from an earlier transfer
    bool re_resolved_ = false;  // one refused address was dropped already
    bool resolving_ = false;    // others wait for what this one finds
    bool waited_ = false;       // has waited for another's; does not again
    std::string slot_host_;     // where a connection is ours, else empty
    bool queued_ = false;
    int redirects_ = 0;
    unsigned failures_ = 0;  // in a row without a byte
    unsigned attempts_ = 0;
    TransferLoop::Id deadline_timer_ = 0;
    TransferLoop::Id retry_timer_ = 0;
    TransferLoop::Id exchange_ = 0;
    ResponseHead head_;
    Body body_ = Body::unwanted;
    std::uint64_t skip_bytes_ = 0;  // of a whole body: what the sink has already
    std::size_t unwanted_bytes_ = 0;
    std::optional<Error> verdict_;  // why on_head or on_body ended the exchange
};

// The Hub's address of a content, below its origin and path.
[[nodiscard]] std::string resolve_target(const ContentLocation& location);

}  // namespace hubfs::upstream
