// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/client_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace httpd::http {

std::string truncated_v4(std::array<std::uint8_t, 4> address) {
    address[3] = 0;
    std::array<char, INET_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET, address.data(), text.data(), text.size()) == nullptr ? "-"
                                                                                   : text.data();
}

std::string truncated_v6(std::array<std::uint8_t, 16> address) {
    constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kMapped.begin(), kMapped.end(), address.begin())) {
        return truncated_v4({address[12], address[13], address[14], address[15]});
    }
    std::fill(address.begin() + 6, address.end(), std::uint8_t{0});
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET6, address.data(), text.data(), text.size()) == nullptr ? "-"
                                                                                    : text.data();
}

}  // namespace httpd::http
