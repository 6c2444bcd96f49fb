// SPDX-License-Identifier: Apache-2.0
// One cache directory: a lock against a second cache, an identity that records refer to, and one
// sparse file per content (docs/formats-blocks.md). Knows no blocks and no records. Thread-safe
// once open. Files are 0600, directories 0700; a file leaves by unlink only, never by truncation,
// because readers and the kernel's passthrough may still have it open.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/cache/blob_file.h"

namespace hubfs::cache {

class CacheDir {
public:
    // Makes what is missing. Code::unsupported: another cache uses it; Code::invalid: its
    // format is unknown.
    // `taken`: the numbers of the other directories; its own is added. `recorded`: those that
    // records have, which a new directory must not get.
    [[nodiscard]] static Result<std::unique_ptr<CacheDir>> open(
        const std::string& path, std::set<std::uint16_t>& taken,
        const std::set<std::uint16_t>& recorded);

    [[nodiscard]] const std::string& path() const { return path_; }
    // What BlobRecord::directory says: drawn at random when the directory is made.
    [[nodiscard]] std::uint16_t number() const { return number_; }
    [[nodiscard]] std::uint64_t free_bytes() const;

    // A new file of this size, all hole; whatever had its name is unlinked.
    [[nodiscard]] Result<std::shared_ptr<BlobFile>> create(const Content& content) const;
    // A new file beside the content's, for a whole content from elsewhere: take_in() gives it the
    // content's name, over whatever has it; discard() unlinks it. sweep() removes what a crash
    // left. Code::unavailable: there is one already.
    [[nodiscard]] Result<Fd> create_beside(const ContentHash& hash) const;
    [[nodiscard]] Status take_in(const ContentHash& hash) const;
    void discard(const ContentHash& hash) const;
    // Code::io when there is none or its size is another.
    [[nodiscard]] Result<std::shared_ptr<BlobFile>> open_file(const Content& content) const;
    // Read-only, for handing it to others.
    [[nodiscard]] Result<Fd> open_read_only(const Content& content) const;
    // The file's size; nothing when there is none.
    [[nodiscard]] std::optional<std::uint64_t> size_of(const ContentHash& hash) const;
    // No error when there is none.
    Status unlink(const ContentHash& hash) const;
    // Every byte written so far to any file here is on the disk when it returns.
    [[nodiscard]] Status sync() const;
    // Lets another cache use it; nothing here may be called after that.
    void unlock() const;
    // Whatever file has the content's name, read-only; invalid when there is none.
    [[nodiscard]] Fd open_any(const ContentHash& hash) const;
    // Which file has the content's name; 0: none.
    [[nodiscard]] std::uint64_t inode_of(const ContentHash& hash) const;
    // Unlinks every file that `known` does not want, strange names included; but files without
    // holes may be whole contents: these are returned.
    [[nodiscard]] Result<std::vector<ContentHash>> sweep(
        const std::function<bool(const ContentHash&)>& known) const;

private:
    CacheDir(std::string path, Fd dir, Fd lock, std::uint16_t number)
        : path_(std::move(path)), dir_(std::move(dir)), lock_(std::move(lock)), number_(number) {}
    [[nodiscard]] bool without_holes(const ContentHash& hash) const;
    [[nodiscard]] Result<Fd> open_at(const Content& content, int flags) const;

    const std::string path_;
    const Fd dir_;
    const Fd lock_;  // flock, held until unlock()
    const std::uint16_t number_;
};

}  // namespace hubfs::cache
