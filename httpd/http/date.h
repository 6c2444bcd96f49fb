// SPDX-License-Identifier: Apache-2.0
// HTTP dates (RFC 9110 section 5.6.7): written as IMF-fixdate, read in all three forms. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/clock.h"

namespace httpd::http {

// Sun, 06 Nov 1994 08:49:37 GMT
[[nodiscard]] std::string http_date(hubfs::Instant at);
// IMF-fixdate, RFC 850 (a year more than 50 years ahead of `now` is in the past) or asctime; the
// day's name is not compared with the date. Nothing for everything else.
[[nodiscard]] std::optional<hubfs::Instant> parse_http_date(std::string_view text,
                                                            hubfs::Instant now);

}  // namespace httpd::http
