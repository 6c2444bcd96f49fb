// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/sum_table.h"

#include <utility>

#include "fs/meta/codec.h"
#include "fs/meta/schema.h"
#include "fs/meta/transaction.h"

namespace hubfs::meta {

namespace {

constexpr std::uint8_t kSumRow = 1;  // version of the layout

std::string sum_key(const ContentHash& hash, std::uint32_t number) {
    return Writer().raw(blob_key(hash)).u32_big(number).take();
}

// visit(number, value) for each row of the content; its failure ends the walk.
template <class Visit>
Status for_rows(const ReadTxn& txn, const ContentHash& hash, Visit&& visit) {
    auto cursor = txn.cursor(Table::sums);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    const std::string prefix = blob_key(hash);
    Result<bool> on = cursor->seek(prefix);
    for (; on && *on && cursor->key().starts_with(prefix); on = cursor->next()) {
        Reader reader(cursor->key().substr(prefix.size()));
        const std::uint32_t number = reader.u32_big();
        if (!reader.done()) {
            return fail(Code::corrupt, "key of sums");
        }
        if (Status visited = visit(number, cursor->value()); !visited) {
            return visited;
        }
    }
    return on ? Status() : std::unexpected(std::move(on.error()));
}

}  // namespace

std::string encode_sums(const SumRow& row) {
    Writer writer;
    writer.u8(kSumRow).u32(row.block_bytes);
    for (const std::uint64_t sum : row.sums) {
        writer.u64(sum);
    }
    return writer.take();
}

Result<SumRow> decode_sums(std::string_view bytes) {
    Reader reader(bytes);
    SumRow row;
    const bool version = reader.u8() == kSumRow;
    row.block_bytes = reader.u32();
    while (reader.ok() && !reader.done() && row.sums.size() < kSumsPerRow) {
        row.sums.push_back(reader.u64());
    }
    if (!version || !reader.done()) {
        return fail(Code::corrupt, "row of sums does not decode");
    }
    return row;
}

Result<std::vector<SumRow>> read_sums(const ReadTxn& txn, const ContentHash& hash) {
    std::vector<SumRow> rows;
    Status read = for_rows(txn, hash, [&](std::uint32_t number, std::string_view value) -> Status {
        auto row = decode_sums(value);
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        row->number = number;
        rows.push_back(std::move(*row));
        return {};
    });
    return read ? Result<std::vector<SumRow>>(std::move(rows))
                : std::unexpected(std::move(read.error()));
}

Status put_sums(WriteTxn& txn, const ContentHash& hash, const std::vector<SumRow>& rows) {
    for (const SumRow& row : rows) {
        if (Status put = txn.put(Table::sums, sum_key(hash, row.number), encode_sums(row)); !put) {
            return put;
        }
    }
    return {};
}

Status erase_sums(WriteTxn& txn, const ContentHash& hash) {
    std::vector<std::uint32_t> numbers;  // the walk ends before anything is erased
    Status read = for_rows(txn, hash, [&](std::uint32_t number, std::string_view) -> Status {
        numbers.push_back(number);
        return {};
    });
    for (const std::uint32_t number : numbers) {
        if (auto erased = txn.erase(Table::sums, sum_key(hash, number)); read && !erased) {
            read = std::unexpected(std::move(erased.error()));
        }
    }
    return read;
}

}  // namespace hubfs::meta
