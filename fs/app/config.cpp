// SPDX-License-Identifier: Apache-2.0
#include "fs/app/config.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "fs/app/limits.h"

namespace hubfs::app {

upstream::UpstreamConfig upstream_config(const Options& options, std::string token) {
    upstream::UpstreamConfig config;
    config.url = options.text("upstream.url");
    config.content_hosts = options.list("upstream.content_hosts");
    config.allow_http = options.flag("upstream.allow_http");
    config.deadline = options.duration("upstream.deadline");
    config.connections = options.count("upstream.connections");
    config.token = std::move(token);
    config.proxy = options.text("upstream.proxy");
    config.ca_file = options.text("upstream.ca_file");
    config.offline = options.flag("upstream.offline");
    return config;
}

meta::CatalogConfig catalog_config(const Options& options) {
    meta::CatalogConfig config;
    config.ref = options.duration("freshness.ref");
    config.document = options.duration("freshness.document");
    config.absent = options.duration("freshness.absent");
    config.state = options.duration("freshness.state");
    config.stale = options.duration("freshness.stale");
    config.wait = options.duration("freshness.wait");
    config.documents_bytes = options.size("cache.documents");
    config.offline = options.flag("upstream.offline");
    return config;
}

cache::CacheConfig cache_config(const Options& options) {
    cache::CacheConfig config;
    config.dirs = options.list("cache.dirs");
    config.size_bytes = options.size("cache.size");
    config.block_bytes = static_cast<std::uint32_t>(options.size("cache.block"));
    config.deadline = options.duration("upstream.deadline");
    config.connections = static_cast<std::uint32_t>(options.count("upstream.connections"));
    config.offline = options.flag("upstream.offline");
    return config;
}

Result<std::string> read_token(const std::string& path) {
    if (path.empty()) {
        return std::string();
    }
    constexpr std::string_view kSpace = " \t\r\n";
    std::ifstream file(path);
    std::string token;
    std::getline(file, token);
    if (!file && !file.eof()) {
        return fail(Code::invalid, "upstream.token_file: " + path + ": " + std::strerror(errno));
    }
    token.erase(0, std::min(token.find_first_not_of(kSpace), token.size()));
    token.erase(token.find_last_not_of(kSpace) + 1);
    if (token.empty() || token.size() > kTokenBytesMax) {
        return fail(Code::invalid, "upstream.token_file: " + path + ": no token in its first line");
    }
    return token;
}

Status usable_directory(const std::string& path, std::string_view key) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (!error && access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
        error = std::error_code(errno, std::generic_category());
    }
    if (!error && !std::filesystem::is_directory(path, error) && !error) {
        error = std::make_error_code(std::errc::not_a_directory);
    }
    if (error) {
        return fail(Code::unsupported, std::string(key) + ": " + path + ": " + error.message() +
                                           "; make it a directory that this user may write, or "
                                           "choose another");
    }
    return {};
}

}  // namespace hubfs::app
