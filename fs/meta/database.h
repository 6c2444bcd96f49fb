// SPDX-License-Identifier: Apache-2.0
// The store: one LMDB environment and its one writer. With transaction.cpp and lmdb_error.cpp the
// only user of LMDB's interface. Thread-safe.
//
// Readers never wait for the writer. Writes that wait at the same moment are committed together
// (one transaction, one fsync), each with its own result. A full map grows and the group is run
// again, so every write function must be restartable: no effect but on its transaction and on what
// it overwrites on each run. Write functions run on the writer's thread; neither they nor read
// functions may call read() or write() again, nor wait for anything.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "fs/base/result.h"
#include "fs/meta/transaction.h"

namespace hubfs::meta {

struct DatabaseConfig {
    std::uint64_t map_bytes = 4ULL << 30;       // address space at the start, not disk
    std::chrono::milliseconds later_max{1000};  // how long write_later() may wait for company
};

struct DatabaseStats {
    std::uint64_t map_bytes = 0;
    std::uint64_t groups = 0;         // transactions committed
    std::uint64_t writes = 0;         // write functions in them
    std::uint64_t growths = 0;        // of the map
    std::uint64_t stale_readers = 0;  // slots of dead processes that were freed
};

class Database {
public:
    using WriteFn = std::move_only_function<Status(WriteTxn&)>;
    using Committed = std::move_only_function<void(Status)>;

    // Opens or makes the store in the directory `path` (made 0700). Code::unsupported: written by
    // a newer version. Code::invalid: another process has it open.
    static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                  DatabaseConfig config = {});
    ~Database();  // commits what write_later() still holds
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // fn(const ReadTxn&) -> Result<T>. What it returns must not point into the transaction.
    template <class F>
    [[nodiscard]] auto read(F&& fn) const -> std::invoke_result_t<F&, const ReadTxn&> {
        std::optional<std::invoke_result_t<F&, const ReadTxn&>> result;
        Status ran = run_read([&](const ReadTxn& txn) { result.emplace(fn(txn)); });
        if (!ran) {
            return std::unexpected(std::move(ran.error()));
        }
        return std::move(*result);
    }

    // fn(WriteTxn&) -> Result<T>; durable when it returns a value. Its error undoes only itself.
    template <class F>
    [[nodiscard]] auto write(F fn) -> std::invoke_result_t<F&, WriteTxn&> {
        std::optional<std::invoke_result_t<F&, WriteTxn&>> result;
        Status ran = run_write([&](WriteTxn& txn) -> Status {
            result.emplace(fn(txn));
            if (!*result) {
                return std::unexpected(result->error());
            }
            return {};
        });
        if (!ran) {
            return std::unexpected(std::move(ran.error()));
        }
        return std::move(*result);
    }

    // Committed with the next group, at the latest after later_max; not seen by readers before.
    // `committed` is told on the writer's thread and must not block. With a full queue this waits.
    void write_later(WriteFn fn, Committed committed = {});
    // Waits until everything handed in so far is committed.
    Status flush();
    [[nodiscard]] DatabaseStats stats() const;

private:
    struct Parts;  // environment, lock file, table handles, the gate that a growing map closes
    class Writer;
    explicit Database(std::unique_ptr<Parts> parts, DatabaseConfig config);
    Status run_read(const std::function<void(const ReadTxn&)>& fn) const;
    Status run_write(WriteFn fn);

    // Used by the writer's thread alone.
    Result<WriteTxn> begin_write();
    Status commit(WriteTxn& txn);
    Status grow();
    void check_readers() const;
    struct Item;
    void commit_group(std::vector<Item>& items);
    enum class Ran : std::uint8_t { done, again, smaller };
    Ran run_group(std::vector<Item*>& live, Error& why);

    std::unique_ptr<Parts> parts_;
    std::unique_ptr<Writer> writer_;  // last: its thread uses what is above
};

}  // namespace hubfs::meta
