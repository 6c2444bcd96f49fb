// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/truncate_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

namespace hubfs::cli {
namespace {

constexpr std::size_t kTextMax = INET6_ADDRSTRLEN - 1;
constexpr std::size_t kShortest = 2;  // "::"
constexpr std::size_t kKeptBytesV6 = 6;
constexpr std::size_t kMappedAt = 12;  // where the IPv4 address of a mapped one starts

bool address_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' ||
           c == ':';
}

template <std::size_t N>
std::string printed(int family, const std::array<unsigned char, N>& bytes) {
    char text[INET6_ADDRSTRLEN] = {};
    inet_ntop(family, bytes.data(), text, sizeof(text));
    return text;
}

std::string cut_v4(std::array<unsigned char, 4> bytes) {
    bytes.back() = 0;
    return printed(AF_INET, bytes);
}

std::string cut_v6(std::array<unsigned char, 16> bytes) {
    constexpr std::array<unsigned char, kMappedAt> kMapped = {0, 0, 0, 0, 0,    0,
                                                              0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
        return cut_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
    }
    std::fill(bytes.begin() + kKeptBytesV6, bytes.end(), static_cast<unsigned char>(0));
    return printed(AF_INET6, bytes);
}

std::optional<std::string> cut(std::string_view text) {
    char copy[INET6_ADDRSTRLEN] = {};
    std::memcpy(copy, text.data(), text.size());
    std::array<unsigned char, 4> v4{};
    if (inet_pton(AF_INET, copy, v4.data()) == 1) {
        return cut_v4(v4);
    }
    std::array<unsigned char, 16> v6{};
    if (inet_pton(AF_INET6, copy, v6.data()) == 1) {
        return cut_v6(v6);
    }
    return std::nullopt;
}

}  // namespace

std::string truncate_addresses(std::string_view line) {
    std::string out;
    out.reserve(line.size());
    std::size_t at = 0;
    while (at < line.size()) {
        std::size_t run = 0;
        while (run < kTextMax && at + run < line.size() && address_char(line[at + run])) {
            ++run;
        }
        // The longest text that is an address, so that nothing of one is left standing.
        std::optional<std::string> replaced;
        for (; run >= kShortest && !replaced; --run) {
            replaced = cut(line.substr(at, run));
        }
        if (replaced) {
            out += *replaced;
            at += run + 1;
        } else {
            out += line[at];
            ++at;
        }
    }
    return out;
}

}  // namespace hubfs::cli
