// SPDX-License-Identifier: Apache-2.0
// Any LFS batch question or answer: what is accepted has well-formed oids, and what we write of it
// can be read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "httpd/http/lfs_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace httpd::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto batch = parse_lfs_batch(text)) {
        const auto again = parse_lfs_batch(lfs_question(batch->objects));
        if (!again || again->objects.size() != batch->objects.size()) {
            std::abort();
        }
    }
    if (const auto places = parse_lfs_answer(text)) {
        const auto again = parse_lfs_answer(lfs_answer(*places));
        if (!again || again->size() != places->size()) {
            std::abort();
        }
        for (std::size_t i = 0; i < places->size(); ++i) {
            if (!is_lfs_oid((*again)[i].object.oid) || (*again)[i].href != (*places)[i].href) {
                std::abort();
            }
        }
    }
    return 0;
}
