// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/interner.h"

#include <optional>
#include <utility>

#include "fs/meta/limits.h"

namespace hubfs::meta {

Interner::Looked Interner::in_memory(const std::string& path) const {
    return state_->with([&](const State& state) -> Looked {
        for (const auto* names : {&state.known, &state.pending}) {
            if (const auto found = names->find(path); found != names->end()) {
                return {found->second, state.flushed};
            }
        }
        return {std::nullopt, state.flushed};
    });
}

Result<std::optional<std::uint64_t>> Interner::in_store(const std::string& path) {
    auto number = database_.read([&](const ReadTxn& txn) {
        return txn.row<std::uint64_t>(Table::interned, interned_key(path));
    });
    if (number && *number) {
        state_->with([&](State& state) {
            if (state.known.size() >= kInternedInMemoryMax) {
                state.known.clear();  // it fills again from the store
            }
            state.known.emplace(path, **number);
        });
    }
    return number;
}

Status Interner::reserve() {
    auto first = database_.write(
        [](WriteTxn& txn) { return txn.take(kNextInterned, kInternFirst, kInternBatch); });
    if (!first) {
        return std::unexpected(std::move(first.error()));
    }
    if (*first + kInternBatch > kInternEnd) {
        return fail(Code::no_space, "no numbers are left for path names");
    }
    state_->with([&](State& state) { state.free.push_back({*first, *first + kInternBatch}); });
    return {};
}

Result<std::uint64_t> Interner::intern(std::string_view name) {
    if (name.size() > kInternedPathMaxBytes || name.find('\0') != std::string_view::npos) {
        return fail(Code::name_too_long, "a path that cannot be interned");
    }
    const std::string path(name);
    for (;;) {
        const Looked looked = in_memory(path);
        if (looked.number) {
            return *looked.number;
        }
        auto stored = in_store(path);
        if (!stored || *stored) {
            return stored ? Result<std::uint64_t>(**stored) : std::unexpected(stored.error());
        }
        enum class Next : std::uint8_t { given, known, reserve, again } next{};
        const std::uint64_t number = state_->with([&](State& state) -> std::uint64_t {
            if (const auto found = state.pending.find(path); found != state.pending.end()) {
                next = Next::known;
                return found->second;
            }
            if (state.flushed != looked.flushed) {
                next = Next::again;  // it may have reached the store after we looked there
                return 0;
            }
            if (state.free.empty()) {
                next = Next::reserve;
                return 0;
            }
            next = Next::given;
            Range& range = state.free.front();
            const std::uint64_t given = range.next++;
            if (range.next == range.end) {
                state.free.pop_front();
            }
            state.pending.emplace(path, given);
            state.pending_names.emplace(given, path);
            return given;
        });
        if (next == Next::given) {
            store_later(path, number);
        }
        if (next == Next::given || next == Next::known) {
            return number;
        }
        if (next == Next::reserve) {
            if (Status reserved = reserve(); !reserved) {
                return std::unexpected(std::move(reserved.error()));
            }
        }
    }
}

void Interner::store_later(const std::string& path, std::uint64_t number) {
    database_.write_later(
        [path, number](WriteTxn& txn) -> Status {
            if (Status put = txn.put(Table::interned, interned_key(path), encode(number)); !put) {
                return put;
            }
            return txn.put(Table::paths, wide_key(number), path);
        },
        [state = state_, path, number](const Status& status) {
            if (!status) {
                return;  // stays in memory: good until the next start
            }
            state->with([&](State& names) {
                names.pending.erase(path);
                names.pending_names.erase(number);
                ++names.flushed;
                if (names.known.size() >= kInternedInMemoryMax) {
                    names.known.clear();
                }
                names.known.emplace(path, number);
            });
        });
}

Result<std::string> Interner::interned(std::uint64_t number) const {
    // A name leaves the pending ones only after the store has it.
    auto pending = state_->with([&](const State& state) -> std::optional<std::string> {
        const auto found = state.pending_names.find(number);
        return found == state.pending_names.end() ? std::nullopt : std::optional(found->second);
    });
    if (pending) {
        return std::move(*pending);
    }
    auto stored = database_.read([&](const ReadTxn& txn) -> Result<std::optional<std::string>> {
        auto path = txn.get(Table::paths, wide_key(number));
        if (!path) {
            return std::unexpected(std::move(path.error()));
        }
        return *path ? std::optional<std::string>(**path) : std::nullopt;
    });
    if (!stored) {
        return std::unexpected(std::move(stored.error()));
    }
    if (*stored) {
        return std::move(**stored);
    }
    return fail(Code::stale, "no path has this number");
}

}  // namespace hubfs::meta
