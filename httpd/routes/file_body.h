// SPDX-License-Identifier: Apache-2.0
// The body of a file answer: its segments in order, held bytes by sendfile from the quick pool,
// others read piece by piece in the cold pool. Before each step the epoch is looked at, so that a
// withdrawn repository's running bodies end. Bytes are never altered and never padded: a read that
// fails ends the body as failed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "httpd/http/body_source.h"
#include "httpd/mount/epoch.h"
#include "httpd/mount/io_pool.h"
#include "httpd/mount/mount_reader.h"
#include "httpd/routes/file_answer.h"
#include "httpd/routes/under_way.h"

namespace httpd::routes {

// The first bytes of a cold file go out as soon as these are here.
inline constexpr std::uint64_t kFirstPieceBytes = 64 * 1024;

struct FileBodySource {
    mount::OpenFile file;
    std::vector<Segment> segments;
    bool verified = false;    // every byte is held
    std::string repo_path;    // its state is asked again when the epoch moved
    std::string cold_key;     // the repository, for the cold pool's shares
    std::uint64_t epoch = 0;  // at the time the file was opened
    // How long the repository's state is good (freshness.state): a body that takes longer has it
    // asked again, so that a withdrawal is noticed though nobody else asks.
    std::chrono::milliseconds state_every{std::chrono::hours(1)};
    // Told once, on a thread of the pools, when the mount found that bytes which may have been sent
    // were wrong (EIO). May be null.
    std::function<void()> wrong{};
    UnderWay::Ticket ticket{};  // of a body that is to be primed: kept until then
};

class FileBody final : public http::BodySource {
public:
    FileBody(const mount::MountReader& reader, mount::Epoch& epoch, mount::IoPool& pool,
             FileBodySource source);
    ~FileBody() override;

    void next(int socket, http::Once<http::Piece> done) override;
    // Reads the first bytes now, on the caller's (cold) thread: 0, or the errno of the read.
    [[nodiscard]] int prime();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace httpd::routes
