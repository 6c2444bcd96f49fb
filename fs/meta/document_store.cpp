// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/document_store.h"

#include <utility>

#include "fs/meta/codec.h"
#include "fs/meta/limits.h"

namespace hubfs::meta {

namespace {

BodyRow body_of(const NewDocument& document) {
    const upstream::ApiResponse& answer = document.answer;
    return {static_cast<std::uint16_t>(answer.status),
            document.now,
            answer.content_type,
            answer.etag,
            answer.link,
            answer.error_code,
            answer.error_message,
            answer.body,
            answer.total_count};
}

bool same_answer(const BodyRow& a, const BodyRow& b) {
    return a.status == b.status && a.content_type == b.content_type && a.etag == b.etag &&
           a.link == b.link && a.error_code == b.error_code && a.error_message == b.error_message &&
           a.body == b.body && a.total_count == b.total_count;
}

Document to_document(std::uint32_t number, std::uint32_t version, const DocumentRow& row,
                     BodyRow body) {
    Document document;
    document.number = number;
    document.version = version;
    document.target = row.target;
    document.status = body.status;
    document.content_type = std::move(body.content_type);
    document.etag = std::move(body.etag);
    document.link = std::move(body.link);
    document.total_count = std::move(body.total_count);
    document.error_code = std::move(body.error_code);
    document.error_message = std::move(body.error_message);
    document.body = std::move(body.body);
    const bool newest = version == row.version;
    document.fresh.checked = newest ? row.checked : body.fetched;
    document.fresh.how = newest ? row.how : How::stale;
    return document;
}

// Adds to (or takes from) what the quota counts.
Status charge(WriteTxn& txn, DocumentRow& row, std::int64_t bytes) {
    auto total = txn.row<std::uint64_t>(Table::counters, kDocumentBytes);
    if (!total) {
        return std::unexpected(std::move(total.error()));
    }
    row.bytes += static_cast<std::uint64_t>(bytes);
    return txn.put(Table::counters, kDocumentBytes,
                   encode(total->value_or(0) + static_cast<std::uint64_t>(bytes)));
}

Status put_row(WriteTxn& txn, std::uint32_t number, const DocumentRow& row) {
    return txn.put(Table::documents, number_key(number), encode(row));
}

// Moves the document to the young end of the order of eviction.
Status mark_used(WriteTxn& txn, std::uint32_t number, DocumentRow& row, Instant now) {
    if (auto erased = txn.erase(Table::uses, use_key(row.used, number)); !erased) {
        return std::unexpected(std::move(erased.error()));
    }
    row.used = now;
    return txn.put(Table::uses, use_key(now, number), {});
}

Status erase_version(WriteTxn& txn, std::uint32_t number, std::uint32_t version, DocumentRow& row) {
    const std::string key = number_key(number, version);
    auto bytes = txn.get(Table::bodies, key);
    if (!bytes || !*bytes) {
        return bytes ? Status{} : std::unexpected(std::move(bytes.error()));
    }
    const auto size = static_cast<std::int64_t>((*bytes)->size() + kDocumentOverheadBytes);
    if (auto erased = txn.erase(Table::bodies, key); !erased) {
        return std::unexpected(std::move(erased.error()));
    }
    return charge(txn, row, -size);
}

Status erase_document(WriteTxn& txn, std::uint32_t number) {
    const std::string key = number_key(number);
    auto row = txn.row<DocumentRow>(Table::documents, key);
    if (!row || !*row) {
        return row ? Status{} : std::unexpected(std::move(row.error()));
    }
    for (std::uint32_t version = (*row)->oldest; version <= (*row)->version; ++version) {
        if (Status erased = erase_version(txn, number, version, **row); !erased) {
            return erased;
        }
    }
    for (const auto& [table, at] : {std::pair{Table::targets, target_key((*row)->target)},
                                    std::pair{Table::uses, use_key((*row)->used, number)},
                                    std::pair{Table::documents, key}}) {
        if (auto erased = txn.erase(table, at); !erased) {
            return std::unexpected(std::move(erased.error()));
        }
    }
    return {};
}

// The least recently used go first; `keep` is the one being written.
Status evict(WriteTxn& txn, std::uint64_t quota, std::uint32_t keep) {
    for (std::size_t i = 0; i < kEvictionsPerWrite; ++i) {
        auto total = documents_bytes(txn);
        if (!total || *total <= quota) {
            return total ? Status{} : std::unexpected(std::move(total.error()));
        }
        std::uint32_t victim = 0;
        {
            auto cursor = txn.cursor(Table::uses);
            Result<bool> on = cursor ? cursor->first() : std::unexpected(cursor.error());
            if (!on || !*on) {
                return on ? Status{} : std::unexpected(std::move(on.error()));
            }
            Reader key(cursor->key());
            key.u64_big();
            victim = key.u32_big();
        }
        if (victim == keep) {
            return {};  // it is the youngest: nothing else is left
        }
        if (Status erased = erase_document(txn, victim); !erased) {
            return erased;
        }
    }
    return {};
}

Result<FoundDocument> new_document(WriteTxn& txn, const NewDocument& document) {
    auto number = txn.take(kNextDocument, 1);
    if (!number) {
        return std::unexpected(std::move(number.error()));
    }
    FoundDocument made{static_cast<std::uint32_t>(*number), {}};
    made.row.target = document.target;
    made.row.oldest = 1;
    if (Status put = txn.put(Table::targets, target_key(document.target), encode(made.number));
        !put) {
        return std::unexpected(std::move(put.error()));
    }
    return made;
}

// The next version; the oldest ones go when there are more than are kept.
Status add_version(WriteTxn& txn, FoundDocument& found, const BodyRow& body) {
    DocumentRow& row = found.row;
    if (row.version >= kVersionMax) {
        return fail(Code::no_space, "a document has too many versions");
    }
    ++row.version;
    const std::string bytes = encode(body);
    if (Status put = txn.put(Table::bodies, number_key(found.number, row.version), bytes); !put) {
        return put;
    }
    Status done =
        charge(txn, row, static_cast<std::int64_t>(bytes.size() + kDocumentOverheadBytes));
    while (done && row.version - row.oldest >= kDocumentVersionsKept) {
        done = erase_version(txn, found.number, row.oldest++, row);
    }
    row.status = body.status;
    row.etag = body.etag;
    return done;
}

}  // namespace

Result<std::optional<FoundDocument>> find_document(const ReadTxn& txn, std::string_view target) {
    auto number = txn.row<std::uint32_t>(Table::targets, target_key(target));
    if (!number || !*number) {
        return number ? Result<std::optional<FoundDocument>>(std::nullopt)
                      : std::unexpected(std::move(number.error()));
    }
    auto row = txn.row<DocumentRow>(Table::documents, number_key(**number));
    if (!row) {
        return std::unexpected(std::move(row.error()));
    }
    if (!*row) {
        return fail(Code::corrupt, "a document's target has no document");
    }
    return std::optional(FoundDocument{**number, std::move(**row)});
}

Result<Document> load_document(const ReadTxn& txn, std::uint32_t number, std::uint32_t version) {
    auto row = txn.row<DocumentRow>(Table::documents, number_key(number));
    auto body = txn.row<BodyRow>(Table::bodies, number_key(number, version));
    if (!row || !body) {
        return std::unexpected(!row ? row.error() : body.error());
    }
    if (!*row || !*body) {
        return fail(Code::stale, "this version of the document is not kept");
    }
    return to_document(number, version, **row, std::move(**body));
}

Result<Document> store_document(WriteTxn& txn, const NewDocument& document) {
    BodyRow body = body_of(document);
    if (body.body.size() + kDocumentOverheadBytes > document.quota_bytes) {
        DocumentRow unstored;
        unstored.target = document.target;
        unstored.checked = document.now;
        return to_document(0, 0, unstored, std::move(body));
    }
    auto known = find_document(txn, document.target);
    if (!known) {
        return std::unexpected(std::move(known.error()));
    }
    auto found = *known ? Result<FoundDocument>(std::move(**known)) : new_document(txn, document);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    DocumentRow& row = found->row;
    bool same = false;
    if (row.version > 0) {
        auto old = txn.row<BodyRow>(Table::bodies, number_key(found->number, row.version));
        if (!old) {
            return std::unexpected(std::move(old.error()));
        }
        same = *old && same_answer(**old, body);
    }
    row.checked = document.now;
    row.how = How::fetched;
    Status done = same ? Status{} : add_version(txn, *found, body);
    if (done) {
        done = mark_used(txn, found->number, row, document.now);
    }
    if (done) {
        done = put_row(txn, found->number, row);
    }
    if (done) {
        done = evict(txn, document.quota_bytes, found->number);
    }
    if (!done) {
        return std::unexpected(std::move(done.error()));
    }
    return to_document(found->number, row.version, row, std::move(body));
}

Result<Document> confirm_document(WriteTxn& txn, std::string_view target, Instant now) {
    auto found = find_document(txn, target);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (!*found) {
        return fail(Code::stale, "the document was evicted");
    }
    DocumentRow& row = (*found)->row;
    row.checked = now;
    row.how = How::revalidated;
    Status done = mark_used(txn, (*found)->number, row, now);
    if (done) {
        done = put_row(txn, (*found)->number, row);
    }
    if (!done) {
        return std::unexpected(std::move(done.error()));
    }
    return load_document(txn, (*found)->number, row.version);
}

Status use_document(WriteTxn& txn, std::uint32_t number, Instant now) {
    auto row = txn.row<DocumentRow>(Table::documents, number_key(number));
    if (!row || !*row) {
        return row ? Status{} : std::unexpected(std::move(row.error()));
    }
    if (Status used = mark_used(txn, number, **row, now); !used) {
        return used;
    }
    return put_row(txn, number, **row);
}

Result<std::uint64_t> documents_bytes(const ReadTxn& txn) {
    auto total = txn.row<std::uint64_t>(Table::counters, kDocumentBytes);
    if (!total) {
        return std::unexpected(std::move(total.error()));
    }
    return total->value_or(0);
}

}  // namespace hubfs::meta
