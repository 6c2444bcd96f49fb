// SPDX-License-Identifier: Apache-2.0
// The filesystem without a kernel: what each name of the mount is, decided from the catalogue and
// the block cache. fs/fuse only translates it; tests call it directly. Thread-safe.
//
// Every asynchronous call answers once: inline when the answer is local, else from another thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/fd.h"
#include "fs/base/result.h"
#include "fs/cache/block_cache.h"
#include "fs/tree/inode.h"

namespace hubfs::meta {
class Catalog;
}

namespace hubfs::tree {

enum class NodeKind : std::uint8_t { directory, file, symlink };

struct Attributes {
    Ino ino{};
    NodeKind kind = NodeKind::file;
    std::uint64_t size_bytes = 0;
    std::uint64_t cached_bytes = 0;  // st_blocks counts these
    Instant mtime{};
    std::chrono::milliseconds valid{0};  // how long the kernel may keep the attributes
};

// A name that exists, or (present == false) one that does not and how long that may be believed.
struct Lookup {
    bool present = true;
    Attributes attributes;
    std::chrono::milliseconds valid{0};  // how long the kernel may keep the name
};

struct ListingEntry {
    std::string name;
    Attributes attributes;
    std::chrono::milliseconds valid{0};
    // False: only the name, the kind and a number for d_ino are known without asking upstream (a
    // commit whose tree nobody has needed yet). Such an entry goes to the kernel without a node id
    // (in READDIRPLUS: nodeid 0, attr.st_ino set), so that a LOOKUP finds out.
    bool complete = true;
};

// A directory as it was when it was opened: offsets stay what they are. Shared and immutable.
struct Listing {
    Ino self{};
    Ino parent{};
    std::vector<ListingEntry> entries;  // without "." and ".."
    bool kernel_may_keep = false;       // FOPEN_CACHE_DIR | KEEP_CACHE: immutable directories
};

// An open file.
class Handle {
public:
    virtual ~Handle() = default;
    virtual void read(std::uint64_t offset, std::size_t size, Done<cache::Bytes> done) = 0;
    // What this inode holds never changes (content, trees, one version of a document): the kernel
    // may keep its pages from before this open, unless they may have been wrong.
    [[nodiscard]] virtual bool keep_pages() const = 0;
    [[nodiscard]] virtual bool direct_io() const = 0;  // .status files: no size, no pages
    // The cache file, when all of it is there and verified: the kernel may read it by itself. It is
    // never written again, and removed by unlink only. Else invalid.
    [[nodiscard]] virtual Fd verified_file() const { return {}; }
};

struct Statfs {
    std::uint64_t block_bytes = 4096;
    std::uint64_t total_blocks = 0;
    std::uint64_t free_blocks = 0;
    std::uint64_t files = 0;
};

// Text of one .status file: made anew by each read at offset 0, as in /proc.
using StatusText = std::function<std::string()>;

class Filesystem {
public:
    struct Parts {
        meta::Catalog& catalog;
        cache::BlockCache& cache;
        const Clock& clock;
        Instant mounted_at;  // mtime of what has no date of its own
        std::vector<std::pair<std::string, StatusText>> status_files;  // name below .status
    };
    static std::unique_ptr<Filesystem> create(Parts parts);
    virtual ~Filesystem() = default;

    virtual void lookup(Ino parent, std::string name, Done<Lookup> done) = 0;
    virtual void getattr(Ino ino, Done<Attributes> done) = 0;
    virtual void readlink(Ino ino, Done<std::string> done) = 0;
    virtual void list(Ino directory, Done<std::shared_ptr<const Listing>> done) = 0;
    virtual void open(Ino file, Done<std::unique_ptr<Handle>> done) = 0;
    virtual void get_xattr(Ino ino, std::string name, Done<std::string> done) = 0;
    virtual void list_xattr(Ino ino, Done<std::vector<std::string>> done) = 0;
    [[nodiscard]] virtual Statfs statfs() const = 0;
};

}  // namespace hubfs::tree
