// SPDX-License-Identifier: Apache-2.0
// Counts every allocation of this process, on all threads, while a client asks again and again for
// one hot file over a real TCP connection: event loop, connection, cache, epoch and access log are
// the real ones. malloc itself is replaced, because Asio does not use operator new for all.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "fs/base/fd.h"
#include "httpd/app/access_log.h"
#include "httpd/h1/connection.h"
#include "httpd/hot/answer_cache.h"
#include "httpd/net/event_loop.h"
#include "tests/httpd/temp_mount.h"
#include "tests/support/test_clock.h"

// A sanitizer has a malloc of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define HFM_COUNTS_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HFM_COUNTS_MALLOC 0
#endif
#endif
#ifndef HFM_COUNTS_MALLOC
#define HFM_COUNTS_MALLOC 1
#endif

namespace {

std::atomic<bool> counting{false};
std::atomic<std::size_t> allocations{0};

void count() {
    if (counting.load(std::memory_order_relaxed)) {
        allocations.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace

#if HFM_COUNTS_MALLOC
extern "C" {
void* __libc_malloc(std::size_t);                 // NOLINT: glibc's names
void* __libc_calloc(std::size_t, std::size_t);    // NOLINT
void* __libc_realloc(void*, std::size_t);         // NOLINT
void* __libc_memalign(std::size_t, std::size_t);  // NOLINT
void* malloc(std::size_t n) {
    count();
    return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t each) {
    count();
    return __libc_calloc(n, each);
}
void* realloc(void* old, std::size_t n) {
    count();
    return __libc_realloc(old, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
    count();
    return __libc_memalign(alignment, n);
}
}
#endif

namespace httpd::hot {
namespace {

using boost::asio::ip::tcp;

constexpr std::string_view kRequest =
    "GET /acme/tiny/resolve/main/config.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
constexpr int kRequests = 10'000;

class OneFile final : public http::Handler {
public:
    explicit OneFile(std::string body) : body_(std::move(body)) {}
    void handle(http::Request request, http::Reply reply) override {
        ++asked;
        http::Response response;
        response.headers.add("ETag", "\"x\"");
        if (request.path.ends_with("config.json")) {
            response.text = body_;
            response.cache.result = http::CacheResult::hit;
            response.keep = http::Keep{.epoch = 1};
        }
        reply(std::move(response));
    }
    std::atomic<int> asked{0};

private:
    const std::string body_;
};

// A connection of `loop` and the client's end of it.
class Pair {
public:
    Pair(net::EventLoop& loop, const h1::Shared& shared) {
        boost::asio::io_context here;
        tcp::acceptor acceptor(here, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        client_ = hubfs::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(acceptor.local_endpoint().port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        // The one cast that the socket interface asks for.
        EXPECT_EQ(::connect(client_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                  0);
        auto socket = std::make_shared<tcp::socket>(acceptor.accept(loop.context()));
        boost::asio::post(loop.context(), [socket, &loop, &shared] {
            h1::start_connection(std::move(*socket), loop, shared);
        });
    }

    void send(std::string_view text) {
        ASSERT_EQ(::send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    // Exactly so many bytes; fewer when the server ended the connection.
    std::size_t receive(char* to, std::size_t n) {
        const ssize_t got = ::recv(client_.get(), to, n, MSG_WAITALL);
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    // One answer of unknown size: until the body's last byte.
    std::string answer(std::string_view body) {
        std::string all;
        std::array<char, 4096> part{};
        while (!all.ends_with("\r\n\r\n" + std::string(body))) {
            const ssize_t n = ::recv(client_.get(), part.data(), part.size(), 0);
            if (n <= 0) {
                break;
            }
            all.append(part.data(), static_cast<std::size_t>(n));
        }
        return all;
    }

private:
    hubfs::Fd client_;
};

class HotConnection : public testing::Test {
protected:
    explicit HotConnection(std::string body = std::string(1024, 'x')) : handler(std::move(body)) {}
    void SetUp() override {
        auto opened = app::AccessLog::open(folder.root() + "/log", std::chrono::hours(24), clock);
        ASSERT_TRUE(opened) << opened.error().message;
        log = std::move(*opened);
        shared = std::make_unique<h1::Shared>(h1::Shared{handler, *log, clock, "n", cache, {}});
        loop = std::make_unique<net::EventLoop>("loop");
    }
    void TearDown() override {
        loop->abort_connections();
        while (loop->connections() > 0) {
            std::this_thread::yield();
        }
        loop.reset();
    }
    // The first answers, until they come from memory: the epoch must be known before.
    std::string warm(Pair& pair, std::string_view body) {
        while (true) {
            const int before = handler.asked;
            pair.send(kRequest);
            std::string answer = pair.answer(body);
            if (handler.asked == before || answer.empty()) {
                return answer;
            }
        }
    }

    test::TempMount folder;
    hubfs::test::TestClock clock;  // stands still: nothing has to be renewed
    OneFile handler;
    EpochWatch watch{[] { return std::optional<std::uint64_t>(1); }, clock};
    AnswerCache cache{watch, clock};
    std::unique_ptr<app::AccessLog> log;
    std::unique_ptr<h1::Shared> shared;
    std::unique_ptr<net::EventLoop> loop;
};

TEST_F(HotConnection, ten_thousand_requests_allocate_nothing) {
    if (!HFM_COUNTS_MALLOC) {
        GTEST_SKIP() << "a sanitizer owns malloc";
    }
    const std::string body(1024, 'x');
    Pair pair(*loop, *shared);
    const std::string expected = warm(pair, body);
    ASSERT_TRUE(expected.starts_with("HTTP/1.1 200 OK\r\n")) << expected;
    std::string got(expected.size(), '\0');
    const int asked = handler.asked;
    log->flush();  // the lines of the warming are not hot
    allocations = 0;
    int wrong = 0;
    counting = true;
    for (int i = 0; i < kRequests; ++i) {
        pair.send(kRequest);
        const std::size_t n = pair.receive(got.data(), got.size());
        wrong += n == got.size() && got == expected ? 0 : 1;
    }
    counting = false;
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(handler.asked, asked);
    EXPECT_EQ(allocations, 0U);
    pair.send("GET /other HTTP/1.1\r\nHost: h\r\n\r\n");  // the counter counts
    allocations = 0;
    counting = true;
    (void)pair.answer("");
    counting = false;
    EXPECT_GT(allocations, 0U);
}

TEST_F(HotConnection, hot_and_other_requests_of_one_packet_are_answered_in_order) {
    const std::string body(1024, 'x');
    Pair pair(*loop, *shared);
    const std::string hot = warm(pair, body);
    const std::string one(kRequest);
    const std::string other = "GET /other HTTP/1.1\r\nHost: h\r\n\r\n";
    pair.send(one + one + other + one.substr(0, 20));
    std::string got(2 * hot.size(), '\0');
    ASSERT_EQ(pair.receive(got.data(), got.size()), got.size());
    EXPECT_EQ(got, hot + hot);
    EXPECT_NE(pair.answer("").find("Content-Length: 0\r\n"), std::string::npos);
    pair.send(one.substr(20));
    EXPECT_EQ(pair.answer(body), hot);
}

TEST_F(HotConnection, every_request_has_its_line_in_the_access_log) {
    const std::string body(1024, 'x');
    Pair pair(*loop, *shared);
    (void)warm(pair, body);
    const int before = handler.asked;
    for (int i = 0; i < 100; ++i) {
        pair.send(kRequest);
        (void)pair.answer(body);
    }
    ASSERT_EQ(handler.asked, before);
    TearDown();
    log->flush();
    std::ifstream file(folder.root() + "/log/" + app::log_file_name(clock.now()));
    int lines = 0;
    for (std::string line; std::getline(file, line); ++lines) {
        EXPECT_EQ(line,
                  "2026-01-01T00:00:00.000000Z 127.0.0.0 GET "
                  "/acme/tiny/resolve/main/config.json 200 1024 HIT 0 \"\"");
    }
    EXPECT_EQ(lines, before + 101);  // and the one that ended the warming
    loop = std::make_unique<net::EventLoop>("loop");
}

// Larger than what the socket takes at once.
class LargeAnswer : public HotConnection {
protected:
    static constexpr std::size_t kBytes = 64 * 1024;
    LargeAnswer() : HotConnection(std::string(kBytes, 'y')) {}
};

TEST_F(LargeAnswer, a_client_that_reads_late_gets_all_of_every_answer) {
    const std::string body(kBytes, 'y');
    Pair pair(*loop, *shared);
    const std::string hot = warm(pair, body);
    constexpr std::size_t kMany = 200;  // 12 MiB: more than both socket buffers hold
    std::string requests;
    for (std::size_t i = 0; i < kMany; ++i) {
        requests += kRequest;
    }
    pair.send(requests);
    std::string got(hot.size(), '\0');
    for (std::size_t i = 0; i < kMany; ++i) {
        ASSERT_EQ(pair.receive(got.data(), got.size()), got.size());
        ASSERT_EQ(got, hot) << i;
    }
}

}  // namespace
}  // namespace httpd::hot
