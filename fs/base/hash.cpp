// SPDX-License-Identifier: Apache-2.0
#include "fs/base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace hubfs {

// OpenSSL's digests fail only when the library itself is broken or memory is gone: going on would
// call unverified bytes verified, so the process ends.
struct ContentHasher::Context {
    EVP_MD_CTX* md = EVP_MD_CTX_new();
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(md); }
};

namespace {

void must(int ok) {
    if (ok != 1) {
        std::abort();
    }
}

template <std::size_t N>
std::array<std::uint8_t, N> digest(const EVP_MD* algorithm, std::string_view bytes) {
    std::array<std::uint8_t, N> out{};
    unsigned n = 0;
    must(EVP_Digest(bytes.data(), bytes.size(), out.data(), &n, algorithm, nullptr));
    return out;
}

}  // namespace

ContentHasher::ContentHasher(HashKind kind, std::uint64_t size_bytes)
    : context_(std::make_unique<Context>()), kind_(kind) {
    const EVP_MD* algorithm = kind == HashKind::sha256 ? EVP_sha256() : EVP_sha1();
    must(EVP_DigestInit_ex(context_->md, algorithm, nullptr));
    if (kind == HashKind::git_sha1) {
        const std::string header = "blob " + std::to_string(size_bytes);
        must(EVP_DigestUpdate(context_->md, header.c_str(), header.size() + 1));
    }
}

ContentHasher::~ContentHasher() = default;
ContentHasher::ContentHasher(ContentHasher&&) noexcept = default;
ContentHasher& ContentHasher::operator=(ContentHasher&&) noexcept = default;

void ContentHasher::update(std::span<const std::byte> bytes) {
    must(EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()));
    hashed_ += bytes.size();
}

ContentHash ContentHasher::finish() {
    ContentHash hash;
    hash.kind = kind_;
    unsigned n = 0;
    must(EVP_DigestFinal_ex(context_->md, hash.bytes.data(), &n));
    return hash;
}

ContentHash hash_content(HashKind kind, std::span<const std::byte> bytes) {
    ContentHasher hasher(kind, bytes.size());
    hasher.update(bytes);
    return hasher.finish();
}

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
    return digest<32>(EVP_sha256(), bytes);
}

std::array<std::uint8_t, 20> sha1(std::string_view bytes) {
    return digest<20>(EVP_sha1(), bytes);
}

std::string base64(std::span<const std::uint8_t> bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                                  static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

std::string weak_api_etag(std::string_view body) {
    std::array<char, 16> length{};
    const auto end = std::to_chars(length.data(), length.data() + length.size(), body.size(), 16);
    std::string etag = "W/\"";
    etag.append(length.data(), end.ptr);
    etag += '-';
    etag += base64(sha1(body)).substr(0, 27);
    etag += '"';
    return etag;
}

}  // namespace hubfs
