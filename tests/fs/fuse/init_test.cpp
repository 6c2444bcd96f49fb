// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/init.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>

#include <cstring>

namespace hubfs::fuse {
namespace {

TEST(SyntheticInit, SaysWhatWasGrantedInTheWireFormat) {
    const auto bytes = synthetic_init({.flags = 0x1234, .max_readahead = 131072, .resend = true});
    ASSERT_EQ(bytes.size(), sizeof(fuse_in_header) + sizeof(fuse_init_in));
    fuse_in_header header{};
    fuse_init_in body{};
    std::memcpy(&header, bytes.data(), sizeof header);
    std::memcpy(&body, bytes.data() + sizeof header, sizeof body);
    EXPECT_EQ(header.len, bytes.size());
    EXPECT_EQ(header.opcode, static_cast<std::uint32_t>(FUSE_INIT));
    EXPECT_EQ(header.unique, kInitUnique);
    EXPECT_EQ(body.major, 7U);
    EXPECT_EQ(body.minor, 31U);
    EXPECT_EQ(body.flags, 0x1234U);
    EXPECT_EQ(body.max_readahead, 131072U);
}

TEST(SyntheticInit, ItsNumberIsNoneTheKernelUses) {
    EXPECT_EQ(kInitUnique & 1, 1U);  // the kernel's are even, an interrupt's is odd without top bit
    EXPECT_NE(kInitUnique >> 63, 0U);
}

TEST(ResendNotification, IsCodeSevenWithoutAnAddressee) {
    const auto bytes = resend_notification();
    fuse_out_header header{};
    ASSERT_EQ(bytes.size(), sizeof header);
    std::memcpy(&header, bytes.data(), sizeof header);
    EXPECT_EQ(header.len, 16U);
    EXPECT_EQ(header.error, 7);
    EXPECT_EQ(header.unique, 0U);
}

}  // namespace
}  // namespace hubfs::fuse
