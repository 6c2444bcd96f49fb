// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/link.h"

#include <algorithm>

#include "httpd/http/headers.h"

namespace httpd::http {

namespace {

// Takes a token or a quoted string off the front of `rest`.
std::optional<std::string> take_value(std::string_view& rest) {
    std::string value;
    if (!rest.starts_with('"')) {
        const auto end = std::min(rest.find_first_of(",; \t"), rest.size());
        value = rest.substr(0, end);
        rest.remove_prefix(end);
        return value;
    }
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) {
            value += rest[++i];
        } else if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return value;
        } else {
            value += rest[i];
        }
    }
    return std::nullopt;
}

void skip_space(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

// The parameters of one link, up to the comma; false when they are malformed.
bool take_parameters(std::string_view& rest, Link& link) {
    while (true) {
        skip_space(rest);
        if (!rest.starts_with(';')) {
            return true;
        }
        rest.remove_prefix(1);
        skip_space(rest);
        const auto end = std::min(rest.find_first_of("=,; \t"), rest.size());
        const std::string_view name = rest.substr(0, end);
        rest.remove_prefix(end);
        skip_space(rest);
        if (!rest.starts_with('=')) {
            continue;
        }
        rest.remove_prefix(1);
        skip_space(rest);
        const auto value = take_value(rest);
        if (!value) {
            return false;
        }
        if (iequals(name, "rel") && link.rels.empty()) {
            std::string_view words = *value;
            while (!(words = trim(words)).empty()) {
                const auto space = std::min(words.find(' '), words.size());
                link.rels.push_back(to_lower(words.substr(0, space)));
                words.remove_prefix(space);
            }
        }
    }
}

}  // namespace

std::vector<Link> parse_links(std::string_view value) {
    std::vector<Link> links;
    while (true) {
        value.remove_prefix(std::min(value.find_first_not_of(", \t"), value.size()));
        if (!value.starts_with('<')) {
            return links;
        }
        const auto end = value.find('>');
        if (end == std::string_view::npos) {
            return links;
        }
        Link link{std::string(value.substr(1, end - 1)), {}};
        value.remove_prefix(end + 1);
        if (!take_parameters(value, link)) {
            return links;
        }
        links.push_back(std::move(link));
        if (!value.starts_with(',')) {
            return links;
        }
    }
}

namespace {

// "?query" and "name?query" beside the address that was asked for; others stay as they are.
std::string against(std::string_view asked, std::string_view target) {
    const std::string_view path = asked.substr(0, asked.find('?'));
    const bool has_scheme = target.find("://") < target.find_first_of("/?#");
    if (target.starts_with('?')) {
        return std::string(path) + std::string(target);
    }
    if (target.empty() || target.starts_with('/') || has_scheme) {
        return std::string(target);
    }
    return std::string(path.substr(0, path.rfind('/') + 1)) + std::string(target);
}

}  // namespace

std::optional<std::string> next_link(std::string_view value, std::string_view base,
                                     std::string_view asked) {
    for (const Link& link : parse_links(value)) {
        if (std::ranges::find(link.rels, "next") == link.rels.end()) {
            continue;
        }
        const std::string whole = against(asked, link.target);
        std::string_view target = whole;
        const auto scheme = target.find("://");
        if (scheme != std::string_view::npos && scheme < target.find_first_of("/?#")) {
            target.remove_prefix(std::min(target.find_first_of("/?#", scheme + 3), target.size()));
        } else if (target.starts_with("//")) {
            target.remove_prefix(std::min(target.find_first_of("/?#", 2), target.size()));
        }
        if (!target.starts_with('/') || target.find_first_of("<>\" ") != std::string_view::npos ||
            !is_field_value(target)) {
            return std::nullopt;
        }
        return next_link_to(std::string(base) + std::string(target));
    }
    return std::nullopt;
}

std::string next_link_to(std::string_view address) {
    return "<" + std::string(address) + ">; rel=\"next\"";
}

}  // namespace httpd::http
