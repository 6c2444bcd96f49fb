// SPDX-License-Identifier: Apache-2.0
// The values of the tables: encode and decode of the rows of schema.h, in the order of
// docs/formats.md; those about contents are in blob_rows.cpp. Each begins with the version of its
// own layout.
#include "fs/meta/codec.h"
#include "fs/meta/schema.h"

namespace hubfs::meta {

namespace {

constexpr std::uint8_t kRow = 1;  // version of every row's layout so far

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(Code::corrupt, "row of " + std::string(what) + " does not decode");
}

bool known(How how) {
    return how <= How::stale;
}

bool known(hub::RepoState state) {
    return state <= hub::RepoState::gone;
}

// Bits of an EntryRow.
constexpr std::uint8_t kDirectory = 1;
constexpr std::uint8_t kLfs = 2;
constexpr std::uint8_t kXet = 4;
constexpr std::uint8_t kSynthesised = 8;
constexpr std::uint8_t kEntryBits = 15;
constexpr std::size_t kParentOffset = 2;  // after the layout's version and the bits

}  // namespace

std::string encode(std::uint32_t number) {
    return Writer().u32(number).take();
}

template <>
Result<std::uint32_t> decode(std::string_view bytes) {
    Reader reader(bytes);
    const std::uint32_t number = reader.u32();
    return reader.done() ? Result<std::uint32_t>(number) : corrupt("a number");
}

std::string encode(std::uint64_t number) {
    return Writer().u64(number).take();
}

template <>
Result<std::uint64_t> decode(std::string_view bytes) {
    Reader reader(bytes);
    const std::uint64_t number = reader.u64();
    return reader.done() ? Result<std::uint64_t>(number) : corrupt("a counter");
}

std::string encode(const RepoRow& row) {
    return Writer()
        .u8(kRow)
        .u32(row.number)
        .u8(static_cast<std::uint8_t>(row.state))
        .u8(row.no_main ? 1 : 0)
        .u8(static_cast<std::uint8_t>(row.how))
        .time(row.checked)
        .take();
}

template <>
Result<RepoRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    RepoRow row;
    const bool version = reader.u8() == kRow;
    row.number = reader.u32();
    row.state = static_cast<hub::RepoState>(reader.u8());
    row.no_main = reader.u8() != 0;
    row.how = static_cast<How>(reader.u8());
    row.checked = reader.time();
    if (!version || !reader.done() || !known(row.how) || !known(row.state)) {
        return corrupt("repos");
    }
    return row;
}

std::string encode(const AliasRow& row) {
    return Writer().u8(kRow).time(row.checked).text16(row.canonical_id).take();
}

template <>
Result<AliasRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    AliasRow row;
    const bool version = reader.u8() == kRow;
    row.checked = reader.time();
    row.canonical_id = reader.text16();
    if (!version || !reader.done() || !valid_repo_id(row.canonical_id)) {
        return corrupt("aliases");
    }
    return row;
}

std::string encode(const RefRow& row) {
    Writer writer;
    writer.u8(kRow)
        .raw(row.commit.bytes)
        .u8(static_cast<std::uint8_t>(row.how))
        .u8(row.listed ? 1 : 0)
        .time(row.checked)
        .u8(row.date ? 1 : 0)
        .time(row.date.value_or(Instant{}));
    return writer.take();
}

template <>
Result<RefRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    RefRow row;
    const bool version = reader.u8() == kRow;
    reader.raw(row.commit.bytes);
    row.how = static_cast<How>(reader.u8());
    row.listed = reader.u8() != 0;
    row.checked = reader.time();
    const bool dated = reader.u8() != 0;
    const Instant date = reader.time();
    if (dated) {
        row.date = date;
    }
    if (!version || !reader.done() || !known(row.how)) {
        return corrupt("refs");
    }
    return row;
}

std::string encode(const CommitRow& row) {
    return Writer()
        .u8(kRow)
        .u32(row.repo)
        .raw(row.id.bytes)
        .time(row.date)
        .u32(row.entries)
        .u64(row.trees_bytes)
        .time(row.checked)
        .take();
}

