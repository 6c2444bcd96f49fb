// SPDX-License-Identifier: Apache-2.0
// Digests, by OpenSSL; the only place in fs/ that knows it. A Hasher is used by one thread at a
// time; it can be copied to look at a prefix's digest while going on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "fs/base/hub_types.h"

namespace hubfs {

// Hashes the bytes of one content and says its name. For git_sha1 the header "blob <size>\0" is
// hashed first (git's blob object), which is why the size must be known.
class ContentHasher {
public:
    ContentHasher(HashKind kind, std::uint64_t size_bytes);
    ~ContentHasher();
    ContentHasher(ContentHasher&&) noexcept;
    ContentHasher& operator=(ContentHasher&&) noexcept;

    void update(std::span<const std::byte> bytes);
    // Bytes hashed so far, the git header not counted.
    [[nodiscard]] std::uint64_t hashed() const { return hashed_; }
    // Ends the hasher: call once, after the last byte.
    [[nodiscard]] ContentHash finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
    HashKind kind_;
    std::uint64_t hashed_ = 0;
};

[[nodiscard]] ContentHash hash_content(HashKind kind, std::span<const std::byte> bytes);
[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes);
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view bytes);
[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes);

// The Hub's ETag of an API body (hub-api: W/"<hex length>-<27 characters of base64(SHA-1)>").
[[nodiscard]] std::string weak_api_etag(std::string_view body);

}  // namespace hubfs
