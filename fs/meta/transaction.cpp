// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/transaction.h"

#include <lmdb.h>

#include "fs/meta/lmdb_error.h"

namespace hubfs::meta {

namespace {

// LMDB never writes through the value of a key it is given to look for.
MDB_val as_val(std::string_view bytes) {
    return MDB_val{bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view as_view(const MDB_val& val) {
    return {static_cast<const char*>(val.mv_data), val.mv_size};
}

}  // namespace

void TxnAborter::operator()(MDB_txn* txn) const noexcept {
    mdb_txn_abort(txn);
}

void Cursor::Closer::operator()(MDB_cursor* cursor) const noexcept {
    mdb_cursor_close(cursor);
}

Result<bool> Cursor::move(int operation, std::string_view from) {
    MDB_val key = as_val(from);
    MDB_val value{};
    const int rc =
        mdb_cursor_get(cursor_.get(), &key, &value, static_cast<MDB_cursor_op>(operation));
    if (rc == MDB_NOTFOUND) {
        key_ = value_ = {};
        return false;
    }
    if (rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "cursor"));
    }
    key_ = as_view(key);
    value_ = as_view(value);
    return true;
}

Result<bool> Cursor::seek(std::string_view key) {
    // LMDB refuses an empty key; every row is at or after it.
    return key.empty() ? move(MDB_FIRST) : move(MDB_SET_RANGE, key);
}

Result<bool> Cursor::first() {
    return move(MDB_FIRST);
}

Result<bool> Cursor::last() {
    return move(MDB_LAST);
}

Result<bool> Cursor::next() {
    return move(MDB_NEXT);
}

Result<std::optional<std::string_view>> ReadTxn::get(Table table, std::string_view key) const {
    MDB_val wanted = as_val(key);
    MDB_val value{};
    const int rc = mdb_get(txn_.get(), handle(table), &wanted, &value);
    if (rc == MDB_NOTFOUND) {
        return std::optional<std::string_view>{};
    }
    if (rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "get"));
    }
    return std::optional<std::string_view>(as_view(value));
}

Result<Cursor> ReadTxn::cursor(Table table) const {
    MDB_cursor* cursor = nullptr;
    if (const int rc = mdb_cursor_open(txn_.get(), handle(table), &cursor); rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "open cursor"));
    }
    return Cursor(cursor);
}

Result<std::uint64_t> ReadTxn::rows(Table table) const {
    MDB_stat stat{};
    if (const int rc = mdb_stat(txn_.get(), handle(table), &stat); rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "stat"));
    }
    return std::uint64_t{stat.ms_entries};
}

Error WriteTxn::failed(int code, std::string_view doing) {
    map_full_ = map_full_ || code == MDB_MAP_FULL;
    txn_full_ = txn_full_ || code == MDB_TXN_FULL;
    return lmdb_error(code, doing);
}

Status WriteTxn::put(Table table, std::string_view key, std::string_view value) {
    written_ = true;
    MDB_val where = as_val(key);
    MDB_val what = as_val(value);
    if (const int rc = mdb_put(txn_.get(), handle(table), &where, &what, 0); rc != MDB_SUCCESS) {
        return std::unexpected(failed(rc, "put"));
    }
    return {};
}

Result<bool> WriteTxn::erase(Table table, std::string_view key) {
    written_ = true;
    MDB_val where = as_val(key);
    const int rc = mdb_del(txn_.get(), handle(table), &where, nullptr);
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND) {
        return std::unexpected(failed(rc, "erase"));
    }
    return rc == MDB_SUCCESS;
}

Result<std::uint64_t> WriteTxn::take(std::string_view counter, std::uint64_t first,
                                     std::uint64_t by) {
    auto found = row<std::uint64_t>(Table::counters, counter);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    const std::uint64_t value = found->value_or(first);
    if (auto put_it = put(Table::counters, counter, encode(value + by)); !put_it) {
        return std::unexpected(std::move(put_it.error()));
    }
    return value;
}

}  // namespace hubfs::meta
