// SPDX-License-Identifier: Apache-2.0
// The position is touched by one step at a time: the connection asks for the next piece only when
// it has the last, and each step finishes before it answers.
#include "httpd/routes/file_body.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "fs/contract.h"

namespace httpd::routes {

using http::Once;
using http::Piece;

namespace {

// A piece that passes through memory: what a slow client of cold bytes costs.
constexpr std::uint64_t kPieceBytes = 256 * 1024;
// One step of sendfile; then others have their turn on the thread.
constexpr std::uint64_t kSendStepBytes = 8 * 1024 * 1024;
// A client that took this much since the last wait is worth a short one on the thread: changing
// threads costs more. Slower clients leave the thread at once. So a step lasts 16 ms at most.
constexpr std::uint64_t kFastBytes = 1024 * 1024;
constexpr std::chrono::milliseconds kFastWait{2};
constexpr std::chrono::milliseconds kStateRetry{1000};
// How far ahead the held ranges are asked about at once.
constexpr std::uint64_t kHeldWindowBytes = 32 * 1024 * 1024;

// Whether the client makes room in a moment.
bool takes_more(int socket) {
    pollfd wanted{.fd = socket, .events = POLLOUT, .revents = 0};
    return ::poll(&wanted, 1, static_cast<int>(kFastWait.count())) > 0;
}

}  // namespace

struct FileBody::State : std::enable_shared_from_this<FileBody::State> {
    State(const mount::MountReader& mount_reader, mount::Epoch& mount_epoch, mount::IoPool& io_pool,
          FileBodySource body)
        : reader(mount_reader), epoch(mount_epoch), pool(io_pool), source(std::move(body)) {
        enter_segment();
        ask_state_at = std::chrono::steady_clock::now() + source.state_every;
    }

    const mount::MountReader& reader;
    mount::Epoch& epoch;
    mount::IoPool& pool;
    FileBodySource source;
    std::size_t segment = 0;
    std::uint64_t at = 0;          // in the file, while the segment is one of the file
    std::uint64_t held_until = 0;  // bytes from `at` to here are held
    std::chrono::steady_clock::time_point ask_state_at{};
    std::string primed;  // read already, from `at` - primed.size()

    void enter_segment() {
        if (segment < source.segments.size()) {
            at = source.segments[segment].range.first;
        }
        held_until = 0;
    }
    void advance(std::uint64_t n) {
        at += n;
        if (at >= source.segments[segment].range.end) {
            ++segment;
            enter_segment();
        }
    }
    [[nodiscard]] std::uint64_t left() const { return source.segments[segment].range.end - at; }

    // Asks for the state in the cold pool and goes on meanwhile: what changed moves the epoch.
    void keep_state_fresh() {
        const auto now = std::chrono::steady_clock::now();
        if (now < ask_state_at) {
            return;
        }
        ask_state_at = now + source.state_every;
        mount::IoPool::Job ask = [self = shared_from_this()] {
            (void)self->reader.attribute(self->source.repo_path, hubfs::contract::kXattrState);
        };
        if (!pool.cold(source.cold_key, ask)) {
            ask_state_at = now + kStateRetry;  // the pool is full: soon again
        }
    }

    // Whether the repository may still be read: its epoch did not move, or not because of it.
    bool allowed() {
        keep_state_fresh();
        const auto now = epoch.current();
        if (!now) {
            return false;
        }
        if (*now != source.epoch) {
            const auto state = reader.attribute(source.repo_path, hubfs::contract::kXattrState);
            if (!state || (*state && **state != "public")) {
                return false;
            }
            source.epoch = *now;
        }
        return true;
    }

    // How many of the next bytes are held: a look far ahead, else at the next piece.
    std::uint64_t held_bytes() {
        const std::uint64_t most = left();
        if (source.verified) {
            return most;
        }
        if (held_until > at) {
            return std::min(held_until - at, most);
        }
        for (const std::uint64_t window : {kHeldWindowBytes, kPieceBytes}) {
            const std::uint64_t n = std::min(window, most);
            if (source.file.held({at, at + n})) {
                held_until = at + n;
                return n;
            }
        }
        return 0;
    }

