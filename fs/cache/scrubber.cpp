// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/scrubber.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "fs/base/hash.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

namespace {

struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
};
using Buffer = std::unique_ptr<std::byte, Free>;

// The bytes the disk has, not those that memory has kept of it. Not every filesystem can.
void past_memory(const Fd& file, bool yes) {
    (void)::fcntl(file.get(), F_SETFL, yes ? O_RDONLY | O_DIRECT : O_RDONLY);
}

// The hash of the whole file; io when it cannot be read to its end, cancelled when told so.
Result<ContentHash> hash_of(const Fd& file, const Content& content, const GoOn& go_on) {
    const Buffer buffer(
        static_cast<std::byte*>(std::aligned_alloc(kScrubAlignment, kScrubReadBytes)));
    if (buffer == nullptr) {
        return fail(Code::io, "no memory");
    }
    past_memory(file, true);
    ContentHasher hasher(content.hash.kind, content.size_bytes);
    while (hasher.hashed() < content.size_bytes) {
        if (!go_on()) {
            return fail(Code::cancelled, "cancelled");
        }
        const auto at = static_cast<off_t>(hasher.hashed());
        ssize_t n = ::pread(file.get(), buffer.get(), kScrubReadBytes, at);
        if (n < 0 && errno == EINVAL) {
            past_memory(file, false);
            n = ::pread(file.get(), buffer.get(), kScrubReadBytes, at);
        }
        if (n <= 0) {
            return fail(Code::io, n < 0 ? std::strerror(errno) : "the file is too short");
        }
        const auto bytes =
            std::min(static_cast<std::uint64_t>(n), content.size_bytes - hasher.hashed());
        hasher.update(std::span(buffer.get(), static_cast<std::size_t>(bytes)));
    }
    return hasher.finish();
}

}  // namespace

Result<bool> Scrubber::check(const Content& content, const GoOn& go_on) {
    // While this is held the content is not evicted.
    const auto state = engine_.table.acquire(content);
    if (!state) {
        return std::unexpected(state.error());
    }
    const CacheDir* dir = nullptr;
    std::uint64_t generation = 0;
    {
        const std::scoped_lock lock((*state)->mutex);
        if (!(*state)->ledger.verified() || (*state)->content != content) {
            return fail(Code::not_found, "not here as a whole");
        }
        dir = (*state)->dir;
        generation = (*state)->generation;
    }
    const auto file = dir->open_read_only(content);
    const auto hash = file ? hash_of(*file, content, go_on) : std::unexpected(file.error());
    if (hash && *hash == content.hash) {
        return true;
    }
    if (!hash && hash.error().code == Code::cancelled) {
        return std::unexpected(hash.error());
    }
    engine_.verifier.drop(
        *state, generation,
        hash ? Error{Code::corrupt, "the disk has other bytes than were stored"} : hash.error());
    return false;
}

}  // namespace hubfs::cache
