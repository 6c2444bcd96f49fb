// SPDX-License-Identifier: Apache-2.0
// The checksums of blocks (table `sums`, docs/formats.md): rows of up to kSumsPerRow blocks of one
// content, so that a large content's are written as it grows. They stand beside its record in
// `blobs`: BlobTable writes both in one transaction and erases both together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"

namespace hubfs::meta {

class ReadTxn;
class WriteTxn;

// A full row fits one page of LMDB.
inline constexpr std::size_t kSumsPerRow = 500;

struct SumRow {
    std::uint32_t number = 0;         // in the key: its first block is number * kSumsPerRow
    std::uint32_t block_bytes = 0;    // the size of the blocks they were made of
    std::vector<std::uint64_t> sums;  // XXH3-64 of each block's bytes; 0: not known
};

[[nodiscard]] std::string encode_sums(const SumRow& row);
// Without `number`; corrupt when it is no such row.
[[nodiscard]] Result<SumRow> decode_sums(std::string_view bytes);

// A content's rows in order, none when it has none.
[[nodiscard]] Result<std::vector<SumRow>> read_sums(const ReadTxn& txn, const ContentHash& hash);
// Each row replaces the one of its number.
[[nodiscard]] Status put_sums(WriteTxn& txn, const ContentHash& hash,
                              const std::vector<SumRow>& rows);
[[nodiscard]] Status erase_sums(WriteTxn& txn, const ContentHash& hash);

}  // namespace hubfs::meta
