// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/known_names.h"

#include <utility>

namespace httpd::mount {

void KnownNames::remember(std::string name, hubfs::Instant until) {
    names_.with([&](auto& names) {
        if (names.size() >= names_max_ && !names.contains(name)) {
            std::size_t i = 0;
            std::erase_if(names, [&](const auto&) { return i++ % 2 == 0; });
        }
        names.insert_or_assign(std::move(name), until);
    });
}

bool KnownNames::contains(const std::string& name, hubfs::Instant now) const {
    return names_.with([&](const auto& names) {
        const auto found = names.find(name);
        return found != names.end() && now < found->second;
    });
}

}  // namespace httpd::mount
