// SPDX-License-Identifier: Apache-2.0
// The inodes that the kernel may keep pages of, bounded: the newest ones. Thread-safe.
#pragma once

#include <cstddef>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fs/base/guarded.h"
#include "fs/fuse/limits.h"
#include "fs/tree/inode.h"

namespace hubfs::fuse {

class KeptInodes {
public:
    explicit KeptInodes(std::size_t enough = kKeptInodesMax) : enough_(enough) {}

    void add(tree::Ino ino) {
        sets_.with([&](Sets& sets) {
            sets.young.insert(ino.value);
            if (sets.young.size() >= enough_) {
                sets.old = std::exchange(sets.young, {});
            }
        });
    }
    // Without doubles, in no order.
    [[nodiscard]] std::vector<tree::Ino> all() const {
        return sets_.with([](const Sets& sets) {
            std::vector<tree::Ino> inos;
            inos.reserve(sets.young.size() + sets.old.size());
            for (const std::uint64_t ino : sets.young) {
                inos.push_back(tree::Ino{ino});
            }
            for (const std::uint64_t ino : sets.old) {
                if (!sets.young.contains(ino)) {
                    inos.push_back(tree::Ino{ino});
                }
            }
            return inos;
        });
    }

private:
    // When the young set is full it becomes the old one, and what was old is forgotten.
    struct Sets {
        std::unordered_set<std::uint64_t> young;
        std::unordered_set<std::uint64_t> old;
    };
    const std::size_t enough_;
    Guarded<Sets> sets_;
};

}  // namespace hubfs::fuse
