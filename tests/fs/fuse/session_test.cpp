// SPDX-License-Identifier: Apache-2.0
// The operations as the kernel sees them: bytes in, bytes out, with the tree faked. What each
// request and reply looks like is linux/fuse.h.
#include "fs/fuse/session.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "tests/fs/fuse/fake_filesystem.h"
#include "tests/fs/fuse/fake_kernel.h"

namespace hubfs::fuse {
namespace {

using test::FakeFilesystem;
using test::FakeKernel;
using test::FakeReply;
using test::kFileIno;

class SessionTest : public ::testing::Test {
protected:
    void start(std::uint64_t generation = 0, bool resend = true) {
        const SessionConfig config{
            .granted = {.flags = FUSE_ASYNC_READ | FUSE_DO_READDIRPLUS | FUSE_PARALLEL_DIROPS,
                        .max_readahead = 131072,
                        .resend = resend},
            .generation = generation,
            .workers = 2};
        auto session = Session::open(config, kernel_.device(), *HandleRows::map(rows_), fs_);
        ASSERT_TRUE(session) << session.error().message;
        session_ = std::move(*session);
        ASSERT_TRUE(session_->start([this] { gone_.set_value(); }));
    }
    void TearDown() override {
        if (session_) {
            fs_.take_held();
            session_->stop_reading();
        }
    }
    FakeReply lookup(std::string_view name) {
        const std::uint64_t unique = kernel_.send(FUSE_LOOKUP, 1, FakeKernel::name(name));
        FakeReply reply = kernel_.receive();
        EXPECT_EQ(reply.unique, unique);
        return reply;
    }
    std::uint64_t open_file(std::uint32_t flags = O_RDONLY) {
        fuse_open_in body{};
        body.flags = flags;
        kernel_.send(FUSE_OPEN, kFileIno.value, body);
        const FakeReply reply = kernel_.receive();
        EXPECT_EQ(reply.error, 0);
        return reply.as<fuse_open_out>().fh;
    }
    std::uint64_t send_read(std::uint64_t fh, std::uint64_t offset, std::uint32_t size) {
        fuse_read_in body{};
        body.fh = fh;
        body.offset = offset;
        body.size = size;
        return kernel_.send(FUSE_READ, kFileIno.value, body);
    }
    // Waits until the filesystem holds so many requests: they are with nobody else then.
    void wait_for_held(std::size_t count) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (fs_.held() < count && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        ASSERT_EQ(fs_.held(), count);
    }

