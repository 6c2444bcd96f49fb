// SPDX-License-Identifier: Apache-2.0
// A block cache that holds what a test says it holds. Reading yields bytes that name their offset.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "fs/cache/block_cache.h"

namespace hubfs::test {

class FakeCache final : public cache::BlockCache {
public:
    struct Held {
        std::vector<ByteRange> ranges;
        bool verified = false;
    };
    std::map<ContentHash, Held> contents;
    std::vector<std::pair<Content, ContentLocation>> opened;

    // The byte at an offset of every content.
    static std::byte at(std::uint64_t offset) { return static_cast<std::byte>(offset % 251); }

    Result<std::unique_ptr<cache::Reader>> open_reader(Content content,
                                                       ContentLocation where) override {
        opened.emplace_back(content, std::move(where));
        return std::make_unique<FakeReader>(content.size_bytes);
    }
    bool held(const Content& content, ByteRange range) const override {
        const auto all = ranges(content, SIZE_MAX);
        return std::ranges::any_of(all, [&](const ByteRange& one) {
            return one.first <= range.first && range.end <= one.end;
        });
    }
    bool verified(const Content& content) const override {
        const auto found = contents.find(content.hash);
        return found != contents.end() && found->second.verified;
    }
    std::uint64_t cached_bytes(const Content& content) const override {
        std::uint64_t sum = 0;
        for (const auto& range : ranges(content, SIZE_MAX)) {
            sum += range.size();
        }
        return sum;
    }
    std::vector<ByteRange> ranges(const Content& content, std::size_t max) const override {
        const auto found = contents.find(content.hash);
        auto held = found == contents.end() ? std::vector<ByteRange>() : found->second.ranges;
        held.resize(std::min(max, held.size()));
        return held;
    }
    std::uint64_t evict(const Content& content) override {
        const std::uint64_t bytes = cached_bytes(content);
        contents.erase(content.hash);
        return bytes;
    }
    Result<cache::Checked> check(const Content& content, const cache::GoOn&) override {
        return cache::Checked{.bytes = content.size_bytes, .damaged = {}};
    }
    Result<std::vector<Content>> stored_contents() const override {
        std::vector<Content> stored;
        for (const auto& [hash, held] : contents) {
            stored.push_back({hash, held.ranges.empty() ? 0 : held.ranges.back().end});
        }
        return stored;
    }
    Result<bool> take(const Content& content, const Fd&, const cache::GoOn&) override {
        return !verified(content);
    }
    cache::CacheUsage usage() const override {
        return {.limit_bytes = 1ULL << 30, .used_bytes = 1ULL << 20, .contents = 3, .verified = 1};
    }
    std::string stats_json() const override { return "{}"; }
    Status flush() override { return {}; }

private:
    class FakeReader final : public cache::Reader {
    public:
        explicit FakeReader(std::uint64_t size) : size_(size) {}
        void read(std::uint64_t offset, std::size_t size, Done<cache::Bytes> done) override {
            auto bytes = std::make_shared<std::vector<std::byte>>();
            for (auto i = offset; i < std::min(offset + size, size_); ++i) {
                bytes->push_back(at(i));
            }
            done(cache::Bytes(std::move(bytes)));
        }
        Fd verified_file() const override { return {}; }
        bool was_wrong() const override { return false; }

    private:
        std::uint64_t size_;
    };
};

}  // namespace hubfs::test
