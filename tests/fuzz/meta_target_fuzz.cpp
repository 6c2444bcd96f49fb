// SPDX-License-Identifier: Apache-2.0
// Request targets from users and Link headers from upstream: nothing that is let through may climb
// out of /api/, and what is taken apart says the same when it is put together again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/meta/catalog.h"
#include "fs/meta/target.h"

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hubfs::meta;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto target = parse_target(text)) {
        require(allowed_document(text));
        // A query may hold anything; only the path could climb.
        require(text.starts_with("/api/") && path_of(text).find("/../") == std::string_view::npos);
        require(target->repo.id.empty() || hubfs::valid_repo_id(target->repo.id));
        if (target->kind == Target::Kind::info && !target->revision.empty()) {
            const auto again = parse_target(revision_target(target->repo, target->revision));
            require(again && again->revision == target->revision && again->repo == target->repo);
        }
    }
    if (const auto next = next_page(text)) {
        require(next->starts_with("/") && !next->starts_with("//"));
        require(next->find('\n') == std::string::npos && next->find(' ') == std::string::npos);
    }
    return 0;
}
