// SPDX-License-Identifier: Apache-2.0
#include "fs/base/option_checks.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>

#include "fs/base/address.h"

namespace hubfs {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Reason = std::optional<std::string>;

constexpr std::size_t kTextMax = 4096;  // bytes, as PATH_MAX
constexpr std::size_t kListMax = 1000;  // items
// A parked read must end before 60 s, and a reader waits the deadline and 5 s more.
constexpr milliseconds kDeadlineMin = 100ms;
constexpr milliseconds kDeadlineMax = 50s;
// Each turn asks once for each follow.
constexpr milliseconds kFollowMin = 1s;
constexpr milliseconds kFollowMax = 24h * 30;
constexpr std::uint64_t kBlockMin = 64ULL << 10;
constexpr std::uint64_t kBlockMax = 64ULL << 20;

const std::string& text_of(const OptionValue& value) {
    return std::get<std::string>(value);
}

Reason absolute_path(const std::string& path) {
    if (!path.starts_with('/')) {
        return "wants an absolute path, this is \"" + path + "\"";
    }
    return std::nullopt;
}

Reason path(const OptionValue& value) {
    return absolute_path(text_of(value));
}

Reason path_or_empty(const OptionValue& value) {
    return text_of(value).empty() ? std::nullopt : absolute_path(text_of(value));
}

Reason paths(const OptionValue& value) {
    const auto& list = std::get<std::vector<std::string>>(value);
    if (list.empty()) {
        return "wants at least one directory";
    }
    for (const std::string& item : list) {
        if (auto reason = absolute_path(item)) {
            return reason;
        }
        if (std::ranges::count(list, item) > 1) {
            return "names \"" + item + "\" twice";
        }
    }
    return std::nullopt;
}

Reason one_of(const std::string& text, std::initializer_list<std::string_view> words) {
    std::string all;
    for (const std::string_view word : words) {
        if (text == word) {
            return std::nullopt;
        }
        all += (all.empty() ? "" : ", ") + std::string(word);
    }
    return "knows only " + all + ", this is \"" + text + "\"";
}

Reason passthrough(const OptionValue& value) {
    return one_of(text_of(value), {"auto", "off"});
}

Reason log_level(const OptionValue& value) {
    return one_of(text_of(value), {"debug", "info", "warn", "error"});
}

Reason features(const OptionValue& value) {
    for (const std::string& item : std::get<std::vector<std::string>>(value)) {
        if (auto reason =
                one_of(item, {"passthrough", "resend", "request_timeout", "epoch", "prune"})) {
            return reason;
        }
    }
    return std::nullopt;
}

Reason url(const OptionValue& value) {
    if (!parse_plain_url(text_of(value))) {
        return "wants https://HOST[:PORT] without user or query, this is \"" + text_of(value) +
               "\"";
    }
    return std::nullopt;
}

Reason url_or_empty(const OptionValue& value) {
    return text_of(value).empty() ? std::nullopt : url(value);
}

// Users and passwords may stand in a proxy's address; curl knows the schemes.
Reason proxy(const OptionValue& value) {
    const std::string& text = text_of(value);
    if (text.empty()) {
        return std::nullopt;
    }
    for (const std::string_view scheme :
         {"http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://"}) {
        if (text.starts_with(scheme) && text.size() > scheme.size()) {
            return std::nullopt;
        }
    }
    return "wants http://HOST:PORT, https:// or socks5:// before a host";
}

Reason hosts(const OptionValue& value) {
    for (const std::string& item : std::get<std::vector<std::string>>(value)) {
        if (!parse_host_pattern(item)) {
            return "wants host, host:port or *.host, this is \"" + item + "\"";
        }
    }
    return std::nullopt;
}

Reason address(const std::string& text) {
    if (!parse_listen_address(text)) {
        return "wants ADDR:PORT with a numeric address ([v6]:PORT), this is \"" + text + "\"";
    }
    return std::nullopt;
}

Reason address_or_empty(const OptionValue& value) {
    return text_of(value).empty() ? std::nullopt : address(text_of(value));
}

Reason addresses(const OptionValue& value) {
    for (const std::string& item : std::get<std::vector<std::string>>(value)) {
        if (auto reason = address(item)) {
            return reason;
        }
    }
    return std::nullopt;
}

Reason deadline(const OptionValue& value) {
    const auto duration = std::get<milliseconds>(value);
    if (duration < kDeadlineMin || duration > kDeadlineMax) {
        return "must be from 100ms to 50s: a waiting read ends before 60s";
    }
    return std::nullopt;
}

Reason wait(const OptionValue& value) {
    if (std::get<milliseconds>(value) > kDeadlineMax) {
        return "must be at most 50s: a waiting read ends before 60s";
    }
    return std::nullopt;
}

Reason follow(const OptionValue& value) {
    const auto every = std::get<milliseconds>(value);
    if (every < kFollowMin || every > kFollowMax) {
        return "must be from 1s to 30d";
    }
    return std::nullopt;
}

Reason connections(const OptionValue& value) {
    const auto count = std::get<std::uint64_t>(value);
    if (count < 1 || count > 256) {
        return "must be from 1 to 256";
    }
    return std::nullopt;
}

Reason block(const OptionValue& value) {
    const auto bytes = std::get<std::uint64_t>(value);
    if (bytes < kBlockMin || bytes > kBlockMax || (bytes & (bytes - 1)) != 0) {
        return "must be a power of two from 64KiB to 64MiB";
    }
    return std::nullopt;
}

Reason xet_from(const OptionValue& value) {
    if (text_of(value) != "off" && !parse_size(text_of(value))) {
        return "wants a size such as 1GB, or off, this is \"" + text_of(value) + "\"";
    }
    return std::nullopt;
}

struct Rule {
    std::string_view key;
    Reason (*check)(const OptionValue&);
};

constexpr auto kRules = std::to_array<Rule>({
    {"node.state_dir", path},
    {"node.run_dir", path},
    {"mount.path", path},
    {"mount.passthrough", passthrough},
    {"mount.disable_features", features},
    {"upstream.url", url},
    {"upstream.content_hosts", hosts},
    {"upstream.deadline", deadline},
    {"upstream.connections", connections},
    {"upstream.token_file", path_or_empty},
    {"upstream.proxy", proxy},
    {"upstream.ca_file", path_or_empty},
    {"cache.dirs", paths},
    {"cache.block", block},
    {"freshness.wait", wait},
    {"freshness.follow", follow},
    {"http.listen", addresses},
    {"http.tls_listen", addresses},
    {"http.tls_cert", path_or_empty},
    {"http.tls_key", path_or_empty},
    {"http.public_url", url_or_empty},
    {"http.xet_from", xet_from},
    {"http.redirect_hosts", hosts},
    {"rsync.listen", address_or_empty},
    {"log.dir", path},
    {"log.level", log_level},
});

// Control characters would break ready lines, logs and the generated rsync configuration.
Reason plain_text(const std::string& text) {
    if (text.size() > kTextMax) {
        return "is longer than 4096 bytes";
    }
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(text, control)) {
        return "contains a control character";
    }
    return std::nullopt;
}

