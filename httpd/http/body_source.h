// SPDX-License-Identifier: Apache-2.0
// Bodies, pulled piece by piece by whoever sends them. A source answers on any thread and never
// blocks the caller; the next piece is asked for only when the last one was sent, so a slow client
// stops the source and costs a buffer, not a thread.
//
//   for (;;) {
//       Piece piece = ask source.next(socket);
//       bytes   -> send them;             sent    -> count them, ask again
//       blocked -> wait until the socket can be written, ask again
//       end     -> done;                  failed  -> cut the connection, never pad
//   }
#pragma once

#include <cstdint>
#include <string>

#include "fs/base/result.h"
#include "httpd/http/once.h"

namespace httpd::http {

struct Piece {
    enum class Kind : std::uint8_t { bytes, sent, blocked, end, failed };
    Kind kind = Kind::end;
    std::string bytes{};     // of bytes; never empty
    std::uint64_t sent = 0;  // of sent and blocked: what went into the socket
};

class BodySource {
public:
    virtual ~BodySource() = default;
    // `socket`: a plaintext socket, non-blocking, that the source may write to by itself (sendfile)
    // until it answers; -1 where bytes must pass through the protocol. The descriptor stays open
    // until `done` is called. One call at a time; the source may be destroyed meanwhile.
    virtual void next(int socket, Once<Piece> done) = 0;
};

// A request's body. The empty text is the end; an error means that the client broke the protocol,
// was too slow, or is gone. One call at a time.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    virtual void read(Once<hubfs::Result<std::string>> done) = 0;
};

}  // namespace httpd::http
