// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/once.h"

#include <gtest/gtest.h>

#include <vector>

namespace httpd::http {
namespace {

TEST(Once, answers_once_and_dropped_with_its_fallback) {
    std::vector<int> got;
    {
        Once<int> once([&](int value) { got.push_back(value); }, 7);
        Once<int> moved = std::move(once);
        moved(1);
        moved(2);
    }
    {
        const Once<int> dropped([&](int value) { got.push_back(value); }, 7);
    }
    {
        Once<int> first([&](int value) { got.push_back(value); }, 8);
        first = Once<int>([&](int value) { got.push_back(value); }, 9);
    }
    EXPECT_EQ(got, (std::vector<int>{1, 7, 8, 9}));
}

}  // namespace
}  // namespace httpd::http
