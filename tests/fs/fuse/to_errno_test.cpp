// SPDX-License-Identifier: Apache-2.0
// The table of docs/errors.md, every code of it.
#include "fs/fuse/to_errno.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>

namespace hubfs::fuse {
namespace {

// P38
TEST(ToErrno, IsTheTable) {
    const std::map<Code, int> table{
        {Code::not_found, ENOENT},
        {Code::denied, EACCES},
        {Code::gated, EACCES},
        {Code::rate_limited, EBUSY},
        {Code::unavailable, EREMOTEIO},
        {Code::protocol, EPROTO},
        {Code::unreachable, EHOSTUNREACH},
        {Code::timed_out, ETIMEDOUT},
        {Code::cancelled, EINTR},
        {Code::corrupt, EIO},
        {Code::no_space, ENOSPC},
        {Code::io, EIO},
        {Code::invalid, EINVAL},
        {Code::unsupported, EOPNOTSUPP},
        {Code::read_only, EROFS},
        {Code::not_directory, ENOTDIR},
        {Code::is_directory, EISDIR},
        {Code::no_attribute, ENODATA},
        {Code::name_too_long, ENAMETOOLONG},
        {Code::stale, ESTALE},
        {Code::offline, EHOSTUNREACH},
    };
    // offline is the last code: a new one must be added here.
    EXPECT_EQ(table.size(), static_cast<std::size_t>(Code::offline) + 1);
    for (const auto& [code, expected] : table) {
        EXPECT_EQ(to_errno(code), expected) << name_of(code);
    }
}

// P37
TEST(ToErrno, OnlyAbsenceIsEnoent) {
    for (int code = 0; code <= static_cast<int>(Code::offline); ++code) {
        if (to_errno(static_cast<Code>(code)) == ENOENT) {
            EXPECT_EQ(static_cast<Code>(code), Code::not_found);
        }
    }
}

}  // namespace
}  // namespace hubfs::fuse
