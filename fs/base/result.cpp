// SPDX-License-Identifier: Apache-2.0
#include "fs/base/result.h"

namespace hubfs {

std::string_view name_of(Code code) {
    switch (code) {
        case Code::not_found: return "not_found";
        case Code::denied: return "denied";
        case Code::gated: return "gated";
        case Code::rate_limited: return "rate_limited";
        case Code::unavailable: return "unavailable";
        case Code::protocol: return "protocol";
        case Code::unreachable: return "unreachable";
        case Code::timed_out: return "timed_out";
        case Code::cancelled: return "cancelled";
        case Code::corrupt: return "corrupt";
        case Code::no_space: return "no_space";
        case Code::io: return "io";
        case Code::invalid: return "invalid";
        case Code::unsupported: return "unsupported";
        case Code::read_only: return "read_only";
        case Code::not_directory: return "not_directory";
        case Code::is_directory: return "is_directory";
        case Code::no_attribute: return "no_attribute";
        case Code::name_too_long: return "name_too_long";
        case Code::stale: return "stale";
        case Code::offline: return "offline";
    }
    return "unknown";
}

}  // namespace hubfs