template <>
Result<CommitRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    CommitRow row;
    const bool version = reader.u8() == kRow;
    row.repo = reader.u32();
    reader.raw(row.id.bytes);
    row.date = reader.time();
    row.entries = reader.u32();
    row.trees_bytes = reader.u64();
    row.checked = reader.time();
    if (!version || !reader.done()) {
        return corrupt("commits");
    }
    return row;
}

Result<std::string> encode(const EntryRow& row) {
    const hub::TreeEntry& entry = row.entry;
    std::array<std::uint8_t, 20> oid{};
    std::array<std::uint8_t, 32> lfs{};
    std::array<std::uint8_t, 32> xet{};
    const bool oid_ok = row.synthesised ? entry.directory && entry.oid.empty()
                                        : from_hex(entry.oid, oid.data(), oid.size());
    if (!oid_ok || (entry.lfs() && !from_hex(entry.lfs_oid, lfs.data(), lfs.size())) ||
        (!entry.xet_hash.empty() && !from_hex(entry.xet_hash, xet.data(), xet.size())) ||
        (entry.directory && (entry.lfs() || entry.size != 0))) {
        return fail(Code::protocol, "hashes of a tree entry");
    }
    const int bits = (entry.directory ? kDirectory : 0) | (entry.lfs() ? kLfs : 0) |
                     (entry.xet_hash.empty() ? 0 : kXet) | (row.synthesised ? kSynthesised : 0);
    Writer writer;
    writer.u8(kRow).u8(static_cast<std::uint8_t>(bits)).u32(row.parent).u64(entry.size).raw(oid);
    if (entry.lfs()) {
        writer.raw(lfs).u64(entry.pointer_size);
    }
    if (!entry.xet_hash.empty()) {
        writer.raw(xet);
    }
    return writer.text16(entry.path).take();
}

void set_parent(std::string& encoded, std::uint32_t parent) {
    encoded.replace(kParentOffset, 4, Writer().u32(parent).take());
}

template <>
Result<EntryRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    EntryRow row;
    hub::TreeEntry& entry = row.entry;
    const bool version = reader.u8() == kRow;
    const std::uint8_t bits = reader.u8();
    entry.directory = (bits & kDirectory) != 0;
    row.synthesised = (bits & kSynthesised) != 0;
    row.parent = reader.u32();
    entry.size = reader.u64();
    std::array<std::uint8_t, 32> hash{};
    reader.raw(hash, 20);
    if (!row.synthesised) {
        entry.oid = to_hex(hash.data(), 20);
    }
    if ((bits & kLfs) != 0) {
        reader.raw(hash);
        entry.lfs_oid = to_hex(hash.data(), hash.size());
        entry.pointer_size = reader.u64();
    }
    if ((bits & kXet) != 0) {
        reader.raw(hash);
        entry.xet_hash = to_hex(hash.data(), hash.size());
    }
    entry.path = reader.text16();
    if (!version || !reader.done() || (bits & ~kEntryBits) != 0) {
        return corrupt("entries");
    }
    return row;
}

std::string encode(const DocumentRow& row) {
    return Writer()
        .u8(kRow)
        .u32(row.version)
        .u32(row.oldest)
        .u8(static_cast<std::uint8_t>(row.how))
        .time(row.checked)
        .time(row.used)
        .u64(row.bytes)
        .u16(row.status)
        .text16(row.target)
        .text16(row.etag)
        .take();
}

template <>
Result<DocumentRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    DocumentRow row;
    const bool version = reader.u8() == kRow;
    row.version = reader.u32();
    row.oldest = reader.u32();
    row.how = static_cast<How>(reader.u8());
    row.checked = reader.time();
    row.used = reader.time();
    row.bytes = reader.u64();
    row.status = reader.u16();
    row.target = reader.text16();
    row.etag = reader.text16();
    if (!version || !reader.done() || !known(row.how)) {
        return corrupt("documents");
    }
    return row;
}

