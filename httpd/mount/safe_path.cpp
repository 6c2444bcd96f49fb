// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/safe_path.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "fs/contract.h"

namespace httpd::mount {

namespace {

namespace contract = hubfs::contract;

constexpr std::size_t kComponentMax = 255;  // NAME_MAX
constexpr std::size_t kPathMax = 4000;      // PATH_MAX less room for the mount point

std::string_view take_component(std::string_view& rest) {
    const auto slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    return component;
}

}  // namespace

std::optional<std::string> repo_path(const hubfs::RepoKey& repo) {
    if (!hubfs::valid_repo_id(repo.id)) {
        return std::nullopt;
    }
    std::string path(hubfs::plural(repo.type));
    path += '/';
    if (repo.id.find('/') == std::string::npos) {
        path += contract::kNoNamespace;
        path += '/';
    } else if (repo.id.starts_with("-/")) {
        return std::nullopt;  // no namespace of the Hub; it would alias the one-segment names
    }
    return path + repo.id;
}

std::optional<std::string> tree_path(const hubfs::RepoKey& repo, std::string_view commit) {
    const auto base = repo_path(repo);
    if (!base || !is_commit(commit)) {
        return std::nullopt;
    }
    return std::string(contract::kTreesDir) + "/" + *base + "/" + std::string(commit);
}

std::optional<std::string> document_path(std::string_view target, bool renewed) {
    std::string path(contract::kApiDir);
    if (renewed) {
        path += '/';
        path += contract::kRenewedDir;
    }
    for (const std::string& component : contract::api_components(target)) {
        path += '/';
        path += component;
    }
    return path.size() <= kPathMax ? std::optional(std::move(path)) : std::nullopt;
}

bool safe_file_path(std::string_view path) {
    if (path.empty() || path.size() > kPathMax || path.ends_with('/') ||
        path.find('\0') != std::string_view::npos) {
        return false;
    }
    while (!path.empty()) {
        const std::string_view component = take_component(path);
        if (component.empty() || component == "." || component == ".." ||
            component.size() > kComponentMax) {
            return false;
        }
    }
    return true;
}

bool is_commit(std::string_view text) {
    return text.size() == 40 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::optional<hubfs::RepoKey> renamed_to(const hubfs::RepoKey& asked,
                                         std::string_view link_target) {
    const auto from = repo_path(asked);
    if (!from || link_target.empty() || link_target.starts_with('/')) {
        return std::nullopt;
    }
    std::vector<std::string_view> parts;
    for (std::string_view rest = *from; !rest.empty();) {
        parts.push_back(take_component(rest));
    }
    parts.pop_back();  // the link's own name
    while (!link_target.empty()) {
        const std::string_view part = take_component(link_target);
        if (part == "..") {
            if (parts.empty()) {
                return std::nullopt;
            }
            parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    if (parts.size() != 3 || parts[0] != hubfs::plural(asked.type)) {
        return std::nullopt;
    }
    hubfs::RepoKey repo{asked.type, std::string(parts[2])};
    if (parts[1] != contract::kNoNamespace) {
        repo.id = std::string(parts[1]) + "/" + repo.id;
    }
    return hubfs::valid_repo_id(repo.id) ? std::optional(std::move(repo)) : std::nullopt;
}

}  // namespace httpd::mount
