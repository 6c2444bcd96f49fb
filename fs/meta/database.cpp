// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/database.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "fs/base/log.h"
#include "fs/meta/database_parts.h"
#include "fs/meta/limits.h"
#include "fs/meta/lmdb_error.h"

namespace hubfs::meta {

namespace {

constexpr unsigned kReadersMax = 512;  // transactions open at once, all threads
constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr std::string_view kVersionKey = "version";
constexpr std::uint32_t kFormatWithoutLocations = 1;

std::unexpected<Error> system_error(const std::string& what, int code) {
    return fail(code == ENOSPC || code == EDQUOT ? Code::no_space : Code::io,
                "store: " + what + ": " + std::generic_category().message(code));
}

// The directory, private to us, and the lock that keeps a second daemon out of it.
Result<Fd> lock_directory(const std::string& path) {
    std::error_code error;
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    if (!parent.empty()) {
        std::filesystem::create_directories(parent, error);
    }
    if (::mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
        return system_error("make " + path, errno);
    }
    const std::string file = path + "/store.lock";
    Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!fd.valid()) {
        return system_error("open " + file, errno);
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::unsupported, "store: " + path +
                                           " is in use by another process; end that hubfs, or "
                                           "choose another: --set node.state_dir=DIR");
    }
    return fd;
}

// From format 1 to 2: the new table is filled in the background (LocationFiller), newest commit
// first.
Status add_locations_later(WriteTxn& txn) {
    auto next = txn.row<std::uint64_t>(Table::counters, kNextCommit);
    if (!next) {
        return within("number of commits", std::move(next.error()));
    }
    if (*next) {
        if (Status put = txn.put(Table::counters, kUnlocated, encode(**next - 1)); !put) {
            return put;
        }
    }
    return txn.put(Table::format, kVersionKey, encode(kFormatVersion));
}

Status check_format(WriteTxn& txn) {
    auto version = txn.row<std::uint32_t>(Table::format, kVersionKey);
    if (!version) {
        return within("version of the format", std::move(version.error()));
    }
    if (!*version) {
        return txn.put(Table::format, kVersionKey, encode(kFormatVersion));
    }
    if (**version == kFormatWithoutLocations) {
        return add_locations_later(txn);
    }
    if (**version != kFormatVersion) {
        return fail(Code::unsupported,
                    "store: written in format " + std::to_string(**version) +
                        ", this program knows " + std::to_string(kFormatVersion) +
                        "; start the version that wrote it or give it an empty directory");
    }
    return {};
}

Status open_tables(MDB_txn* txn, TableHandles& tables) {
    for (std::size_t i = 0; i < kTables; ++i) {
        const char* name = name_of(static_cast<Table>(i));
        if (const int rc = mdb_dbi_open(txn, name, MDB_CREATE, &tables[i]); rc != MDB_SUCCESS) {
            return std::unexpected(lmdb_error(rc, std::string("open table ") + name));
        }
    }
    return {};
}

Status open_environment(const std::string& path, std::uint64_t map_bytes, MDB_env* env) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path + "/data.mdb", error);
    // A store that is already larger gets room to grow in as well.
    const std::uint64_t bytes = error ? map_bytes : std::max<std::uint64_t>(map_bytes, size);
    const std::uint64_t page = 4096;
    const std::uint64_t rounded = (bytes + page - 1) / page * page;
    for (const auto& [rc, doing] :
         {std::pair{mdb_env_set_mapsize(env, rounded), "set map size"},
          std::pair{mdb_env_set_maxdbs(env, kTables), "set tables"},
          std::pair{mdb_env_set_maxreaders(env, kReadersMax), "set readers"}}) {
        if (rc != MDB_SUCCESS) {
            return std::unexpected(lmdb_error(rc, doing));
        }
    }
    // NOTLS: a reader's slot belongs to its transaction. NORDAHEAD: look-ups are random, and the
    // map is counted as our resident memory.
    if (const int rc = mdb_env_open(env, path.c_str(), MDB_NOTLS | MDB_NORDAHEAD, kFileMode);
        rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "open " + path));
    }
    return {};
}

}  // namespace

