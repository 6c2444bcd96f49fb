// SPDX-License-Identifier: Apache-2.0
// Reads one byte behind a buffer on purpose: proves that the address sanitizer is armed.
#include <cstdio>
#include <vector>

int main(int argc, char**) {
    const std::vector<char> buffer(16, 'x');
    std::printf("%c\n", buffer.data()[15 + argc]);
    std::puts("still alive");
    return 0;
}
