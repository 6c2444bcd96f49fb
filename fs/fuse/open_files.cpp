// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/open_files.h"

#include <utility>

#include "fs/base/log.h"

namespace hubfs::fuse {

OpenFiles::OpenFiles(HandleRows rows, Backing* backing, Counters& counters)
    : backing_(backing), counters_(counters), table_(std::move(rows)) {
    for (std::size_t place = 0; place < table_.rows.capacity(); ++place) {
        const HandleRow row = table_.rows.read(place);
        if (row.fh == 0) {
            continue;
        }
        for (; table_.used < place; ++table_.used) {
            table_.freed.push_back(table_.used);
        }
        table_.used = place + 1;
        table_.places.emplace(row.fh, place);
        Inode& inode = table_.inodes[row.node];
        ++inode.handles;
        inode.backing_id = row.backing_id;
    }
}

Result<std::int32_t> OpenFiles::open(std::uint64_t fh, tree::Ino node,
                                     const std::function<Fd()>& file) {
    const std::scoped_lock lock(mutex_);
    if (const auto known = table_.places.find(fh); known != table_.places.end()) {
        return table_.rows.read(known->second).backing_id;
    }
    if (table_.freed.empty() && table_.used == table_.rows.capacity()) {
        return fail(Code::rate_limited, "too many open files in this mount");
    }
    const std::int32_t backing_id = decide(table_, node, file);
    std::size_t place = table_.used;
    if (table_.freed.empty()) {
        ++table_.used;
    } else {
        place = table_.freed.back();
        table_.freed.pop_back();
    }
    table_.rows.write(place, {fh, node.value, backing_id});
    table_.places.emplace(fh, place);
    Inode& inode = table_.inodes[node.value];
    ++inode.handles;
    inode.backing_id = backing_id;
    if (backing_id != 0) {
        counters_.passthrough_opens.fetch_add(1, std::memory_order_relaxed);
    }
    return backing_id;
}

std::int32_t OpenFiles::decide(Table& table, tree::Ino node, const std::function<Fd()>& file) {
    if (const auto open = table.inodes.find(node.value); open != table.inodes.end()) {
        return open->second.backing_id;
    }
    if (backing_ == nullptr || table.off) {
        return 0;
    }
    const Fd verified = file();
    if (!verified.valid()) {
        return 0;
    }
    Result<std::int32_t> id = backing_->add(node, verified);
    if (id) {
        return *id;
    }
    // The user's open never fails for it: the file is read through us.
    counters_.passthrough_refused.fetch_add(1, std::memory_order_relaxed);
    if (id.error().code == Code::unsupported) {
        table.off = true;
        log::info("fuse_passthrough_off", {{"reason", id.error().message}});
    }
    return 0;
}

void OpenFiles::close(std::uint64_t fh) {
    const std::scoped_lock lock(mutex_);
    const auto known = table_.places.find(fh);
    if (known == table_.places.end()) {
        return;
    }
    const std::size_t place = known->second;
    const HandleRow row = table_.rows.read(place);
    table_.rows.clear(place);
    table_.places.erase(known);
    table_.freed.push_back(place);
    const auto inode = table_.inodes.find(row.node);
    if (inode == table_.inodes.end() || --inode->second.handles > 0) {
        return;
    }
    table_.inodes.erase(inode);
    if (row.backing_id != 0 && backing_ != nullptr) {
        backing_->remove(tree::Ino{row.node});
    }
}

std::size_t OpenFiles::size() const {
    const std::scoped_lock lock(mutex_);
    return table_.places.size();
}

std::size_t OpenFiles::passed_through() const {
    const std::scoped_lock lock(mutex_);
    std::size_t inodes = 0;
    for (const auto& [node, inode] : table_.inodes) {
        inodes += inode.backing_id != 0 ? 1U : 0U;
    }
    return inodes;
}

}  // namespace hubfs::fuse
