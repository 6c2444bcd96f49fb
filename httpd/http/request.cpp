// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/request.h"

#include <array>
#include <string_view>
#include <utility>

namespace httpd::http {

Method method_from(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, Method>, 7> kMethods = {{
        {"GET", Method::get},
        {"HEAD", Method::head},
        {"POST", Method::post},
        {"PUT", Method::put},
        {"PATCH", Method::patch},
        {"DELETE", Method::delete_},
        {"OPTIONS", Method::options},
    }};
    for (const auto& [name, method] : kMethods) {
        if (name == text) {
            return method;
        }
    }
    return Method::other;
}

}  // namespace httpd::http
