// SPDX-License-Identifier: Apache-2.0
// The values of the tables about contents, blobs and left: encode and decode in the order of
// docs/formats.md. Each begins with the version of its own layout.
#include "fs/meta/codec.h"
#include "fs/meta/schema.h"

namespace hubfs::meta {

namespace {

constexpr std::uint8_t kTimedBlob = 1;  // knows when it was last used, but not how often before
constexpr std::uint8_t kBlob = 2;
constexpr std::uint8_t kLeft = 1;

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(Code::corrupt, "row of " + std::string(what) + " does not decode");
}

}  // namespace

std::string encode(const BlobRecord& record) {
    const std::string_view bitmap(reinterpret_cast<const char*>(record.bitmap.data()),
                                  record.bitmap.size());
    return Writer()
        .u8(kBlob)
        .u8(record.verified ? 1 : 0)
        .u64(record.size_bytes)
        .u32(record.block_bytes)
        .u16(record.directory)
        .time(record.last_used)
        .u64(static_cast<std::uint64_t>(record.warmth))
        .text32(bitmap)
        .take();
}

template <>
Result<BlobRecord> decode(std::string_view bytes) {
    Reader reader(bytes);
    BlobRecord record;
    const std::uint8_t version = reader.u8();
    record.verified = reader.u8() != 0;
    record.size_bytes = reader.u64();
    record.block_bytes = reader.u32();
    record.directory = reader.u16();
    record.last_used = reader.time();
    record.warmth = version == kTimedBlob ? weeks_since_1970(record.last_used)
                                          : static_cast<Turns>(reader.u64());
    const std::string_view bitmap = reader.text32();
    record.bitmap.assign(bitmap.begin(), bitmap.end());
    if ((version != kTimedBlob && version != kBlob) || !reader.done()) {
        return corrupt("blobs");
    }
    return record;
}

std::string encode(const LeftRecord& record) {
    return Writer()
        .u8(kLeft)
        .u64(static_cast<std::uint64_t>(record.at))
        .u64(static_cast<std::uint64_t>(record.warmth))
        .take();
}

template <>
Result<LeftRecord> decode(std::string_view bytes) {
    Reader reader(bytes);
    LeftRecord record;
    const bool version = reader.u8() == kLeft;
    record.at = static_cast<Turns>(reader.u64());
    record.warmth = static_cast<Turns>(reader.u64());
    if (!version || !reader.done()) {
        return corrupt("left");
    }
    return record;
}

}  // namespace hubfs::meta
