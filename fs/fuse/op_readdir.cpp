// SPDX-License-Identifier: Apache-2.0
// READDIR and READDIRPLUS: as many entries as fit, from an offset. Offset 0 is ".", 1 is "..", and
// entry i has the offset i + 2; each entry carries the offset of the one after it.
#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fs/fuse/context.h"
#include "fs/fuse/limits.h"

namespace hubfs::fuse {

namespace {

struct Part {
    std::size_t size = 0;
    std::uint64_t offset = 0;
    bool plus = false;
};

// Fills a buffer entry by entry; libfuse only needs the request to know its format.
class Page {
public:
    Page(std::size_t size, bool plus) : bytes_(std::min(size, kListingBytesMax)), plus_(plus) {}

    // False when the entry did not fit. A node id of 0 tells the kernel to ask by LOOKUP.
    bool add(const std::string& name, const fuse_entry_param& entry, std::uint64_t next) {
        char* const at = bytes_.data() + used_;
        const std::size_t room = bytes_.size() - used_;
        const auto offset = static_cast<off_t>(next);
        const std::size_t need =
            plus_ ? fuse_add_direntry_plus(nullptr, at, room, name.c_str(), &entry, offset)
                  : fuse_add_direntry(nullptr, at, room, name.c_str(), &entry.attr, offset);
        if (need > room) {
            return false;
        }
        used_ += need;
        return true;
    }

    [[nodiscard]] std::span<const std::byte> bytes() const {
        return std::as_bytes(std::span(bytes_).first(used_));
    }

private:
    std::vector<char> bytes_;
    std::size_t used_ = 0;
    const bool plus_;
};

// "." and "..": numbers only. The kernel takes no reference for them.
fuse_entry_param dot(tree::Ino ino) {
    fuse_entry_param entry{};
    entry.attr.st_ino = ino.value;
    entry.attr.st_mode = S_IFDIR;
    return entry;
}

fuse_entry_param entry_of(const tree::ListingEntry& entry, Owner owner) {
    fuse_entry_param param = to_entry(entry.attributes, entry.valid, owner);
    if (!entry.complete) {
        param.ino = 0;
    }
    return param;
}

void answer(Reply reply, const tree::Listing& listing, Part part, Owner owner) {
    Page page(part.size, part.plus);
    std::uint64_t at = part.offset;
    if (at == 0 && page.add(".", dot(listing.self), 1)) {
        ++at;
    }
    if (at == 1 && page.add("..", dot(listing.parent), 2)) {
        ++at;
    }
    while (at >= 2 && at - 2 < listing.entries.size()) {
        const tree::ListingEntry& entry = listing.entries[static_cast<std::size_t>(at - 2)];
        if (!page.add(entry.name, entry_of(entry, owner), at + 1)) {
            break;
        }
        ++at;
    }
    reply.bytes(page.bytes());
}

void read_directory(fuse_req_t request, Op op, tree::Ino directory, std::uint64_t fh,
                    Part part) noexcept {
    run(request, op, [&](Context& context, Reply reply) {
        if (const auto listing = context.directories.find(fh, directory)) {
            answer(std::move(reply), *listing, part, context.owner);
            return;
        }
        // Opened by a daemon that is gone. The order of names is the same, so are the offsets.
        context.fs.list(
            directory, [&context, directory, fh, part, reply = std::move(reply)](
                           Result<std::shared_ptr<const tree::Listing>> listing) mutable {
                if (!listing) {
                    reply.error(listing.error());
                    return;
                }
                const auto kept = context.directories.put(fh, directory, std::move(*listing));
                answer(std::move(reply), *kept, part, context.owner);
            });
    });
}

}  // namespace

void op_readdir(fuse_req_t request, fuse_ino_t ino, std::size_t size, off_t offset,
                fuse_file_info* info) noexcept {
    read_directory(request, Op::readdir, tree::Ino{ino}, info->fh,
                   Part{size, static_cast<std::uint64_t>(offset), false});
}

void op_readdirplus(fuse_req_t request, fuse_ino_t ino, std::size_t size, off_t offset,
                    fuse_file_info* info) noexcept {
    read_directory(request, Op::readdirplus, tree::Ino{ino}, info->fh,
                   Part{size, static_cast<std::uint64_t>(offset), true});
}

}  // namespace hubfs::fuse
