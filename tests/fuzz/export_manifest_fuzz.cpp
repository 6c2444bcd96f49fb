// SPDX-License-Identifier: Apache-2.0
// What import reads from a directory of somebody else's. A manifest that is accepted is written and
// read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/app/export_dir.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto manifest = hubfs::app::manifest_from(text)) {
        const std::string written = hubfs::app::to_json(*manifest);
        const auto again = hubfs::app::manifest_from(written);
        if (!again || hubfs::app::to_json(*again) != written) {
            std::abort();
        }
    }
    (void)hubfs::app::tree_from(text);
    return 0;
}
