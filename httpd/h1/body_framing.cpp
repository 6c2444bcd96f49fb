// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/body_framing.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "httpd/http/headers.h"

namespace httpd::h1 {

namespace {

using hubfs::Code;
using hubfs::fail;

constexpr std::size_t kSizeDigitsMax = 16;

hubfs::Result<std::uint64_t> chunk_size(std::string_view line) {
    const std::string_view digits = line.substr(0, line.find(';'));
    std::uint64_t size = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    // from_chars takes a minus sign where the type is signed only; the digit count does the rest.
    if (digits.empty() || digits.size() > kSizeDigitsMax || parsed.ec != std::errc{} ||
        parsed.ptr != digits.data() + digits.size() || !http::is_field_value(line)) {
        return fail(Code::protocol, "malformed chunk size");
    }
    return size;
}

}  // namespace

hubfs::Status BodyFraming::line(std::string_view text) {
    switch (state_) {
        case State::size_line: {
            const auto size = chunk_size(text);
            if (!size) {
                return std::unexpected(size.error());
            }
            left_ = *size;
            state_ = *size == 0 ? State::trailer : State::chunk_bytes;
            return {};
        }
        case State::chunk_end:
            if (!text.empty()) {
                return fail(Code::protocol, "chunk longer than its size");
            }
            state_ = State::size_line;
            return {};
        case State::trailer:
            trailer_bytes_ += text.size();
            if (trailer_bytes_ > kTrailerBytesMax || !http::is_field_value(text)) {
                return fail(Code::protocol, "malformed trailer");
            }
            state_ = text.empty() ? State::done : State::trailer;
            return {};
        default: return {};
    }
}

hubfs::Result<std::size_t> BodyFraming::feed(std::string_view in, std::string& out) {
    std::size_t used = 0;
    while (state_ != State::done && used < in.size()) {
        const std::string_view rest = in.substr(used);
        if (state_ == State::bytes || state_ == State::chunk_bytes ||
            state_ == State::until_close) {
            const std::uint64_t most =
                state_ == State::until_close ? std::numeric_limits<std::uint64_t>::max() : left_;
            const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(most, rest.size()));
            out.append(rest.substr(0, n));
            used += n;
            if (state_ != State::until_close && (left_ -= n) == 0) {
                state_ = state_ == State::bytes ? State::done : State::chunk_end;
            }
            continue;
        }
        const auto end = rest.find('\n');
        const std::string_view so_far = rest.substr(0, end);
        if (so_far.size() > kChunkLineMax || (state_ == State::chunk_end && so_far.size() > 1)) {
            return fail(Code::protocol, "chunk line too long");
        }
        if (end == std::string_view::npos) {
            break;
        }
        if (!so_far.ends_with('\r')) {
            return fail(Code::protocol, "bare line feed between chunks");
        }
        if (const auto good = line(so_far.substr(0, so_far.size() - 1)); !good) {
            return std::unexpected(good.error());
        }
        used += end + 1;
    }
    return used;
}

hubfs::Status BodyFraming::end_of_stream() {
    if (state_ == State::until_close) {
        state_ = State::done;
    }
    if (state_ != State::done) {
        return fail(Code::protocol, "the body ended too early");
    }
    return {};
}

}  // namespace httpd::h1
