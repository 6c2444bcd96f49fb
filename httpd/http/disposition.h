// SPDX-License-Identifier: Apache-2.0
// How a file is presented: Content-Disposition in the Hub's form and a media type that is the same
// on HEAD and GET, therefore taken from the name and never from the bytes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace httpd::http {

// inline; filename*=UTF-8''config.json; filename="config.json";   (of the path's last component)
[[nodiscard]] std::string content_disposition(std::string_view path, bool attachment);

// LFS content is application/octet-stream; git files are text, but for the well-known binary
// endings.
[[nodiscard]] std::string_view media_type(std::string_view path, bool lfs);

}  // namespace httpd::http
