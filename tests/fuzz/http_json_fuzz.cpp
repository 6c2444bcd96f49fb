// SPDX-License-Identifier: Apache-2.0
// The other texts that are read for their meaning: a line of .trees, a paths-info request as JSON
// and as a form, a cursor. A line keeps its path; a cursor that is read can be written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "httpd/http/json.h"
#include "httpd/routes/tree_cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace httpd;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto line = http::parse_tree_line(text)) {
        const auto again = http::parse_tree_line(line->json);
        if (!again || again->path != line->path || again->directory != line->directory) {
            std::abort();
        }
    }
    (void)http::parse_paths_json(text);
    (void)http::parse_paths_form(text);
    if (const auto cursor = routes::parse_cursor(text)) {
        const auto again = routes::parse_cursor(routes::to_text(*cursor));
        if (!again || again->commit != cursor->commit || again->next != cursor->next ||
            again->recursive != cursor->recursive) {
            std::abort();
        }
    }
    return 0;
}
