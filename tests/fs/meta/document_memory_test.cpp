// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/document_memory.h"

#include <gtest/gtest.h>

namespace hubfs::meta {
namespace {

std::shared_ptr<const Document> document(std::uint32_t number, std::uint32_t version,
                                         std::size_t bytes) {
    auto made = std::make_shared<Document>();
    made->number = number;
    made->version = version;
    made->body = std::string(bytes, 'x');
    return made;
}

TEST(DocumentMemory, GivesTheVersionThatWasPut) {
    DocumentMemory memory(1U << 20);
    const auto first = document(1, 1, 10);
    memory.put(first);
    memory.put(document(1, 2, 20));
    EXPECT_EQ(memory.find(1, 1), first);
    EXPECT_EQ(memory.find(1, 2)->body.size(), 20U);
    EXPECT_EQ(memory.find(2, 1), nullptr);
    const auto again = document(1, 1, 30);
    memory.put(again);
    EXPECT_EQ(memory.find(1, 1), again);
}

TEST(DocumentMemory, TheLeastRecentlyUsedGoFirst) {
    DocumentMemory memory(10000);
    for (std::uint32_t i = 1; i <= 3; ++i) {
        memory.put(document(i, 1, 2500));
    }
    EXPECT_NE(memory.find(1, 1), nullptr);
    memory.put(document(4, 1, 2500));
    EXPECT_NE(memory.find(1, 1), nullptr);
    EXPECT_EQ(memory.find(2, 1), nullptr);
    EXPECT_LE(memory.bytes(), 10000U);
}

TEST(DocumentMemory, WhatIsTooLargeIsNotKept) {
    DocumentMemory memory(1000);
    memory.put(document(1, 1, 2000));
    EXPECT_EQ(memory.find(1, 1), nullptr);
    EXPECT_EQ(memory.bytes(), 0U);
}

}  // namespace
}  // namespace hubfs::meta
