// SPDX-License-Identifier: Apache-2.0
// The options as the parts want them. Each function names every option it uses; nothing else in
// the daemon reads options.
#pragma once

#include <string>

#include "fs/base/options.h"
#include "fs/base/result.h"
#include "fs/cache/block_cache.h"
#include "fs/meta/catalog.h"
#include "fs/upstream/config.h"

namespace hubfs::app {

[[nodiscard]] upstream::UpstreamConfig upstream_config(const Options& options, std::string token);
[[nodiscard]] meta::CatalogConfig catalog_config(const Options& options);
[[nodiscard]] cache::CacheConfig cache_config(const Options& options);

// The first line of the file, without space around it; nothing for an empty path. Code::invalid
// for a file that cannot be read or holds no token. The token is in no message.
[[nodiscard]] Result<std::string> read_token(const std::string& path);

// Makes the directory and those above it. Code::unsupported, with what to do, when that fails or
// it cannot be written; `key` is the option that names it.
[[nodiscard]] Status usable_directory(const std::string& path, std::string_view key);

}  // namespace hubfs::app
