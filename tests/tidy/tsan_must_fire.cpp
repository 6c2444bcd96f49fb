// SPDX-License-Identifier: Apache-2.0
// Writes one variable from two threads on purpose: proves that the thread sanitizer is armed.
#include <cstdio>
#include <thread>

int main() {
    int shared = 0;
    const auto add = [&shared] {
        for (int i = 0; i < 1000; ++i) {
            shared = shared + 1;
        }
    };
    std::thread one(add);
    std::thread two(add);
    one.join();
    two.join();
    std::printf("%d\n", shared);
    return 0;
}
