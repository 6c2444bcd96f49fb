// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/mount_reader.h"

#include <sys/socket.h>

#include <cerrno>

#include "tests/httpd/temp_mount.h"

namespace httpd::mount {
namespace {

TEST(MountReader, tells_files_directories_and_symlinks_apart) {
    test::TempMount mount;
    mount.write("d/file", "hello");
    mount.link("link", "d/file");
    const MountReader reader(mount.root());
    EXPECT_EQ(reader.look("d")->kind, Entry::Kind::directory);
    EXPECT_EQ(reader.look("d/file")->size, 5U);
    EXPECT_EQ(reader.look("link")->link, "d/file");
    EXPECT_EQ(reader.look("nope").error(), ENOENT);
    EXPECT_EQ(reader.look("d/file/x").error(), ENOTDIR);
    EXPECT_EQ(reader.open("d").error(), EISDIR);
    EXPECT_EQ(reader.open("link").error(), ELOOP);
    EXPECT_EQ(reader.open("nope").error(), ENOENT);
}

TEST(MountReader, reads_bytes_and_attributes) {
    test::TempMount mount;
    mount.write("file", "hello world");
    mount.attribute("file", "etag", "abc");
    mount.attribute("file", "link", std::string(2000, 'x'));
    mount.attribute("file", "held.0-4", "1");
    mount.attribute("file", "held.0-9", "0");
    const MountReader reader(mount.root());
    const auto file = reader.open("file");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->read(6, 100).value(), "world");
    EXPECT_EQ(file->read(100, 1).value(), "");
    EXPECT_EQ(file->attribute("user.hub.etag").value(), "abc");
    EXPECT_EQ(file->attribute("user.hub.link").value()->size(), 2000U);
    EXPECT_EQ(file->attribute("user.hub.nope").value(), std::nullopt);
    EXPECT_EQ(reader.attribute("file", "user.hub.etag").value(), "abc");
    EXPECT_EQ(reader.attribute("nope", "user.hub.etag").error(), ENOENT);
    EXPECT_TRUE(file->held({0, 5}));
    EXPECT_FALSE(file->held({0, 10}));
    EXPECT_FALSE(file->held({0, 7}));
    EXPECT_TRUE(file->held({3, 3}));
}

TEST(MountReader, sends_to_a_socket_without_blocking) {
    test::TempMount mount;
    mount.write("file", std::string(8 << 20, 'x'));
    const MountReader reader(mount.root());
    const auto file = reader.open("file");
    int ends[2] = {-1, -1};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    const hubfs::Fd a(ends[0]);
    const hubfs::Fd b(ends[1]);
    std::uint64_t sent = 0;
    while (true) {
        const auto n = file->send(a.get(), sent, 1 << 20);
        if (!n) {
            EXPECT_EQ(n.error(), EAGAIN);
            break;
        }
        sent += *n;
    }
    EXPECT_GT(sent, 0U);
    EXPECT_LT(sent, 8U << 20);
}

TEST(MountReader, a_short_file_has_a_limit) {
    test::TempMount mount;
    mount.write("file", std::string(100, 'x'));
    const MountReader reader(mount.root());
    EXPECT_EQ(reader.read_small("file", 100)->size(), 100U);
    EXPECT_EQ(reader.read_small("file", 99).error(), EFBIG);
}

}  // namespace
}  // namespace httpd::mount
