// SPDX-License-Identifier: Apache-2.0
// Rows of the store as a broken disk may hand them out. The first byte chooses the table; what
// decodes is encoded and must decode again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/meta/schema.h"

namespace {

using namespace hubfs::meta;

template <class Row>
void round_trip(std::string_view bytes) {
    const auto row = decode<Row>(bytes);
    if (row && !decode<Row>(encode(*row))) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 16) {
        case 0: round_trip<RepoRow>(bytes); break;
        case 1: round_trip<AliasRow>(bytes); break;
        case 2: round_trip<RefRow>(bytes); break;
        case 3: round_trip<CommitRow>(bytes); break;
        case 4: (void)decode<EntryRow>(bytes); break;
        case 5: round_trip<hubfs::meta::BlobRecord>(bytes); break;
        case 6: round_trip<DocumentRow>(bytes); break;
        case 7: round_trip<BodyRow>(bytes); break;
        case 8: round_trip<ChangeRow>(bytes); break;
        case 9: round_trip<LeftRecord>(bytes); break;
        case 10: round_trip<LocationRow>(bytes); break;
        case 11: {
            const auto row = decode_sums(bytes);
            if (row && encode_sums(*row) != bytes) {
                std::abort();
            }
            break;
        }
        case 12: round_trip<PinRow>(bytes); break;
        case 13: round_trip<FollowRow>(bytes); break;
        case 14: (void)revision_from_key(bytes); break;
        default: (void)repo_from_key(bytes), (void)blob_from_key(bytes); break;
    }
    return 0;
}
