// SPDX-License-Identifier: Apache-2.0
// parse_refs and parse_commit_date over any bytes: a ref that is accepted is a directory entry.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/contract.h"
#include "fs/hub/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto commit = hubfs::CommitId::from_hex("607a30d783dfa663caf39e06633721c8d4cfcd7e");
    (void)hubfs::hub::parse_commit_date(body, *commit);
    const auto refs = hubfs::hub::parse_refs(body);
    if (!refs) {
        return 0;
    }
    for (const hubfs::hub::Ref& ref : *refs) {
        const std::string name = hubfs::contract::encode_ref(ref.name);
        if (name.empty() || name.size() > 255 || name == "." || name == ".." ||
            name.find('/') != std::string::npos || name.find('\0') != std::string::npos ||
            hubfs::contract::decode_ref(name) != ref.name) {
            std::abort();
        }
    }
    return 0;
}
