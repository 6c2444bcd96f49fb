// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/file_body.h"

#include <future>

#include "tests/httpd/temp_mount.h"
#include "tests/support/test_clock.h"

namespace httpd::routes {
namespace {

using http::Piece;

class FileBodyTest : public ::testing::Test {
protected:
    FileBodyTest() : reader_(mount_.root()), epoch_(reader_, clock_), pool_({}) {
        for (std::size_t i = 0; i < 700'000; ++i) {
            content_ += static_cast<char>(i * 7 % 251);
        }
        mount_.write("repo/file", content_);
        mount_.attribute("repo", "state", "public");
    }

    std::unique_ptr<FileBody> body(std::vector<Segment> segments, bool verified) {
        auto file = reader_.open("repo/file");
        EXPECT_TRUE(file);
        return std::make_unique<FileBody>(reader_, epoch_, pool_,
                                          FileBodySource{.file = std::move(*file),
                                                         .segments = std::move(segments),
                                                         .verified = verified,
                                                         .repo_path = "repo",
                                                         .cold_key = "repo",
                                                         .epoch = 1});
    }
    static Piece next(FileBody& body) {
        std::promise<Piece> promise;
        auto future = promise.get_future();
        body.next(-1, {[&](Piece piece) { promise.set_value(std::move(piece)); }, Piece{}});
        return future.get();
    }
    static std::string all(FileBody& body) {
        std::string bytes;
        for (Piece piece = next(body); piece.kind != Piece::Kind::end; piece = next(body)) {
            EXPECT_EQ(piece.kind, Piece::Kind::bytes);
            if (piece.kind != Piece::Kind::bytes) {
                break;
            }
            bytes += piece.bytes;
        }
        return bytes;
    }

    test::TempMount mount_;
    hubfs::test::TestClock clock_;
    mount::MountReader reader_;
    mount::Epoch epoch_;
    mount::IoPool pool_;
    std::string content_;
};

TEST_F(FileBodyTest, segments_come_in_order_held_or_not) {
    for (const bool verified : {true, false}) {
        auto made = body({Segment{"head", {}}, Segment{{}, {5, 600'000}}, Segment{"mid", {}},
                          Segment{{}, {0, 3}}},
                         verified);
        EXPECT_EQ(all(*made), "head" + content_.substr(5, 599'995) + "mid" + content_.substr(0, 3));
    }
}

TEST_F(FileBodyTest, the_first_bytes_can_be_read_before_the_head_is_sent) {
    auto made = body({Segment{"head", {}}, Segment{{}, {10, 500'000}}}, false);
    EXPECT_EQ(made->prime(), 0);
    EXPECT_EQ(all(*made), "head" + content_.substr(10, 499'990));
}

TEST_F(FileBodyTest, a_file_that_is_too_short_fails) {
    auto late = body({Segment{{}, {0, 800'000}}}, false);
    Piece piece = next(*late);
    while (piece.kind == Piece::Kind::bytes) {
        piece = next(*late);
    }
    EXPECT_EQ(piece.kind, Piece::Kind::failed);
    auto early = body({Segment{{}, {700'000, 800'000}}}, false);
    EXPECT_EQ(early->prime(), EIO);
}

TEST_F(FileBodyTest, a_withdrawn_repository_ends_its_running_bodies) {
    auto made = body({Segment{{}, {0, 700'000}}}, true);
    EXPECT_EQ(next(*made).kind, Piece::Kind::bytes);
    mount_.write(".status/epoch", "2\n");
    clock_.advance(mount::Epoch::kAgeMax);
    EXPECT_EQ(next(*made).kind, Piece::Kind::bytes);  // another repository's withdrawal
    mount_.attribute("repo", "state", "gated");
    mount_.write(".status/epoch", "3\n");
    clock_.advance(mount::Epoch::kAgeMax);
    EXPECT_EQ(next(*made).kind, Piece::Kind::failed);
}

}  // namespace
}  // namespace httpd::routes
