// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/document_memory.h"

#include <utility>

#include "fs/meta/limits.h"

namespace hubfs::meta {

std::size_t DocumentMemory::cost(const Document& document) {
    return document.body.size() + document.target.size() + document.link.size() +
           kDocumentOverheadBytes;
}

void DocumentMemory::drop(State& state, Order::iterator place) {
    state.bytes -= cost(**place);
    state.places.erase(key_of((*place)->number, (*place)->version));
    state.order.erase(place);
}

std::shared_ptr<const Document> DocumentMemory::find(std::uint32_t number, std::uint32_t version) {
    return state_.with([&](State& state) -> std::shared_ptr<const Document> {
        const auto found = state.places.find(key_of(number, version));
        if (found == state.places.end()) {
            return nullptr;
        }
        state.order.splice(state.order.begin(), state.order, found->second);
        return *found->second;
    });
}

void DocumentMemory::put(std::shared_ptr<const Document> document) {
    const std::uint64_t key = key_of(document->number, document->version);
    const std::size_t size = cost(*document);
    if (size > bytes_max_) {
        return;
    }
    Order dropped;  // freed out of the lock
    state_.with([&](State& state) {
        if (const auto found = state.places.find(key); found != state.places.end()) {
            dropped.push_back(*found->second);
            drop(state, found->second);
        }
        state.order.push_front(std::move(document));
        state.places.emplace(key, state.order.begin());
        state.bytes += size;
        while (state.bytes > bytes_max_) {
            dropped.push_back(state.order.back());
            drop(state, std::prev(state.order.end()));
        }
    });
}

std::size_t DocumentMemory::bytes() const {
    return state_.with([](const State& state) { return state.bytes; });
}

}  // namespace hubfs::meta
