// SPDX-License-Identifier: Apache-2.0
// Any log line, with an address made from the same bytes in the middle: what comes out must not
// hold that address any more.
#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "fs/cli/truncate_address.h"

namespace {

template <std::size_t N>
void check(int family, const std::array<unsigned char, N>& bytes, const std::string& text) {
    char address[INET6_ADDRSTRLEN] = {};
    inet_ntop(family, bytes.data(), address, sizeof(address));
    const std::string cut = hubfs::cli::truncate_addresses(text + " (" + address + ") " + text);
    const std::string clean = hubfs::cli::truncate_addresses(text);
    if (!cut.starts_with(clean + " (") ||
        cut.find("(" + std::string(address) + ")") != std::string::npos) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::array<unsigned char, 16> bytes{};
    if (size < bytes.size()) {
        return 0;
    }
    std::memcpy(bytes.data(), data, bytes.size());
    const std::string text(reinterpret_cast<const char*>(data) + bytes.size(), size - bytes.size());
    bytes.back() |= 1U;  // one that truncation changes
    check(AF_INET6, bytes, text);
    check(AF_INET, std::array<unsigned char, 4>{bytes[0], bytes[1], bytes[2], bytes[15]}, text);
    return 0;
}
