// SPDX-License-Identifier: Apache-2.0
// Any text: what is left after taking a member out is still JSON and has no such member any more.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "httpd/http/json.h"
#include "httpd/http/json_filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace httpd::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)parse_tree_line(text);
    (void)parse_paths_json(text);
    const auto filtered = remove_members(text, "xetHash");
    if (filtered && filtered->changed) {
        const auto again = remove_members(filtered->text, "xetHash");
        if (!again || again->changed) {
            std::abort();
        }
    }
    return 0;
}
