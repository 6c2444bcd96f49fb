// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/status_of.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace httpd::routes {
namespace {

struct StatusRow {
    int error;
    int status;
    bool upstream;  // Proxy-Status says why
    bool retry;
};

// docs/errors.md
TEST(StatusOf, is_the_table_of_the_documentation) {
    const StatusRow rows[] = {
        {ENOENT, 404, false, false},       {EACCES, 403, false, false},
        {EBUSY, 503, true, true},          {EREMOTEIO, 502, true, false},
        {EPROTO, 502, true, false},        {EHOSTUNREACH, 504, true, false},
        {ETIMEDOUT, 504, true, false},     {EIO, 502, true, false},
        {ENOSPC, 503, false, true},        {EINVAL, 400, false, false},
        {EOPNOTSUPP, 501, false, false},   {EROFS, 405, false, false},
        {ENOTDIR, 404, false, false},      {EISDIR, 404, false, false},
        {ENAMETOOLONG, 404, false, false}, {ESTALE, 503, false, true},
        {ENOTCONN, 503, false, true},      {ENODEV, 503, false, true},
        {EXDEV, 500, false, false},
    };
    for (const StatusRow& row : rows) {
        const http::Response response = failure_response(row.error, true);
        EXPECT_EQ(response.status, row.status) << row.error;
        EXPECT_EQ(!response.cache.proxy.empty(), row.upstream) << row.error;
        EXPECT_EQ(response.headers.has("Retry-After"), row.retry) << row.error;
        EXPECT_TRUE(response.headers.has("X-Error-Message"));
    }
}

TEST(StatusOf, the_mounts_own_words_are_used_when_they_are_well_formed) {
    EXPECT_EQ(failure_response(ETIMEDOUT, false, "error=dns_timeout; next-hop=\"x\"").cache.proxy,
              "error=dns_timeout; next-hop=\"x\"");
    for (const auto* bad : {"", "x", "error=a\r\nb", "error=a, b"}) {
        EXPECT_EQ(failure_response(ETIMEDOUT, false, bad).cache.proxy,
                  "error=http_response_timeout");
    }
}

}  // namespace
}  // namespace httpd::routes
