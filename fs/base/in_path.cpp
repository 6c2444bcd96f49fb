// SPDX-License-Identifier: Apache-2.0
#include "fs/base/in_path.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace hubfs {

bool in_path(const std::string& program) {
    const char* const path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
    while (true) {
        const std::size_t end = rest.find(':');
        const std::string file = std::string(rest.substr(0, end)) + "/" + program;
        if (::access(file.c_str(), X_OK) == 0) {
            return true;
        }
        if (end == std::string_view::npos) {
            return false;
        }
        rest.remove_prefix(end + 1);
    }
}

}  // namespace hubfs
