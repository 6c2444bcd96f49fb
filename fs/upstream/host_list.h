// SPDX-License-Identifier: Apache-2.0
// Which hosts content may be fetched from besides the Hub (upstream.content_hosts). Immutable.
#pragma once

#include <string>
#include <vector>

#include "fs/base/address.h"
#include "fs/base/result.h"
#include "fs/upstream/url.h"

namespace hubfs::upstream {

class HostList {
public:
    HostList() = default;
    // Entries as the configuration spells them: "host", "host:port", "*.host". Code::invalid names
    // the first that is none of these.
    static Result<HostList> parse(const std::vector<std::string>& entries);

    // By name and port: an entry without a port allows the scheme's own port only.
    [[nodiscard]] bool allows(const Url& url) const;

private:
    std::vector<HostPattern> patterns_;
};

}  // namespace hubfs::upstream