std::string encode(const BodyRow& row) {
    Writer writer;
    writer.u8(kRow)
        .u16(row.status)
        .time(row.fetched)
        .text16(row.content_type)
        .text16(row.etag)
        .text16(row.link)
        .text16(row.error_code)
        .text16(row.error_message)
        .text32(row.body);
    if (!row.total_count.empty()) {
        writer.text16(row.total_count);
    }
    return writer.take();
}

template <>
Result<BodyRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    BodyRow row;
    const bool version = reader.u8() == kRow;
    row.status = reader.u16();
    row.fetched = reader.time();
    row.content_type = reader.text16();
    row.etag = reader.text16();
    row.link = reader.text16();
    row.error_code = reader.text16();
    row.error_message = reader.text16();
    row.body = reader.text32();
    if (reader.ok() && !reader.done()) {
        row.total_count = reader.text16();
    }
    if (!version || !reader.done()) {
        return corrupt("bodies");
    }
    return row;
}

std::string encode(const ChangeRow& row) {
    return Writer()
        .u8(kRow)
        .u8(static_cast<std::uint8_t>(row.state))
        .u8(static_cast<std::uint8_t>(row.repo.type))
        .text16(row.repo.id)
        .take();
}

template <>
Result<ChangeRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    ChangeRow row;
    const bool version = reader.u8() == kRow;
    row.state = static_cast<hub::RepoState>(reader.u8());
    const std::uint8_t type = reader.u8();
    row.repo.type = static_cast<RepoType>(type);
    row.repo.id = reader.text16();
    if (!version || !reader.done() || !known(row.state) || type > 1) {
        return corrupt("changes");
    }
    return row;
}

namespace {

void write_patterns(Writer& writer, const std::vector<std::string>& include,
                    const std::vector<std::string>& exclude) {
    for (const auto* const patterns : {&include, &exclude}) {
        writer.u16(static_cast<std::uint16_t>(patterns->size()));
        for (const std::string& pattern : *patterns) {
            writer.text16(pattern);
        }
    }
}

void read_patterns(Reader& reader, std::vector<std::string>& include,
                   std::vector<std::string>& exclude) {
    for (auto* const patterns : {&include, &exclude}) {
        for (std::uint16_t left = reader.u16(); left > 0 && reader.ok(); --left) {
            patterns->emplace_back(reader.text16());
        }
    }
}

}  // namespace

std::string encode(const PinRow& row) {
    Writer writer;
    writer.u8(kRow).u32(row.commit).time(row.since);
    write_patterns(writer, row.include, row.exclude);
    return writer.take();
}

template <>
Result<PinRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    PinRow row;
    const bool version = reader.u8() == kRow;
    row.commit = reader.u32();
    row.since = reader.time();
    read_patterns(reader, row.include, row.exclude);
    if (!version || !reader.done()) {
        return corrupt("pins");
    }
    return row;
}

std::string encode(const LocationRow& row) {
    return Writer().u8(kRow).u32(row.entry).u32(row.repo).take();
}

template <>
Result<LocationRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    LocationRow row;
    const bool version = reader.u8() == kRow;
    row.entry = reader.u32();
    row.repo = reader.u32();
    if (!version || !reader.done()) {
        return corrupt("locations");
    }
    return row;
}

std::string encode(const FollowRow& row) {
    Writer writer;
    writer.u8(kRow).u32(row.complete).u32(row.coming).time(row.since).time(row.completed);
    write_patterns(writer, row.include, row.exclude);
    return writer.take();
}

template <>
Result<FollowRow> decode(std::string_view bytes) {
    Reader reader(bytes);
    FollowRow row;
    const bool version = reader.u8() == kRow;
    row.complete = reader.u32();
    row.coming = reader.u32();
    row.since = reader.time();
    row.completed = reader.time();
    read_patterns(reader, row.include, row.exclude);
    if (!version || !reader.done()) {
        return corrupt("follows");
    }
    return row;
}

}  // namespace hubfs::meta
