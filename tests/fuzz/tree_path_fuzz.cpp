// SPDX-License-Identifier: Apache-2.0
// Paths of the mount: whatever parses is spelled in the one way that leads back to it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/contract.h"
#include "fs/tree/path.h"
#include "fs/tree/xattr_rows.h"

namespace {

using hubfs::tree::PlaceKind;

void check(bool ok) {
    if (!ok) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto range = hubfs::tree::parse_held(text)) {
        check(range->first < range->end || range->first == UINT64_MAX);
    }
    (void)hubfs::tree::ref_of_xattr(text);
    const auto place = hubfs::tree::parse(text);
    if (!place) {
        return 0;
    }
    check(place->path == text);
    // Every ancestor is a place too, so a listing can always name its parent.
    check(hubfs::tree::parse(hubfs::tree::parent_of(text)).has_value());
    switch (place->kind) {
        case PlaceKind::repo:
            check(hubfs::valid_repo_id(place->repo.id));
            check(hubfs::tree::path_of(place->repo, place->in_trees) == text);
            break;
        case PlaceKind::revision:
            check(hubfs::contract::encode_ref(place->revision) == hubfs::tree::name_of_path(text));
            break;
        case PlaceKind::tree: check(place->commit->hex() == hubfs::tree::name_of_path(text)); break;
        case PlaceKind::blob:
            check(place->hash->hex() == hubfs::tree::name_of_path(text));
            check(hubfs::tree::parse(hubfs::tree::parent_of(text))->hash->kind ==
                  place->hash->kind);
            break;
        case PlaceKind::api_document: check(place->target.starts_with("/api/")); break;
        default: break;
    }
    return 0;
}
