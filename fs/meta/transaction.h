// SPDX-License-Identifier: Apache-2.0
// Transactions and cursors of the store, owned and move-only. Only Database makes them: they live
// inside the function given to read() or write() and die before it returns.
//
// Who owns the bytes: what get() and cursors give points into the map; it is valid until the
// transaction ends, in a WriteTxn only until its next put or erase. Copy what must live longer.
// Threads: one at a time. No network, no reply and no waiting while one is open: an old reader
// keeps every page alive that was freed since.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "fs/base/result.h"
#include "fs/meta/schema.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace hubfs::meta {

using TableHandles = std::array<unsigned, kTables>;

struct TxnAborter {
    void operator()(MDB_txn* txn) const noexcept;
};
using TxnPtr = std::unique_ptr<MDB_txn, TxnAborter>;

// Walks one table in key order. Made by ReadTxn::cursor(), must die before its transaction.
class Cursor {
public:
    // Each says whether the cursor stands on a row now.
    [[nodiscard]] Result<bool> seek(std::string_view key);  // the first row at or after key
    [[nodiscard]] Result<bool> first();
    [[nodiscard]] Result<bool> last();
    [[nodiscard]] Result<bool> next();
    [[nodiscard]] std::string_view key() const { return key_; }
    [[nodiscard]] std::string_view value() const { return value_; }

private:
    friend class ReadTxn;
    struct Closer {
        void operator()(MDB_cursor* cursor) const noexcept;
    };
    explicit Cursor(MDB_cursor* cursor) : cursor_(cursor) {}
    Result<bool> move(int operation, std::string_view from = {});

    std::unique_ptr<MDB_cursor, Closer> cursor_;
    std::string_view key_;
    std::string_view value_;
};

class ReadTxn {
public:
    ReadTxn(ReadTxn&&) = default;
    ReadTxn& operator=(ReadTxn&&) = default;

    [[nodiscard]] Result<std::optional<std::string_view>> get(Table table,
                                                              std::string_view key) const;
    // The decoded row, nothing when there is none.
    template <class Row>
    [[nodiscard]] Result<std::optional<Row>> row(Table table, std::string_view key) const {
        auto bytes = get(table, key);
        if (!bytes) {
            return std::unexpected(std::move(bytes.error()));
        }
        if (!*bytes) {
            return std::optional<Row>{};
        }
        auto decoded = decode<Row>(**bytes);
        if (!decoded) {
            return std::unexpected(std::move(decoded.error()));
        }
        return std::optional<Row>(std::move(*decoded));
    }
    [[nodiscard]] Result<Cursor> cursor(Table table) const;
    [[nodiscard]] Result<std::uint64_t> rows(Table table) const;

protected:
    friend class Database;
    ReadTxn(TxnPtr txn, const TableHandles& tables) : txn_(std::move(txn)), tables_(&tables) {}
    [[nodiscard]] unsigned handle(Table table) const {
        return (*tables_)[static_cast<std::size_t>(table)];
    }

    TxnPtr txn_;
    const TableHandles* tables_;  // the database's, which outlives its transactions
};

class WriteTxn : public ReadTxn {
public:
    Status put(Table table, std::string_view key, std::string_view value);
    // Whether there was such a row.
    Result<bool> erase(Table table, std::string_view key);
    // The counter's value; then it is `by` larger. Counters that were never used are `first`.
    Result<std::uint64_t> take(std::string_view counter, std::uint64_t first, std::uint64_t by = 1);

private:
    friend class Database;
    WriteTxn(TxnPtr txn, const TableHandles& tables) : ReadTxn(std::move(txn), tables) {}
    // Remembers what Database must react to; gives the error as ours.
    Error failed(int code, std::string_view doing);

    bool written_ = false;   // something was put or erased
    bool map_full_ = false;  // run again after the map has grown
    bool txn_full_ = false;  // too many dirty pages: run again in smaller groups
};

}  // namespace hubfs::meta
