// SPDX-License-Identifier: Apache-2.0
// What is granted of what kernels offer, and the bytes of the answer (linux/fuse.h).
#include "fs/supervisor/init.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>

#include <cstring>

namespace hubfs::supervisor {
namespace {

constexpr std::uint32_t kAll = 0xffffffffU;

std::vector<std::byte> init_request(std::uint32_t minor, std::uint32_t flags, std::uint32_t flags2,
                                    std::size_t body_bytes = sizeof(fuse_init_in)) {
    fuse_in_header header{};
    fuse_init_in body{};
    header.len = static_cast<std::uint32_t>(sizeof header + body_bytes);
    header.opcode = FUSE_INIT;
    header.unique = 2;
    body.major = 7;
    body.minor = minor;
    body.max_readahead = 131072;
    body.flags = flags;
    body.flags2 = flags2;
    std::vector<std::byte> bytes(header.len);
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, &body, body_bytes);
    return bytes;
}

template <class T>
T field(const std::vector<std::byte>& reply, std::size_t offset_in_body) {
    T value{};
    std::memcpy(&value, reply.data() + sizeof(fuse_out_header) + offset_in_body, sizeof value);
    return value;
}

TEST(Init, GrantsOnlyWhatIsOfferedAndNeverWhatWouldBreakTheMount) {
    const InitOffer everything{
        .unique = 2, .major = 7, .minor = 45, .max_readahead = 1U << 20, .flags = ~0ULL};
    const InitAnswer answer = answer_init(everything, {});
    EXPECT_NE(answer.flags & FUSE_DO_READDIRPLUS, 0U);
    EXPECT_NE(answer.flags & FUSE_EXPLICIT_INVAL_DATA, 0U);
    EXPECT_NE(answer.flags & FUSE_MAX_PAGES, 0U);
    EXPECT_EQ(answer.flags & FUSE_READDIRPLUS_AUTO, 0U);
    EXPECT_EQ(answer.flags & FUSE_AUTO_INVAL_DATA, 0U);
    EXPECT_EQ(answer.flags & FUSE_CACHE_SYMLINKS, 0U);
    EXPECT_EQ(answer.flags & FUSE_WRITEBACK_CACHE, 0U);
    EXPECT_EQ(answer.flags & FUSE_INIT_EXT, 0U);

    const InitAnswer nothing = answer_init({.unique = 2, .major = 7, .minor = 31}, {});
    EXPECT_EQ(nothing.flags, 0U);
    EXPECT_FALSE(nothing.resend);
    EXPECT_FALSE(nothing.request_timeout);
}

TEST(Init, DisabledFeaturesAreNotUsedThoughTheKernelHasThem) {
    struct Case {
        std::vector<std::string> disabled;
        std::uint32_t flags2;
        bool resend, timeout, passthrough;
    };
    constexpr std::uint32_t kPassthrough = 1U << 5;
    constexpr std::uint32_t kResend = 1U << 7;
    constexpr std::uint32_t kTimeout = 1U << 10;
    const std::vector<Case> cases{
        {{}, kPassthrough | kResend | kTimeout, true, true, true},
        {{}, kResend, true, false, false},
        {{}, kPassthrough, false, false, true},
        {{}, 0, false, false, false},
        {{"resend"}, kPassthrough | kResend | kTimeout, false, true, true},
        {{"request_timeout"}, kPassthrough | kResend | kTimeout, true, false, true},
        {{"passthrough", "epoch", "prune"}, kPassthrough | kResend | kTimeout, true, true, false},
        {{"resend", "request_timeout"}, kResend | kTimeout, false, false, false},
    };
    for (const Case& each : cases) {
        const auto offer = parse_init(init_request(45, kAll, each.flags2));
        ASSERT_TRUE(offer);
        const InitAnswer answer = answer_init(*offer, features_without(each.disabled));
        EXPECT_EQ(answer.resend, each.resend);
        EXPECT_EQ(answer.request_timeout, each.timeout);
        EXPECT_EQ(field<std::uint16_t>(answer.reply, 40), each.timeout ? 180 : 0);
        EXPECT_EQ(answer.passthrough, each.passthrough);
        EXPECT_EQ(field<std::uint32_t>(answer.reply, 36), each.passthrough ? 1U : 0U);
        const std::uint32_t granted =
            (each.timeout ? kTimeout : 0U) | (each.passthrough ? kPassthrough : 0U);
        EXPECT_EQ(field<std::uint32_t>(answer.reply, 32), granted);
        EXPECT_EQ((field<std::uint32_t>(answer.reply, 12) & FUSE_INIT_EXT) != 0, granted != 0);
    }
}

TEST(Init, WritesTheReplyByteForByte) {
    const auto offer = parse_init(init_request(45, kAll, 0));
    ASSERT_TRUE(offer);
    const InitAnswer answer = answer_init(*offer, {});
    ASSERT_EQ(answer.reply.size(), 80U);
    fuse_out_header header{};
    std::memcpy(&header, answer.reply.data(), sizeof header);
    EXPECT_EQ(header.len, 80U);
    EXPECT_EQ(header.error, 0);
    EXPECT_EQ(header.unique, 2U);
    EXPECT_EQ(field<std::uint32_t>(answer.reply, 0), 7U);
    EXPECT_EQ(field<std::uint32_t>(answer.reply, 4), 31U);
    EXPECT_EQ(field<std::uint32_t>(answer.reply, 8), 131072U);
    EXPECT_EQ(field<std::uint16_t>(answer.reply, 28), 256);        // max_pages
    EXPECT_LT(field<std::uint32_t>(answer.reply, 20), 64U << 10);  // max_write fits the buffers
}

TEST(Init, FlagsOfTheSecondWordCountOnlyWithInitExt) {
    const auto without = parse_init(init_request(45, kAll & ~std::uint32_t{FUSE_INIT_EXT}, kAll));
    ASSERT_TRUE(without);
    EXPECT_EQ(without->flags >> 32, 0U);
}

TEST(Init, AcceptsTheShortBodyOfOlderKernelsAndRefusesWhatIsTooOld) {
    EXPECT_TRUE(parse_init(init_request(31, kAll & ~std::uint32_t{FUSE_INIT_EXT}, 0, 16)));
    const auto old = parse_init(init_request(26, 0, 0, 16));
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().code, Code::unsupported);
}

TEST(Init, RefusesBytesThatAreNoInit) {
    EXPECT_FALSE(parse_init({}));
    auto bytes = init_request(45, 0, 0);
    EXPECT_FALSE(parse_init(std::span(bytes).first(40)));
    bytes[4] = std::byte{FUSE_LOOKUP};
    EXPECT_FALSE(parse_init(bytes));
}

}  // namespace
}  // namespace hubfs::supervisor
