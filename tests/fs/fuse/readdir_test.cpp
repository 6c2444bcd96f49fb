// SPDX-License-Identifier: Apache-2.0
// READDIR and READDIRPLUS as the kernel reads them: every name once, whatever the page size.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fs/fuse/session.h"
#include "tests/fs/fuse/fake_filesystem.h"
#include "tests/fs/fuse/fake_kernel.h"

namespace hubfs::fuse {
namespace {

using test::FakeFilesystem;
using test::FakeKernel;

class ReaddirTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto session = Session::open({.granted = {.flags = FUSE_DO_READDIRPLUS}, .workers = 1},
                                     kernel_.device(), *HandleRows::map(rows_), fs_);
        ASSERT_TRUE(session);
        session_ = std::move(*session);
        ASSERT_TRUE(session_->start([] {}));
    }
    fuse_open_out open() {
        kernel_.send(FUSE_OPENDIR, 1, fuse_open_in{});
        return kernel_.receive().as<fuse_open_out>();
    }
    std::string page(std::uint32_t opcode, std::uint64_t fh, std::uint64_t offset,
                     std::uint32_t size) {
        fuse_read_in body{};
        body.fh = fh;
        body.offset = offset;
        body.size = size;
        kernel_.send(opcode, 1, body);
        const auto reply = kernel_.receive();
        EXPECT_EQ(reply.error, 0);
        EXPECT_LE(reply.body.size(), size);
        return reply.body;
    }
    struct Name {
        std::string name;
        std::uint64_t node = 0;  // READDIRPLUS only
        std::uint64_t ino = 0;
    };
    std::vector<Name> read_all(bool plus, std::uint64_t fh, std::uint32_t size) {
        std::vector<Name> names;
        std::uint64_t offset = 0;
        for (;;) {
            const std::string bytes =
                page(plus ? FUSE_READDIRPLUS : FUSE_READDIR, fh, offset, size);
            if (bytes.empty()) {
                return names;
            }
            for (std::size_t at = 0; at < bytes.size();) {
                Name name;
                if (plus) {
                    fuse_entry_out entry{};
                    std::memcpy(&entry, bytes.data() + at, sizeof entry);
                    name.node = entry.nodeid;
                }
                const std::size_t head = plus ? offsetof(fuse_direntplus, dirent) : 0;
                fuse_dirent entry{};
                std::memcpy(&entry, bytes.data() + at + head, sizeof entry);
                name.ino = entry.ino;
                name.name = bytes.substr(at + head + FUSE_NAME_OFFSET, entry.namelen);
                offset = entry.off;
                names.push_back(name);
                at += FUSE_REC_ALIGN(head + FUSE_NAME_OFFSET + entry.namelen);
            }
        }
    }

    FakeFilesystem fs_;
    FakeKernel kernel_;
    Fd rows_ = *HandleRows::create(16);
    std::unique_ptr<Session> session_;
};

TEST_F(ReaddirTest, EveryNameComesOnceWhateverThePageSize) {
    fs_.entries.clear();
    for (int i = 0; i < 300; ++i) {
        fs_.entries.push_back(FakeFilesystem::entry("name-" + std::to_string(i),
                                                    tree::Ino{100U + static_cast<unsigned>(i)},
                                                    tree::NodeKind::file));
    }
    const std::uint64_t fh = open().fh;
    for (const bool plus : {true, false}) {
        for (const std::uint32_t size : {256U, 1000U, 4096U, 131072U}) {
            const std::vector<Name> names = read_all(plus, fh, size);
            ASSERT_EQ(names.size(), 302U) << plus << ' ' << size;
            EXPECT_EQ(names[0].name, ".");
            EXPECT_EQ(names[1].name, "..");
            EXPECT_EQ(names[2].name, "name-0");
            EXPECT_EQ(names[301].name, "name-299");
        }
    }
}

TEST_F(ReaddirTest, AnEntryThatIsNotCompleteHasANumberButNoNode) {
    fs_.entries[1].complete = false;
    const auto names = read_all(true, open().fh, 4096);
    ASSERT_EQ(names.size(), 4U);
    EXPECT_EQ(names[0].node, 0U);  // "." takes no reference
    EXPECT_EQ(names[2].node, 10U);
    EXPECT_EQ(names[3].node, 0U);
    EXPECT_EQ(names[3].ino, 11U);
}

TEST_F(ReaddirTest, TheListingStaysWhatItWasAtItsOpening) {
    const std::uint64_t fh = open().fh;
    fs_.entries.clear();
    EXPECT_EQ(read_all(true, fh, 4096).size(), 4U);
}

TEST_F(ReaddirTest, AHandleOfAnEarlierDaemonIsListedAgain) {
    EXPECT_EQ(read_all(true, 999, 256).size(), 4U);
}

TEST_F(ReaddirTest, AnImmutableDirectoryIsKeptByTheKernel) {
    EXPECT_EQ(open().open_flags & (FOPEN_KEEP_CACHE | FOPEN_CACHE_DIR),
              static_cast<std::uint32_t>(FOPEN_KEEP_CACHE | FOPEN_CACHE_DIR));
}

}  // namespace
}  // namespace hubfs::fuse
