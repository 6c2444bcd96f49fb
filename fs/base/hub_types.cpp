// SPDX-License-Identifier: Apache-2.0
#include "fs/base/hub_types.h"

#include <algorithm>
#include <cstring>

namespace hubfs {

std::string_view plural(RepoType type) {
    return type == RepoType::model ? "models" : "datasets";
}

std::optional<RepoType> repo_type_from(std::string_view plural) {
    if (plural == "models") {
        return RepoType::model;
    }
    if (plural == "datasets") {
        return RepoType::dataset;
    }
    return std::nullopt;
}

namespace {

bool valid_segment(std::string_view segment) {
    constexpr std::size_t kSegmentMax = 96;
    if (segment.empty() || segment.size() > kSegmentMax || segment == "." || segment == "..") {
        return false;
    }
    return std::ranges::all_of(segment, [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

int nibble(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace

bool valid_repo_id(std::string_view id) {
    const auto slash = id.find('/');
    if (slash == std::string_view::npos) {
        return valid_segment(id);
    }
    return valid_segment(id.substr(0, slash)) && valid_segment(id.substr(slash + 1));
}

std::string to_hex(const std::uint8_t* bytes, std::size_t n) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * n);
    for (std::size_t i = 0; i < n; ++i) {
        hex.push_back(kDigits[bytes[i] >> 4]);
        hex.push_back(kDigits[bytes[i] & 15]);
    }
    return hex;
}

bool from_hex(std::string_view hex, std::uint8_t* bytes, std::size_t n) {
    if (hex.size() != 2 * n) {
        return false;
    }
    for (std::size_t i = 0; i < n; ++i) {
        const int high = nibble(hex[2 * i]);
        const int low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

std::string CommitId::hex() const {
    return to_hex(bytes.data(), bytes.size());
}

std::optional<CommitId> CommitId::from_hex(std::string_view hex) {
    CommitId id;
    if (!hubfs::from_hex(hex, id.bytes.data(), id.bytes.size())) {
        return std::nullopt;
    }
    return id;
}

std::string ContentHash::hex() const {
    return to_hex(bytes.data(), size());
}

std::optional<ContentHash> ContentHash::from_hex(HashKind kind, std::string_view hex) {
    ContentHash hash;
    hash.kind = kind;
    if (!hubfs::from_hex(hex, hash.bytes.data(), hash.size())) {
        return std::nullopt;
    }
    return hash;
}

std::size_t ContentHashHasher::operator()(const ContentHash& hash) const {
    std::size_t value = 0;  // a cryptographic hash is already evenly spread
    std::memcpy(&value, hash.bytes.data(), sizeof value);
    return value;
}

}  // namespace hubfs
