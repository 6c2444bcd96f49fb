// SPDX-License-Identifier: Apache-2.0
// A block cache over a temporary directory, an index in memory, a fake upstream and a clock that
// the test moves. Blocks are 64 KiB, so that a few hundred KiB make a large content.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/cache/cache_impl.h"
#include "tests/fs/cache/memory_index.h"
#include "tests/support/fake_source.h"
#include "tests/support/test_clock.h"

namespace hubfs::test {

inline constexpr std::uint32_t kBlock = 64U << 10;
inline constexpr std::chrono::seconds kPatience{20};

class TempDir {
public:
    TempDir() {
        std::string path = (std::filesystem::temp_directory_path() / "hfm-cache-XXXXXX").string();
        path_ = ::mkdtemp(path.data());
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

// Bytes without a period that a block could hide.
inline std::string pattern(std::size_t size, unsigned seed = 1) {
    std::string bytes(size, '\0');
    std::uint64_t x = seed * 0x9e3779b97f4a7c15ULL + 1;
    for (char& c : bytes) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        c = static_cast<char>(x >> 56);
    }
    return bytes;
}

inline std::string text(const cache::Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

inline ContentLocation at(std::string path = "model.bin") {
    return {{RepoType::model, "org/name"}, CommitId{}, std::move(path)};
}

// One asynchronous read; get() fails the test when no answer comes.
class Read {
public:
    Read(cache::Reader& reader, std::uint64_t offset, std::size_t size) {
        reader.read(offset, size, [promise = promise_](Result<cache::Bytes> result) {
            promise->set_value(std::move(result));
        });
    }
    [[nodiscard]] bool done() const {
        return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
    Result<cache::Bytes> get() {
        if (future_.wait_for(kPatience) != std::future_status::ready) {
            ADD_FAILURE() << "a read was never answered";
            return fail(Code::io, "test: never answered");
        }
        return future_.get();
    }

private:
    using Promise = std::promise<Result<cache::Bytes>>;
    std::shared_ptr<Promise> promise_ = std::make_shared<Promise>();
    std::future<Result<cache::Bytes>> future_ = promise_->get_future();
};

class CacheTest : public ::testing::Test {
protected:
    CacheTest() {
        config_.dirs = {dir_.path()};
        config_.block_bytes = kBlock;
        config_.finish_bytes = 0;
    }
    void open() {
        cache_.reset();
        auto opened = cache::CacheImpl::open(config_, index_.handle(), source_, clock_);
        ASSERT_TRUE(opened) << opened.error().message;
        cache_ = std::move(*opened);
    }
    std::unique_ptr<cache::Reader> reader(const Content& content, std::string path = "model.bin") {
        auto opened = cache_->open_reader(content, at(std::move(path)));
        EXPECT_TRUE(opened) << opened.error().message;
        return opened ? std::move(*opened) : nullptr;
    }
    // The bytes, or the name of the error's code.
    static std::string read(cache::Reader& reader, std::uint64_t offset, std::size_t size) {
        auto result = Read(reader, offset, size).get();
        return result ? text(*result) : "error:" + std::string(name_of(result.error().code));
    }
    static std::string read_all(cache::Reader& reader, std::size_t size, std::size_t step) {
        std::string all;
        while (all.size() < size) {
            const std::string part = read(reader, all.size(), step);
            all += part;
            if (part.starts_with("error:") || part.empty()) {
                break;
            }
        }
        return all;
    }
    [[nodiscard]] std::string file_of(const ContentHash& hash) const {
        const std::string kind = hash.kind == HashKind::sha256 ? "sha256" : "git-sha1";
        return dir_.path() + "/" + kind + "/" + hash.hex().substr(0, 2) + "/" + hash.hex();
    }
    [[nodiscard]] std::uint64_t stat_of(std::string_view name) const {
        const std::string json = cache_->stats_json();
        const auto place = json.find("\"" + std::string(name) + "\":");
        return place == std::string::npos ? 0 : std::stoull(json.substr(place + name.size() + 3));
    }

    TempDir dir_;
    MemoryIndex index_;
    TestClock clock_;
    FakeSource source_;
    cache::CacheConfig config_;
    std::unique_ptr<cache::BlockCache> cache_;  // last: it uses the others
};

}  // namespace hubfs::test
