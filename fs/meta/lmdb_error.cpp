// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/lmdb_error.h"

#include <lmdb.h>

#include <cerrno>
#include <string>

namespace hubfs::meta {

Error lmdb_error(int code, std::string_view doing) {
    Code ours = Code::io;
    switch (code) {
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_PANIC:
        case MDB_INVALID:
        case MDB_VERSION_MISMATCH:
        case MDB_INCOMPATIBLE: ours = Code::corrupt; break;
        case MDB_MAP_FULL:  // seen by callers only when the map could not grow
        case MDB_TXN_FULL:
        case ENOSPC:
        case EDQUOT: ours = Code::no_space; break;
        case MDB_BAD_VALSIZE: ours = Code::invalid; break;
        default: break;  // EIO, EACCES, ENOMEM, MDB_READERS_FULL, MDB_BAD_TXN, …
    }
    return Error{ours, "store: " + std::string(doing) + ": " + mdb_strerror(code)};
}

}  // namespace hubfs::meta
