// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/ops.h"

#include <array>
#include <cerrno>
#include <cstddef>

#include "fs/fuse/context.h"

namespace hubfs::fuse {

namespace {

struct OpRow {
    Op op;  // also the row of its counters
    std::string_view name;
    void (*install)(fuse_lowlevel_ops& ops);
};

// The mount is read-only and the kernel refuses writes before they come here; should one come all
// the same (a mount made by hand), this is the answer.
template <class... Arguments>
void refuse(void (*&operation)(fuse_req_t, Arguments...)) {
    operation = [](fuse_req_t request, Arguments...) noexcept {
        run(request, Op::write, [](Context&, Reply reply) { reply.error(EROFS); });
    };
}

void refuse_writes(fuse_lowlevel_ops& ops) {
    refuse(ops.setattr);
    refuse(ops.mknod);
    refuse(ops.mkdir);
    refuse(ops.unlink);
    refuse(ops.rmdir);
    refuse(ops.symlink);
    refuse(ops.rename);
    refuse(ops.link);
    refuse(ops.create);
    refuse(ops.write);
    refuse(ops.setxattr);
    refuse(ops.removexattr);
    refuse(ops.fallocate);
    refuse(ops.copy_file_range);
}

void forgets(fuse_lowlevel_ops& ops) {
    ops.forget = op_forget;
    ops.forget_multi = op_forget_multi;
}

constexpr std::array<OpRow, kOps> kTable{{
    {Op::lookup, "lookup", [](fuse_lowlevel_ops& ops) { ops.lookup = op_lookup; }},
    {Op::forget, "forget", forgets},
    {Op::getattr, "getattr", [](fuse_lowlevel_ops& ops) { ops.getattr = op_getattr; }},
    {Op::readlink, "readlink", [](fuse_lowlevel_ops& ops) { ops.readlink = op_readlink; }},
    {Op::open, "open", [](fuse_lowlevel_ops& ops) { ops.open = op_open; }},
    {Op::read, "read", [](fuse_lowlevel_ops& ops) { ops.read = op_read; }},
    {Op::release, "release", [](fuse_lowlevel_ops& ops) { ops.release = op_release; }},
    {Op::opendir, "opendir", [](fuse_lowlevel_ops& ops) { ops.opendir = op_opendir; }},
    {Op::readdir, "readdir", [](fuse_lowlevel_ops& ops) { ops.readdir = op_readdir; }},
    {Op::readdirplus, "readdirplus",
     [](fuse_lowlevel_ops& ops) { ops.readdirplus = op_readdirplus; }},
    {Op::releasedir, "releasedir", [](fuse_lowlevel_ops& ops) { ops.releasedir = op_releasedir; }},
    {Op::statfs, "statfs", [](fuse_lowlevel_ops& ops) { ops.statfs = op_statfs; }},
    {Op::getxattr, "getxattr", [](fuse_lowlevel_ops& ops) { ops.getxattr = op_getxattr; }},
    {Op::listxattr, "listxattr", [](fuse_lowlevel_ops& ops) { ops.listxattr = op_listxattr; }},
    {Op::write, "write", refuse_writes},
}};

consteval bool in_order() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].op) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order(), "the table's rows stand in the order of Op");

}  // namespace

std::string_view name_of(Op op) {
    return kTable[static_cast<std::size_t>(op)].name;
}

fuse_lowlevel_ops operations() {
    fuse_lowlevel_ops ops{};
    for (const OpRow& row : kTable) {
        row.install(ops);
    }
    return ops;
}

}  // namespace hubfs::fuse
