// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/known_names.h"

#include <utility>

namespace httpd::mount {

void KnownNames::remember(std::string name, hubfs::Instant until, hubfs::Instant now) {
    names_.with([&](auto& names) {
        if (names.size() >= names_max_ && !names.contains(name)) {
            std::size_t i = 0;
            std::erase_if(names, [&](const auto&) { return i++ % 2 == 0; });
        }
        Known& known = names[std::move(name)];
        if (known.until <= now) {
            known.since = now;
        }
        known.until = until;
    });
}

bool KnownNames::contains(const std::string& name, hubfs::Instant now) const {
    return names_.with([&](const auto& names) {
        const auto found = names.find(name);
        return found != names.end() && now < found->second.until;
    });
}

bool KnownNames::known_before(const std::string& name, hubfs::Instant started,
                              hubfs::Instant now) const {
    return names_.with([&](const auto& names) {
        const auto found = names.find(name);
        return found != names.end() && now < found->second.until && found->second.since <= started;
    });
}

}  // namespace httpd::mount
