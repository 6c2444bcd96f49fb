// SPDX-License-Identifier: Apache-2.0
// parse_tree_page over any bytes: what it accepts is written and read back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/hub/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto page =
        hubfs::hub::parse_tree_page(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!page) {
        return 0;
    }
    for (const hubfs::hub::TreeEntry& entry : *page) {
        const std::string text = hubfs::hub::to_json(entry);
        const auto back = hubfs::hub::parse_tree_page("[" + text + "]");
        if (!back || back->size() != 1 || hubfs::hub::to_json(back->front()) != text ||
            back->front().path != entry.path) {
            std::abort();
        }
    }
    return 0;
}
