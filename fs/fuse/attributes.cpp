// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/attributes.h"

namespace hubfs::fuse {

namespace {

constexpr std::uint64_t kStatBlock = 512;  // the unit of st_blocks (stat(2))

timespec to_timespec(Instant at) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(at);
    timespec time{};
    time.tv_sec = whole.time_since_epoch().count();
    time.tv_nsec = std::chrono::nanoseconds(at - whole).count();
    return time;
}

}  // namespace

mode_t file_type(tree::NodeKind kind) {
    switch (kind) {
        case tree::NodeKind::directory: return S_IFDIR;
        case tree::NodeKind::file: return S_IFREG;
        case tree::NodeKind::symlink: return S_IFLNK;
    }
    return S_IFREG;
}

struct stat to_stat(const tree::Attributes& attributes, Owner owner) {
    struct stat st{};
    st.st_ino = attributes.ino.value;
    st.st_mode = file_type(attributes.kind);
    if (attributes.kind == tree::NodeKind::directory) {
        st.st_mode |= 0555;
    } else if (attributes.kind == tree::NodeKind::symlink) {
        st.st_mode |= 0777;
    } else {
        st.st_mode |= 0444;
    }
    // One link also for directories: "unknown" to find(1), which then looks at every entry.
    st.st_nlink = 1;
    st.st_uid = owner.uid;
    st.st_gid = owner.gid;
    st.st_size = static_cast<off_t>(attributes.size_bytes);
    st.st_blksize = 4096;
    st.st_blocks = static_cast<blkcnt_t>((attributes.cached_bytes + kStatBlock - 1) / kStatBlock);
    st.st_mtim = to_timespec(attributes.mtime);
    st.st_atim = st.st_mtim;
    st.st_ctim = st.st_mtim;
    return st;
}

fuse_entry_param to_entry(const tree::Attributes& attributes, std::chrono::milliseconds name_valid,
                          Owner owner) {
    fuse_entry_param entry{};
    entry.ino = attributes.ino.value;
    entry.attr = to_stat(attributes, owner);
    entry.attr_timeout = to_seconds(attributes.valid);
    entry.entry_timeout = to_seconds(name_valid);
    return entry;
}

}  // namespace hubfs::fuse