Reason plain(const OptionValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return plain_text(*text);
    }
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        if (list->size() > kListMax) {
            return "has more than 1000 items";
        }
        for (const std::string& item : *list) {
            if (auto reason = plain_text(item)) {
                return reason;
            }
        }
    }
    return std::nullopt;
}

// Whether `path` is `directory` or lies below it, as they are written: no filesystem is asked, for
// it may be the mount of a dead hubfs.
bool below(const std::string& path, const std::string& directory) {
    const auto inner = std::filesystem::path(path).lexically_normal();
    const auto outer = std::filesystem::path(directory + "/").lexically_normal();
    const auto relative = inner.lexically_relative(outer);
    return !relative.empty() && *relative.begin() != "..";
}

// A program that stores in the mount waits for itself.
void check_apart(std::string_view key, const std::string& dir, const std::string& mount,
                 std::vector<Disagreement>& reasons) {
    if (below(dir, mount)) {
        reasons.push_back({key, "mount.path",
                           dir + " must not lie at or below mount.path (" + mount +
                               "), which is read-only and needs it"});
    }
}

}  // namespace

std::optional<std::string> check_option(std::string_view key, const OptionValue& value) {
    if (auto reason = plain(value)) {
        return reason;
    }
    const auto* const rule = std::ranges::find(kRules, key, &Rule::key);
    return rule == kRules.end() ? std::nullopt : rule->check(value);
}

bool accepted_though_unbuilt(std::string_view key, const OptionValue& value) {
    return key == "http.xet_from" && text_of(value) == "off";
}

std::vector<Disagreement> check_together(
    const std::map<std::string, OptionValue, std::less<>>& values) {
    std::vector<Disagreement> reasons;
    const auto text = [&values](std::string_view key) -> const std::string& {
        return text_of(values.find(key)->second);
    };
    const auto parsed = parse_plain_url(text("upstream.url"));
    if (parsed && !parsed->secure && !std::get<bool>(values.find("upstream.allow_http")->second)) {
        reasons.push_back({"upstream.url", "upstream.allow_http",
                           "plain http is refused unless upstream.allow_http = true"});
    }
    const auto size = std::get<std::uint64_t>(values.find("cache.size")->second);
    if (size < std::get<std::uint64_t>(values.find("cache.block")->second)) {
        reasons.push_back(
            {"cache.size", "cache.block", "must be at least one block (cache.block)"});
    }
    const std::string& mount = text("mount.path");
    for (const std::string_view key : {"node.state_dir", "node.run_dir", "log.dir"}) {
        check_apart(key, text(key), mount, reasons);
    }
    for (const auto& dir : std::get<std::vector<std::string>>(values.find("cache.dirs")->second)) {
        check_apart("cache.dirs", dir, mount, reasons);
        if (below(mount, dir) && !below(dir, mount)) {
            reasons.push_back({"mount.path", "cache.dirs",
                               "must not lie below the cache directory " + dir +
                                   ", whose files are the cache's own"});
        }
    }
    return reasons;
}

}  // namespace hubfs
