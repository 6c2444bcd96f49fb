// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/lmdb_error.h"

#include <gtest/gtest.h>
#include <lmdb.h>

#include <cerrno>

namespace hubfs::meta {
namespace {

TEST(LmdbError, CodesSayWhatTheCallerCanDo) {
    struct Row {
        int code;
        Code ours;
    };
    const Row rows[] = {
        {MDB_CORRUPTED, Code::corrupt}, {MDB_PAGE_NOTFOUND, Code::corrupt},
        {MDB_INVALID, Code::corrupt},   {MDB_VERSION_MISMATCH, Code::corrupt},
        {MDB_MAP_FULL, Code::no_space}, {ENOSPC, Code::no_space},
        {EDQUOT, Code::no_space},       {MDB_BAD_VALSIZE, Code::invalid},
        {MDB_READERS_FULL, Code::io},   {EIO, Code::io},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(lmdb_error(row.code, "commit").code, row.ours) << mdb_strerror(row.code);
    }
}

TEST(LmdbError, TheMessageNamesTheCallAndTheReason) {
    const Error error = lmdb_error(ENOSPC, "commit");
    EXPECT_NE(error.message.find("commit"), std::string::npos);
    EXPECT_NE(error.message.find("No space left"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace hubfs::meta
