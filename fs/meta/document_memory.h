// SPDX-License-Identifier: Apache-2.0
// Versions of documents that were read lately, so that a look at one does not copy its body out of
// the store each time. Bounded in bytes, least recently used go first. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "fs/base/guarded.h"
#include "fs/meta/catalog.h"

namespace hubfs::meta {

class DocumentMemory {
public:
    explicit DocumentMemory(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // As it was put; nothing when it is not here.
    [[nodiscard]] std::shared_ptr<const Document> find(std::uint32_t number, std::uint32_t version);
    // Replaces what is here of the same version.
    void put(std::shared_ptr<const Document> document);
    [[nodiscard]] std::size_t bytes() const;

private:
    using Order = std::list<std::shared_ptr<const Document>>;  // the most recently used first
    struct State {
        Order order;
        std::unordered_map<std::uint64_t, Order::iterator> places;
        std::size_t bytes = 0;
    };
    static std::uint64_t key_of(std::uint32_t number, std::uint32_t version) {
        return std::uint64_t{number} << 32 | version;
    }
    static std::size_t cost(const Document& document);
    static void drop(State& state, Order::iterator place);

    const std::size_t bytes_max_;
    Guarded<State> state_;
};

}  // namespace hubfs::meta
