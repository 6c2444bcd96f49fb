// SPDX-License-Identifier: Apache-2.0
// Rows about documents: their versions, their quota and which go first. Works inside a transaction
// of the caller; knows no lifetimes (Document::fresh.expires is left to the caller) and no network.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fs/meta/catalog.h"
#include "fs/meta/transaction.h"
#include "fs/upstream/source.h"

namespace hubfs::meta {

struct FoundDocument {
    std::uint32_t number = 0;
    DocumentRow row;
};

[[nodiscard]] Result<std::optional<FoundDocument>> find_document(const ReadTxn& txn,
                                                                 std::string_view target);
// One version. Code::stale when it is not kept (any more).
[[nodiscard]] Result<Document> load_document(const ReadTxn& txn, std::uint32_t number,
                                             std::uint32_t version);

// What to store, and what to evict for it.
struct NewDocument {
    std::string_view target;
    const upstream::ApiResponse& answer;  // of a status that is kept
    Instant now;
    std::uint64_t quota_bytes;
};
// The same answer as before keeps its version. Others go until the quota holds. One larger than
// the whole quota is not stored: its number is 0.
[[nodiscard]] Result<Document> store_document(WriteTxn& txn, const NewDocument& document);
// Upstream confirmed it (304). Code::stale when it was evicted meanwhile.
[[nodiscard]] Result<Document> confirm_document(WriteTxn& txn, std::string_view target,
                                                Instant now);
// Somebody read it: it is evicted later.
[[nodiscard]] Status use_document(WriteTxn& txn, std::uint32_t number, Instant now);
[[nodiscard]] Result<std::uint64_t> documents_bytes(const ReadTxn& txn);

}  // namespace hubfs::meta
