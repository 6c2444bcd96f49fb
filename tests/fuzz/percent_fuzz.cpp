// SPDX-License-Identifier: Apache-2.0
// Any text: decoding what was encoded gives the text back; any path finds a route without a crash,
// and what a route names stays inside the mount.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fs/base/percent.h"
#include "httpd/http/target.h"
#include "httpd/mount/safe_path.h"
#include "httpd/routes/route.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (text.find('\0') == std::string::npos &&
        hubfs::percent_decode(hubfs::percent_encode(text)) != text) {
        std::abort();
    }
    (void)httpd::http::parse_query(text);
    const auto route = httpd::routes::parse_route(text);
    (void)httpd::routes::divisions(route);
    if (const auto path = httpd::mount::repo_path(route.repo)) {
        if (path->find("..") != std::string::npos && path->find("/../") != std::string::npos) {
            std::abort();
        }
    }
    if (httpd::mount::safe_file_path(route.path) &&
        ("/" + route.path + "/").find("/../") != std::string::npos) {
        std::abort();
    }
    return 0;
}
