// SPDX-License-Identifier: Apache-2.0
#include "fs/base/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace hubfs {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

// On disk: another function would make every stored sum wrong. The empty one is the published
// XXH3-64 of nothing.
TEST(Checksum, IsXxh3) {
    EXPECT_EQ(checksum({}), 0x2d06800538d394c2ULL);
}

TEST(Checksum, PiecesGiveTheSumOfTheWhole) {
    std::string text;
    for (int i = 0; i < 5000; ++i) {
        text += static_cast<char>(i * 7);
    }
    Checksummer summer;
    for (std::size_t at = 0; at < text.size(); at += 333) {
        summer.update(bytes_of(std::string_view(text).substr(at, 333)));
    }
    EXPECT_EQ(summer.take(), checksum(bytes_of(text)));
    summer.update(bytes_of("next"));
    EXPECT_EQ(summer.take(), checksum(bytes_of("next")));
    EXPECT_NE(checksum(bytes_of("next")), checksum(bytes_of("nexu")));
}

}  // namespace
}  // namespace hubfs