    FakeFilesystem fs_;
    FakeKernel kernel_;
    Fd rows_ = *HandleRows::create(16);
    std::promise<void> gone_;
    std::unique_ptr<Session> session_;  // first to go
};

TEST_F(SessionTest, ANameIsAnsweredWithItsNodeAndLifetimes) {
    start();
    const auto entry = lookup("file").as<fuse_entry_out>();
    EXPECT_EQ(entry.nodeid, 10U);
    EXPECT_EQ(entry.attr.ino, 10U);
    EXPECT_EQ(entry.attr.mode, S_IFREG | 0444U);
    EXPECT_EQ(entry.entry_valid, 5U);
    EXPECT_EQ(entry.attr_valid, 9U);
}

TEST_F(SessionTest, AnAbsentNameIsAnEntryWithoutNodeSoThatTheKernelRemembersIt) {
    start();
    const FakeReply absent = lookup("nothing");
    EXPECT_EQ(absent.error, 0);
    EXPECT_EQ(absent.as<fuse_entry_out>().nodeid, 0U);
    EXPECT_EQ(absent.as<fuse_entry_out>().entry_valid, 2U);
    EXPECT_EQ(lookup("doubtful").error, -ENOENT);  // no lifetime: nothing to remember
}

TEST_F(SessionTest, FailuresKeepTheirMeaning) {
    start();
    EXPECT_EQ(lookup("gated").error, -EACCES);
    EXPECT_EQ(lookup("down").error, -EREMOTEIO);
}

TEST_F(SessionTest, AnOperationThatThrowsAnswersEio) {
    start();
    EXPECT_EQ(lookup("throw").error, -EIO);
}

// P40
TEST_F(SessionTest, ARequestThatWaitsHoldsUpNoOther) {
    start();
    std::vector<std::uint64_t> waiting;
    for (int i = 0; i < 8; ++i) {  // more than there are workers
        waiting.push_back(kernel_.send(FUSE_LOOKUP, 1, FakeKernel::name("wait")));
    }
    wait_for_held(8);
    EXPECT_EQ(lookup("file").error, 0);
    std::set<std::uint64_t> answered;
    auto held = fs_.take_held();
    for (auto& done : held.lookups) {
        done(tree::Lookup{.present = true, .attributes = {.ino = tree::Ino{42}}});
        answered.insert(kernel_.receive().unique);
    }
    EXPECT_EQ(answered, std::set<std::uint64_t>(waiting.begin(), waiting.end()));
}

TEST_F(SessionTest, AnInterruptAnswersEintrOnceAndTheLateAnswerGoesNowhere) {
    start();
    const std::uint64_t unique = kernel_.send(FUSE_LOOKUP, 1, FakeKernel::name("wait"));
    wait_for_held(1);
    kernel_.interrupt(unique);
    const FakeReply reply = kernel_.receive();
    EXPECT_EQ(reply.unique, unique);
    EXPECT_EQ(reply.error, -EINTR);
    EXPECT_FALSE(session_->drain(std::chrono::milliseconds(0)));  // its work goes on
    fs_.take_held().lookups.front()(tree::Lookup{});
    EXPECT_TRUE(session_->drain(std::chrono::milliseconds(0)));
    EXPECT_EQ(lookup("file").error, 0);
    EXPECT_TRUE(kernel_.silent());
}

TEST_F(SessionTest, ACallbackThatIsDroppedAnswersEio) {
    start();
    const std::uint64_t unique = kernel_.send(FUSE_LOOKUP, 1, FakeKernel::name("wait"));
    wait_for_held(1);
    fs_.take_held();  // destroyed unanswered
    const FakeReply reply = kernel_.receive();
    EXPECT_EQ(reply.unique, unique);
    EXPECT_EQ(reply.error, -EIO);
}

TEST_F(SessionTest, AnOpenFileIsReadUntilItIsReleased) {
    start();
    const std::uint64_t fh = open_file();
    EXPECT_EQ(fs_.open_handles, 1);
    send_read(fh, 2, 5);
    EXPECT_EQ(kernel_.receive().body, "23456");
    send_read(fh, 8, 100);
    EXPECT_EQ(kernel_.receive().body, "89");
    fuse_release_in release{};
    release.fh = fh;
    kernel_.send(FUSE_RELEASE, kFileIno.value, release);
    EXPECT_EQ(kernel_.receive().error, 0);
    EXPECT_EQ(fs_.open_handles, 0);
}

TEST_F(SessionTest, AnOpenKeepsPagesAndNeverFlushes) {
    start();
    kernel_.send(FUSE_OPEN, kFileIno.value, fuse_open_in{});
    const auto open = kernel_.receive().as<fuse_open_out>();
    EXPECT_EQ(open.open_flags, static_cast<std::uint32_t>(FOPEN_KEEP_CACHE | FOPEN_NOFLUSH));
}

TEST_F(SessionTest, AHandleOfAnEarlierDaemonIsReopenedByItsInodeOnce) {
    start(7);
    const std::uint64_t old = (6ULL << 40) | 3;
    send_read(old, 0, 4);
    EXPECT_EQ(kernel_.receive().unique, 0U);  // the resend notification, before anything else
    EXPECT_EQ(kernel_.receive().body, "0123");
    send_read(old, 4, 4);
    EXPECT_EQ(kernel_.receive().body, "4567");
    EXPECT_EQ(fs_.opens, 1);
    fuse_release_in release{};
    release.fh = old;
    kernel_.send(FUSE_RELEASE, kFileIno.value, release);
    EXPECT_EQ(kernel_.receive().error, 0);
    EXPECT_EQ(fs_.open_handles, 0);
}

TEST_F(SessionTest, TheFirstDaemonAsksForNoResend) {
    start(0);
    EXPECT_EQ(lookup("file").error, 0);
}

TEST_F(SessionTest, AResentRequestIsAnsweredUnderItsOwnNumber) {
    start();
    const std::uint64_t resent = (1ULL << 63) | 20;
    kernel_.send_as(resent, FUSE_LOOKUP, 1, FakeKernel::name("file"));
    const FakeReply reply = kernel_.receive();
    EXPECT_EQ(reply.unique, resent);
    EXPECT_EQ(reply.error, 0);
}

TEST_F(SessionTest, WritesAreRefused) {
    start();
    fuse_open_in open{};
    open.flags = O_RDWR;
    kernel_.send(FUSE_OPEN, kFileIno.value, open);
    EXPECT_EQ(kernel_.receive().error, -EROFS);
    kernel_.send(FUSE_UNLINK, 1, FakeKernel::name("file"));
    EXPECT_EQ(kernel_.receive().error, -EROFS);
    const fuse_mkdir_in mkdir{};
    kernel_.send(FUSE_MKDIR, 1, FakeKernel::bytes_of(mkdir) + FakeKernel::name("new"));
    EXPECT_EQ(kernel_.receive().error, -EROFS);
    kernel_.send(FUSE_SETATTR, kFileIno.value, fuse_setattr_in{});
    EXPECT_EQ(kernel_.receive().error, -EROFS);
}

TEST_F(SessionTest, WhatIsNotOfferedIsEnosysSoThatTheKernelStopsAsking) {
    start();
    for (const std::uint32_t opcode : {FUSE_FLUSH, FUSE_FSYNC, FUSE_ACCESS, FUSE_LSEEK}) {
        kernel_.send(opcode, kFileIno.value, std::string(64, '\0'));
        EXPECT_EQ(kernel_.receive().error, -ENOSYS) << opcode;
    }
}

TEST_F(SessionTest, AttributesTellTheirSizeFirst) {
    start();
    const auto get = [&](std::string_view name, std::uint32_t size) {
        fuse_getxattr_in body{};
        body.size = size;
        kernel_.send(FUSE_GETXATTR, kFileIno.value,
                     FakeKernel::bytes_of(body) + FakeKernel::name(name));
        return kernel_.receive();
    };
    EXPECT_EQ(get("user.hub.etag", 0).as<fuse_getxattr_out>().size, 6U);
    EXPECT_EQ(get("user.hub.etag", 5).error, -ERANGE);
    EXPECT_EQ(get("user.hub.etag", 6).body, "abcdef");
    EXPECT_EQ(get("user.hub.none", 6).error, -ENODATA);
    EXPECT_EQ(get("security.capability", 20).error, -ENODATA);
    fuse_getxattr_in list{};
    list.size = 100;
    kernel_.send(FUSE_LISTXATTR, kFileIno.value, list);
    EXPECT_EQ(kernel_.receive().body, std::string("user.hub.etag\0user.hub.oid\0", 27));
}

TEST_F(SessionTest, StatfsShowsTheQuota) {
    start();
    kernel_.send(FUSE_STATFS, 1);
    const auto st = kernel_.receive().as<fuse_statfs_out>().st;
    EXPECT_EQ(st.blocks, 100U);
    EXPECT_EQ(st.bfree, 40U);
    EXPECT_EQ(st.bsize, 4096U);
}

TEST_F(SessionTest, ForgetsHaveNoAnswer) {
    start();
    kernel_.send(FUSE_FORGET, kFileIno.value, fuse_forget_in{5});
    fuse_batch_forget_in batch{};
    batch.count = 1;
    kernel_.send(FUSE_BATCH_FORGET, 0,
                 FakeKernel::bytes_of(batch) + FakeKernel::bytes_of(fuse_forget_one{10, 1}));
    EXPECT_EQ(lookup("file").error, 0);  // the next reply is this one's
}

TEST_F(SessionTest, TheEndOfTheConnectionIsTold) {
    start();
    kernel_.close();
    EXPECT_EQ(gone_.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST_F(SessionTest, InvalidationsReachTheKernel) {
    start();
    session_->invalidate_name(tree::Ino{5}, "bge-m3");
    const FakeReply name = kernel_.receive();
    EXPECT_EQ(name.unique, 0U);
    EXPECT_EQ(name.error, FUSE_NOTIFY_INVAL_ENTRY);
    EXPECT_EQ(name.as<fuse_notify_inval_entry_out>().parent, 5U);
    session_->invalidate_pages(kFileIno);
    const FakeReply pages = kernel_.receive();
    EXPECT_EQ(pages.error, FUSE_NOTIFY_INVAL_INODE);
    EXPECT_EQ(pages.as<fuse_notify_inval_inode_out>().ino, 10U);
    EXPECT_EQ(pages.as<fuse_notify_inval_inode_out>().off, 0);
}

TEST_F(SessionTest, DrainWaitsForAnswersAndSaysWhenItsTimeWasNotEnough) {
    start();
    kernel_.send(FUSE_LOOKUP, 1, FakeKernel::name("wait"));
    wait_for_held(1);
    EXPECT_FALSE(session_->drain(std::chrono::milliseconds(0)));
    auto drained =
        std::async(std::launch::async, [&] { return session_->drain(std::chrono::seconds(10)); });
    fs_.take_held().lookups.front()(tree::Lookup{});
    EXPECT_TRUE(drained.get());
}

TEST_F(SessionTest, AnAnswerAfterTheWorkersHaveLeftStillArrives) {
    start();
    fs_.hold_reads = true;
    const std::uint64_t fh = open_file();
    const std::uint64_t unique = send_read(fh, 0, 4);
    wait_for_held(1);
    session_->stop_reading();
    session_->close_handles();
    EXPECT_EQ(fs_.open_handles, 1);  // kept by the read
    fs_.take_held().reads.front()(fail(Code::cancelled, "stopping"));
    EXPECT_EQ(kernel_.receive().unique, unique);
    EXPECT_EQ(fs_.open_handles, 0);
}

}  // namespace
}  // namespace hubfs::fuse
