// SPDX-License-Identifier: Apache-2.0
// Overflows an integer on purpose: proves that the undefined-behaviour sanitizer is armed.
#include <cstdio>
#include <limits>

int main(int argc, char**) {
    const int most = std::numeric_limits<int>::max();
    std::printf("%d\n", most + argc);
    return 0;
}
