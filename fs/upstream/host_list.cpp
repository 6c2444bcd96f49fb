// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/host_list.h"

#include <algorithm>

namespace hubfs::upstream {

Result<HostList> HostList::parse(const std::vector<std::string>& entries) {
    HostList list;
    for (const std::string& entry : entries) {
        const auto pattern = parse_host_pattern(entry);
        if (!pattern) {
            return fail(Code::invalid, "'" + entry + "' is not a host");
        }
        list.patterns_.push_back(*pattern);
    }
    return list;
}

bool HostList::allows(const Url& url) const {
    return std::ranges::any_of(patterns_, [&](const HostPattern& pattern) {
        if (pattern.port ? *pattern.port != url.port : !url.default_port()) {
            return false;
        }
        if (!pattern.wildcard) {
            return pattern.host == url.host;
        }
        return url.host.size() > pattern.host.size() + 1 && url.host.ends_with(pattern.host) &&
               url.host[url.host.size() - pattern.host.size() - 1] == '.';
    });
}

}  // namespace hubfs::upstream