    void quick_step(int socket, Once<Piece> done);
    void cold_step(Once<Piece> done);
    Piece send_held(int socket, std::uint64_t held);
    Piece read_piece(std::uint64_t most);
    void note_failure(int error) {
        if (error == EIO && source.wrong) {
            std::exchange(source.wrong, {})();
        }
    }
};

// sendfile until the socket is full, the step is used up, or the bytes are.
Piece FileBody::State::send_held(int socket, std::uint64_t held) {
    Piece piece{.kind = Piece::Kind::sent};
    const std::uint64_t most = std::min(held, kSendStepBytes);
    std::uint64_t waited_at = 0;
    while (piece.sent < most) {
        const auto n =
            source.file.send(socket, at + piece.sent, static_cast<std::size_t>(most - piece.sent));
        if (!n && (n.error() == EAGAIN || n.error() == EWOULDBLOCK)) {
            if (piece.sent - waited_at >= kFastBytes && takes_more(socket)) {
                waited_at = piece.sent;
                continue;
            }
            piece.kind = Piece::Kind::blocked;
            break;
        }
        if (!n || *n == 0) {
            piece.kind = Piece::Kind::failed;  // 0: the file ended early
            note_failure(n ? 0 : n.error());
            return piece;
        }
        piece.sent += *n;
    }
    advance(piece.sent);
    return piece;
}

Piece FileBody::State::read_piece(std::uint64_t most) {
    const auto n = static_cast<std::size_t>(std::min(left(), most));
    auto bytes = source.file.read(at, n);
    if (!bytes || bytes->size() != n) {
        note_failure(bytes ? 0 : bytes.error());
        return Piece{.kind = Piece::Kind::failed};
    }
    advance(n);
    return Piece{.kind = Piece::Kind::bytes, .bytes = std::move(*bytes)};
}

void FileBody::State::quick_step(int socket, Once<Piece> done) {
    if (!allowed()) {
        done(Piece{.kind = Piece::Kind::failed});
        return;
    }
    const std::uint64_t held = held_bytes();
    if (held == 0) {
        pool.cold_step(source.cold_key,
                       [self = shared_from_this(), done = std::move(done)]() mutable {
                           self->cold_step(std::move(done));
                       });
        return;
    }
    done(socket >= 0 ? send_held(socket, held) : read_piece(std::min(held, kPieceBytes)));
}

void FileBody::State::cold_step(Once<Piece> done) {
    done(allowed() ? read_piece(kPieceBytes) : Piece{.kind = Piece::Kind::failed});
}

FileBody::FileBody(const mount::MountReader& reader, mount::Epoch& epoch, mount::IoPool& pool,
                   FileBodySource source)
    : state_(std::make_shared<State>(reader, epoch, pool, std::move(source))) {}

// Closing a file of the mount may ask the mount: not on an event loop.
FileBody::~FileBody() {
    mount::IoPool& pool = state_->pool;
    pool.quick_step([state = std::move(state_)]() mutable { state.reset(); });
}

void FileBody::next(int socket, Once<Piece> done) {
    State& state = *state_;
    if (!state.primed.empty()) {
        done(Piece{.kind = Piece::Kind::bytes, .bytes = std::exchange(state.primed, {})});
        return;
    }
    if (state.segment >= state.source.segments.size()) {
        done(Piece{.kind = Piece::Kind::end});
        return;
    }
    if (Segment& segment = state.source.segments[state.segment]; !segment.of_file()) {
        Piece piece{.kind = Piece::Kind::bytes, .bytes = segment.text};
        ++state.segment;
        state.enter_segment();
        done(std::move(piece));
        return;
    }
    state.pool.quick_step([self = state_, socket, done = std::move(done)]() mutable {
        self->quick_step(socket, std::move(done));
    });
}

int FileBody::prime() {
    State& state = *state_;
    while (state.segment < state.source.segments.size() &&
           !state.source.segments[state.segment].of_file()) {
        state.primed += state.source.segments[state.segment].text;
        ++state.segment;
        state.enter_segment();
    }
    if (state.segment >= state.source.segments.size()) {
        return 0;
    }
    const auto n = static_cast<std::size_t>(std::min(state.left(), kFirstPieceBytes));
    auto bytes = state.source.file.read(state.at, n);
    state.source.ticket.reset();
    if (!bytes) {
        state.note_failure(bytes.error());
        return bytes.error();
    }
    if (bytes->size() != n) {
        return EIO;
    }
    state.primed += *bytes;
    state.advance(n);
    return 0;
}

}  // namespace httpd::routes
