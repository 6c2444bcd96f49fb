// SPDX-License-Identifier: Apache-2.0
// parse_info over any bytes: what it accepts names a repository that may go into an address.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/hub/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto info =
        hubfs::hub::parse_info(std::string_view(reinterpret_cast<const char*>(data), size));
    if (info ? !hubfs::valid_repo_id(info->id) : info.error().message.empty()) {
        std::abort();
    }
    return 0;
}
