// SPDX-License-Identifier: Apache-2.0
// The first bytes that answers of this server are waiting for, so that an answer can say that it
// waits for what another one has asked for already (Cache-Status, RFC 9211 section 2.7: collapsed).
// It only tells; that nothing is fetched twice is the mount's work. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "fs/base/guarded.h"
#include "fs/base/hub_types.h"

namespace httpd::routes {

class UnderWay {
public:
    // Kept until the bytes have come; may be the last to go.
    using Ticket = std::shared_ptr<void>;

    struct Joined {
        Ticket ticket;
        bool collapsed = false;  // all of it was waited for already
    };
    // first: of the content that this strong ETag names.
    [[nodiscard]] Joined join(const std::string& etag, hubfs::ByteRange first);

private:
    using Waiting = std::multimap<std::string, hubfs::ByteRange>;
    // Shared with the tickets: answers may end after this.
    std::shared_ptr<hubfs::Guarded<Waiting>> waiting_ = std::make_shared<hubfs::Guarded<Waiting>>();
};

}  // namespace httpd::routes
