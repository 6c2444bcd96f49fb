// SPDX-License-Identifier: Apache-2.0
// Bytes of keys and values (docs/formats.md). Values are explicit little-endian structures behind
// a version byte; keys are big-endian, so that their byte order is their number order. Pure. A
// Reader never runs past its end: after the first short read everything it gives is zero or empty
// and ok() is false.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fs/base/clock.h"

namespace hubfs::meta {

class Writer {
public:
    Writer& u8(std::uint8_t value) {
        bytes_.push_back(static_cast<char>(value));
        return *this;
    }
    Writer& u16(std::uint16_t value) { return little(value, 2); }
    Writer& u32(std::uint32_t value) { return little(value, 4); }
    Writer& u64(std::uint64_t value) { return little(value, 8); }
    Writer& time(Instant at) {
        return u64(static_cast<std::uint64_t>(at.time_since_epoch().count()));
    }
    Writer& u32_big(std::uint32_t value) { return big(value, 4); }
    Writer& u64_big(std::uint64_t value) { return big(value, 8); }
    Writer& raw(std::string_view bytes) {
        bytes_.append(bytes);
        return *this;
    }
    template <std::size_t N>
    Writer& raw(const std::array<std::uint8_t, N>& bytes, std::size_t size = N) {
        for (std::size_t i = 0; i < size; ++i) {
            u8(bytes[i]);
        }
        return *this;
    }
    // A text with its length in front, in two or four bytes. Longer texts are cut to what fits.
    Writer& text16(std::string_view text) {
        text = text.substr(0, 0xffff);
        return u16(static_cast<std::uint16_t>(text.size())).raw(text);
    }
    Writer& text32(std::string_view text) {
        text = text.substr(0, 0xffffffff);
        return u32(static_cast<std::uint32_t>(text.size())).raw(text);
    }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    Writer& little(std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i) {
            bytes_.push_back(static_cast<char>(value >> (8 * i)));
        }
        return *this;
    }
    Writer& big(std::uint64_t value, int size) {
        for (int i = size - 1; i >= 0; --i) {
            bytes_.push_back(static_cast<char>(value >> (8 * i)));
        }
        return *this;
    }
    std::string bytes_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(little(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(little(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(little(4)); }
    std::uint64_t u64() { return little(8); }
    Instant time() { return Instant(Duration(static_cast<std::int64_t>(u64()))); }
    std::uint32_t u32_big() { return static_cast<std::uint32_t>(big(4)); }
    std::uint64_t u64_big() { return big(8); }
    std::string_view raw(std::size_t size) {
        if (bytes_.size() < size) {
            ok_ = false;
            bytes_ = {};
            return {};
        }
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }
    template <std::size_t N>
    void raw(std::array<std::uint8_t, N>& into, std::size_t size = N) {
        const std::string_view taken = raw(size);
        std::copy(taken.begin(), taken.end(), into.begin());
    }
    std::string_view text16() { return raw(u16()); }
    std::string_view text32() { return raw(u32()); }
    std::string_view rest() { return raw(bytes_.size()); }

    [[nodiscard]] bool ok() const { return ok_; }
    // Everything was there and nothing is left over.
    [[nodiscard]] bool done() const { return ok_ && bytes_.empty(); }

private:
    std::uint64_t little(std::size_t size) {
        const std::string_view taken = raw(size);
        std::uint64_t value = 0;
        for (std::size_t i = taken.size(); i > 0; --i) {
            value = value << 8 | static_cast<std::uint8_t>(taken[i - 1]);
        }
        return value;
    }
    std::uint64_t big(std::size_t size) {
        std::uint64_t value = 0;
        for (const char c : raw(size)) {
            value = value << 8 | static_cast<std::uint8_t>(c);
        }
        return value;
    }
    std::string_view bytes_;
    bool ok_ = true;
};

}  // namespace hubfs::meta
