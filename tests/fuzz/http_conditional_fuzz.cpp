// SPDX-License-Identifier: Apache-2.0
// Any text as a list of entity tags and as a date: every tag found lies in the text, and a list
// never matches a tag that does not occur in it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "httpd/http/conditional.h"
#include "httpd/http/date.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace httpd::http;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto list = parse_tag_list(text)) {
        for (const EntityTag& tag : list->tags) {
            if (text.find(tag.opaque) == std::string::npos) {
                std::abort();
            }
        }
    }
    Headers headers;
    headers.add("If-None-Match", text);
    headers.add("If-Range", text);
    const Validators current{"\"no-such-tag-in-the-text\"", hubfs::Instant{}};
    const auto verdict = evaluate(headers, current, true, hubfs::Instant{});
    if (verdict == Verdict::not_modified && text.find("no-such-tag") == std::string::npos &&
        text.find('*') == std::string::npos) {
        std::abort();
    }
    (void)range_allowed(headers, current, hubfs::Instant{});
    if (const auto date = parse_http_date(text, hubfs::Instant{})) {
        if (parse_http_date(http_date(*date), hubfs::Instant{}) != date) {
            std::abort();
        }
    }
    return 0;
}
