// SPDX-License-Identifier: Apache-2.0
// Open files and directories by the number the kernel keeps for them (`fh`). Thread-safe.
//
// A number says nothing by itself: after a takeover the kernel still holds numbers of a daemon that
// is gone, and the caller opens the inode again under the same number (put()). Numbers of two
// daemons never meet, because each counts within a generation of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

#include "fs/base/guarded.h"
#include "fs/tree/inode.h"

namespace hubfs::fuse {

template <class T>
class Handles {
public:
    // generation: how many daemons this mount had before; numbers of 40 bits last for centuries.
    explicit Handles(std::uint64_t generation) : table_(Table{{}, generation << 40 | 1}) {}

    [[nodiscard]] std::uint64_t add(tree::Ino ino, std::shared_ptr<T> open) {
        return table_.with([&](Table& table) {
            const std::uint64_t fh = table.next++;
            table.rows.insert_or_assign(fh, Row{ino, std::move(open)});
            return fh;
        });
    }
    // Nothing when this daemon did not make the number, or made it for another inode.
    [[nodiscard]] std::shared_ptr<T> find(std::uint64_t fh, tree::Ino ino) const {
        return table_.with([&](const Table& table) -> std::shared_ptr<T> {
            const auto row = table.rows.find(fh);
            return row != table.rows.end() && row->second.ino == ino ? row->second.open : nullptr;
        });
    }
    // Keeps `open` under a number of an earlier daemon. When another thread was first, its object
    // is returned and `open` is dropped.
    [[nodiscard]] std::shared_ptr<T> put(std::uint64_t fh, tree::Ino ino, std::shared_ptr<T> open) {
        return table_.with([&](Table& table) {
            return table.rows.try_emplace(fh, Row{ino, std::move(open)}).first->second.open;
        });
    }
    // The object is returned, so that it is destroyed outside of the lock.
    std::shared_ptr<T> remove(std::uint64_t fh) {
        return table_.with([&](Table& table) -> std::shared_ptr<T> {
            const auto row = table.rows.find(fh);
            if (row == table.rows.end()) {
                return nullptr;
            }
            std::shared_ptr<T> open = std::move(row->second.open);
            table.rows.erase(row);
            return open;
        });
    }
    void clear() {
        auto rows = table_.with([](Table& table) { return std::exchange(table.rows, {}); });
        rows.clear();
    }
    [[nodiscard]] std::size_t size() const {
        return table_.with([](const Table& table) { return table.rows.size(); });
    }

private:
    struct Row {
        tree::Ino ino;
        std::shared_ptr<T> open;
    };
    struct Table {
        std::unordered_map<std::uint64_t, Row> rows;
        std::uint64_t next = 1;
    };
    Guarded<Table> table_;
};

}  // namespace hubfs::fuse
