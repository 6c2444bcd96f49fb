// SPDX-License-Identifier: Apache-2.0
// One request and its answer as curl runs it: the easy handle, its options and its callbacks.
// Internal to the transfer loop; knows neither the multi handle nor other exchanges. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fs/upstream/curl_handles.h"
#include "fs/upstream/transfer_loop.h"

namespace hubfs::upstream {

class Exchange {
public:
    // Not movable: curl holds its address.
    Exchange(TransferLoop::Id id, const LoopConfig& config, const ExchangeRequest& request,
             std::shared_ptr<ExchangeEvents> events);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    [[nodiscard]] Status status() const;  // whether it can be run at all
    [[nodiscard]] TransferLoop::Id id() const { return id_; }
    [[nodiscard]] CURL* handle() const { return easy_.get(); }
    [[nodiscard]] std::uint64_t connections_made() const;
    // Content is handed on when the loop has read all that the socket had: curl calls for each
    // 16 KiB, and so small writes make small pages in the kernel's memory, slow to read for good.
    // False: its owner wants no more, end it with CURLE_WRITE_ERROR.
    [[nodiscard]] bool hand_on();
    // After curl is done with it: hands on the rest, tells the outcome.
    void finish(CURLcode code);

private:
    void set_common(const LoopConfig& config, const ExchangeRequest& request);
    void set_timeouts(const ExchangeRequest& request);
    bool take_header(std::string_view line);
    bool take_head_end();
    bool fault(std::string_view what);  // always false
    bool take_body(const char* bytes, std::size_t size);
    // curl's callbacks: C, so nothing may be thrown through them.
    static std::size_t header_callback(char* line, std::size_t size, std::size_t n,
                                       void* self) noexcept;
    static std::size_t body_callback(char* bytes, std::size_t size, std::size_t n,
                                     void* self) noexcept;

    const TransferLoop::Id id_;
    const std::string host_;
    std::shared_ptr<ExchangeEvents> events_;
    CurlHeaders headers_;  // before easy_: curl reads it until the handle is gone
    std::array<char, CURL_ERROR_SIZE> detail_{};
    bool complete_ = true;  // every header line fitted into memory
    std::size_t head_bytes_ = 0;
    bool head_done_ = false;
    std::string_view head_fault_{};  // what is wrong with the header, a literal
    ResponseHead head_;
    const bool gathers_;               // content
    std::vector<std::byte> gathered_;  // at most kGatherBytes and one call of curl's
    CurlEasy easy_;
};

}  // namespace hubfs::upstream