void EnvCloser::operator()(MDB_env* env) const noexcept {
    mdb_env_close(env);
}

Database::Database(std::unique_ptr<Parts> parts, DatabaseConfig config)
    : parts_(std::move(parts)), writer_(std::make_unique<Writer>(*this, config.later_max)) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::string& path, DatabaseConfig config) {
    auto parts = std::make_unique<Parts>();
    auto lock = lock_directory(path);
    if (!lock) {
        return std::unexpected(std::move(lock.error()));
    }
    parts->lock = std::move(*lock);
    MDB_env* env = nullptr;
    if (const int rc = mdb_env_create(&env); rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "create environment"));
    }
    parts->env.reset(env);
    if (Status opened = open_environment(path, config.map_bytes, env); !opened) {
        return std::unexpected(std::move(opened.error()));
    }
    MDB_envinfo info{};
    mdb_env_info(env, &info);
    parts->map_bytes = info.me_mapsize;

    MDB_txn* raw = nullptr;
    if (const int rc = mdb_txn_begin(env, nullptr, 0, &raw); rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "begin"));
    }
    TxnPtr txn(raw);
    if (Status tables = open_tables(raw, parts->tables); !tables) {
        return std::unexpected(std::move(tables.error()));
    }
    WriteTxn write(std::move(txn), parts->tables);
    if (Status format = check_format(write); !format) {
        return std::unexpected(std::move(format.error()));
    }
    if (const int rc = mdb_txn_commit(write.txn_.release()); rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "commit"));
    }
    std::unique_ptr<Database> database(new Database(std::move(parts), config));
    return database;
}

Status Database::run_read(const std::function<void(const ReadTxn&)>& fn) const {
    const auto inside = parts_->gate.enter();
    if (parts_->broken) {
        return fail(Code::io, "store: its map was lost");
    }
    MDB_txn* raw = nullptr;
    int rc = mdb_txn_begin(parts_->env.get(), nullptr, MDB_RDONLY, &raw);
    if (rc == MDB_READERS_FULL) {
        check_readers();
        rc = mdb_txn_begin(parts_->env.get(), nullptr, MDB_RDONLY, &raw);
    }
    if (rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "begin read"));
    }
    const ReadTxn txn(TxnPtr(raw), parts_->tables);
    fn(txn);
    return {};
}

Result<WriteTxn> Database::begin_write() {
    MDB_txn* raw = nullptr;
    if (const int rc = mdb_txn_begin(parts_->env.get(), nullptr, 0, &raw); rc != MDB_SUCCESS) {
        return std::unexpected(lmdb_error(rc, "begin write"));
    }
    return WriteTxn(TxnPtr(raw), parts_->tables);
}

Status Database::commit(WriteTxn& txn) {
    // LMDB frees the transaction whether or not the commit worked.
    if (const int rc = mdb_txn_commit(txn.txn_.release()); rc != MDB_SUCCESS) {
        return std::unexpected(txn.failed(rc, "commit"));
    }
    return {};
}

Status Database::grow() {
    return parts_->gate.alone([this]() -> Status {
        const std::uint64_t old = parts_->map_bytes;
        const std::uint64_t size = old + std::min(old, kMapStepMaxBytes);
        if (const int rc = mdb_env_set_mapsize(parts_->env.get(), size); rc != MDB_SUCCESS) {
            parts_->broken = true;  // LMDB has already let go of the old map
            return std::unexpected(lmdb_error(rc, "grow map"));
        }
        parts_->map_bytes = size;
        ++parts_->growths;
        log::info("store_map_grown", {{"bytes", size}});
        return {};
    });
}

void Database::check_readers() const {
    int dead = 0;
    if (mdb_reader_check(parts_->env.get(), &dead) == MDB_SUCCESS && dead > 0) {
        parts_->stale_readers += static_cast<std::uint64_t>(dead);
        log::warn("store_stale_readers", {{"freed", dead}});
    }
}

DatabaseStats Database::stats() const {
    return {parts_->map_bytes, parts_->groups, parts_->writes, parts_->growths,
            parts_->stale_readers};
}

}  // namespace hubfs::meta
