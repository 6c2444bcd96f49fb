// SPDX-License-Identifier: Apache-2.0
// Numbers for path names of the mount outside commits: stable, never reused, over restarts. A
// batch of numbers is reserved durably before the first of it is given out, so a number whose name
// was lost in a crash (at most the last second's) is never given to another name. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fs/base/guarded.h"
#include "fs/meta/database.h"

namespace hubfs::meta {

class Interner {
public:
    explicit Interner(Database& database) : database_(database) {}
    // The names on their way to the store must be there before this goes: Database outlives it and
    // its queue refers to nothing here but shared state.
    [[nodiscard]] Result<std::uint64_t> intern(std::string_view path);
    // Code::stale: no such number, or its name was lost in a crash.
    [[nodiscard]] Result<std::string> interned(std::uint64_t number) const;

private:
    struct Range {
        std::uint64_t next = 0;
        std::uint64_t end = 0;
    };
    struct State {
        std::unordered_map<std::string, std::uint64_t> known;    // bounded memory
        std::unordered_map<std::string, std::uint64_t> pending;  // not in the store yet
        std::unordered_map<std::uint64_t, std::string> pending_names;
        std::deque<Range> free;     // reserved, not given out
        std::uint64_t flushed = 0;  // grows whenever pending names have reached the store
    };
    struct Looked {
        std::optional<std::uint64_t> number;
        std::uint64_t flushed = 0;
    };
    [[nodiscard]] Looked in_memory(const std::string& path) const;
    [[nodiscard]] Result<std::optional<std::uint64_t>> in_store(const std::string& path);
    Status reserve();
    void store_later(const std::string& path, std::uint64_t number);

    Database& database_;
    std::shared_ptr<Guarded<State>> state_ = std::make_shared<Guarded<State>>();
};

}  // namespace hubfs::meta
