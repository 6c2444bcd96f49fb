// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/path.h"

#include <algorithm>
#include <vector>

#include "fs/contract.h"
#include "fs/tree/limits.h"

namespace hubfs::tree {

namespace {

std::vector<std::string_view> components_of(std::string_view path) {
    std::vector<std::string_view> components;
    while (!path.empty()) {
        const auto slash = path.find('/');
        components.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            break;
        }
        path.remove_prefix(slash + 1);
        if (path.empty()) {
            components.emplace_back();  // a trailing slash
        }
    }
    return components;
}

bool valid_component(std::string_view name) {
    return !name.empty() && name.size() <= kNameMax && name != "." && name != ".." &&
           name.find('\0') == std::string_view::npos;
}

// One segment of a repository id. A lone "-" is ours.
bool valid_segment(std::string_view name) {
    return name != contract::kNoNamespace && name.find('/') == std::string_view::npos &&
           valid_repo_id(name);
}

bool parse_revision(std::string_view name, Place& place) {
    if (const auto commit = CommitId::from_hex(name)) {
        place.commit = commit;
        place.revision = name;
        return true;
    }
    const auto revision = contract::decode_ref(name);
    if (!revision || !valid_revision(*revision)) {
        return false;
    }
    place.revision = *revision;
    return true;
}

// The last component of a repository's directory: a revision, or below .trees a commit.
bool parse_in_repo(std::string_view name, Place& place) {
    if (!place.in_trees) {
        place.kind = PlaceKind::revision;
        return parse_revision(name, place);
    }
    place.kind = PlaceKind::tree;
    place.commit = CommitId::from_hex(name);
    return place.commit && place.commit->hex() == name;
}

// names: "models" and what follows it.
bool parse_repos(const std::vector<std::string_view>& names, std::size_t first, Place& place) {
    const std::size_t count = names.size() - first;
    const auto type = repo_type_from(names[first]);
    if (!type || count > 4) {
        return false;
    }
    place.repo.type = *type;
    if (count == 1) {
        place.kind = PlaceKind::type;
        return true;
    }
    const std::string_view name_space = names[first + 1];
    const bool none = name_space == contract::kNoNamespace;
    if (!none && !valid_segment(name_space)) {
        return false;
    }
    if (count == 2) {
        place.kind = none ? PlaceKind::no_namespace : PlaceKind::first_name;
        place.repo.id = none ? std::string_view() : name_space;
        return true;
    }
    const std::string_view name = names[first + 2];
    if (none ? !valid_segment(name) : !valid_repo_id(name)) {
        return false;
    }
    place.kind = PlaceKind::repo;
    place.repo.id = none ? std::string(name) : join(name_space, name);
    return count == 3 || parse_in_repo(names[first + 3], place);
}

// The escapes of contract::api_components; the last one may be cut when more is to come.
bool valid_escapes(std::string_view text, bool more) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            return false;
        }
        if (text[i] != '%') {
            continue;
        }
        const std::string_view code = text.substr(i, 3);
        if (code == "%2F" || code == "%25" || code == "%2B") {
            i += 2;
        } else if (!more || code.size() == 3 || (code != "%" && code != "%2")) {
            return false;
        }
    }
    return true;
}

bool parse_api(const std::vector<std::string_view>& names, Place& place) {
    place.renewed = names[1] == contract::kRenewedDir;
    const std::vector<std::string_view> parts(names.begin() + (place.renewed ? 2 : 1), names.end());
    if (parts.empty()) {
        place.kind = PlaceKind::api_part;
        return true;
    }
    if (!parts.back().ends_with('+')) {
        place.kind = PlaceKind::api_document;
        const auto target = contract::api_target(parts);
        // One spelling only: cut where the contract cuts.
        if (!target || !target->starts_with("/api/") ||
            !std::ranges::equal(contract::api_components(*target), parts)) {
            return false;
        }
        place.target = *target;
        return true;
    }
    place.kind = PlaceKind::api_part;
    std::string text;
    for (const auto part : parts) {
        if (part.size() != contract::kApiComponentMax || !part.ends_with('+')) {
            return false;
        }
        text += part.substr(0, part.size() - 1);
    }
    return text.starts_with("%2Fapi%2F") && valid_escapes(text, true);
}

// names: ".blobs", the kind and the hash, in lower case only.
bool parse_blob(const std::vector<std::string_view>& names, Place& place) {
    if (names.size() > 3 ||
        (names[1] != contract::kSha256Dir && names[1] != contract::kGitSha1Dir)) {
        return false;
    }
    const HashKind kind = names[1] == contract::kSha256Dir ? HashKind::sha256 : HashKind::git_sha1;
    if (names.size() == 2) {
        place.kind = PlaceKind::blob_kind;
        place.hash = ContentHash{kind, {}};
        return true;
    }
    place.kind = PlaceKind::blob;
    place.hash = ContentHash::from_hex(kind, names[2]);
    return place.hash && place.hash->hex() == names[2];
}

bool parse_components(const std::vector<std::string_view>& names, Place& place) {
    const std::string_view top = names.front();
    if (top == contract::kTreesDir) {
        place.in_trees = true;
        place.kind = PlaceKind::trees;
        return names.size() == 1 || parse_repos(names, 1, place);
    }
    if (top == contract::kApiDir) {
        place.kind = PlaceKind::api;
        return names.size() == 1 || parse_api(names, place);
    }
    if (top == contract::kStatusDir) {
        place.kind = names.size() == 1 ? PlaceKind::status : PlaceKind::status_file;
        return names.size() <= 2;
    }
    if (top == contract::kBlobsDir) {
        place.kind = PlaceKind::blobs;
        return names.size() == 1 || parse_blob(names, place);
    }
    return parse_repos(names, 0, place);
}

}  // namespace

std::optional<Place> parse(std::string_view path) {
    Place place;
    place.path = path;
    if (path.empty()) {
        return place;
    }
    const auto names = components_of(path);
    if (path.size() > kPathMax || !std::ranges::all_of(names, valid_component) ||
        !parse_components(names, place)) {
        return std::nullopt;
    }
    return place;
}

std::string join(std::string_view directory, std::string_view name) {
    std::string path(directory);
    if (!path.empty()) {
        path += '/';
    }
    return path += name;
}

std::string_view parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of_path(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0: the whole path
}

std::string path_of(const RepoKey& repo, bool in_trees) {
    std::string path =
        in_trees ? join(contract::kTreesDir, plural(repo.type)) : std::string(plural(repo.type));
    return join(join(path, namespace_of(repo)), short_name_of(repo));
}

std::string_view namespace_of(const RepoKey& repo) {
    const auto slash = repo.id.find('/');
    return slash == std::string::npos ? contract::kNoNamespace
                                      : std::string_view(repo.id).substr(0, slash);
}

std::string_view short_name_of(const RepoKey& repo) {
    return name_of_path(repo.id);
}

std::string link_between(const RepoKey& asked, const RepoKey& canonical) {
    if (namespace_of(asked) == namespace_of(canonical)) {
        return std::string(short_name_of(canonical));
    }
    return "../" + link_from_type(canonical);
}

std::string link_from_type(const RepoKey& canonical) {
    return join(namespace_of(canonical), short_name_of(canonical));
}

bool valid_revision(std::string_view revision) {
    if (revision.empty() || revision == "@" || revision.ends_with('.') ||
        revision.find("..") != std::string_view::npos ||
        revision.find("@{") != std::string_view::npos) {
        return false;
    }
    const bool characters = std::ranges::none_of(revision, [](unsigned char c) {
        return c < 0x20 || c == 0x7f ||
               std::string_view(" ~^:?*[\\").contains(static_cast<char>(c));
    });
    return characters && std::ranges::all_of(components_of(revision), [](std::string_view part) {
               return !part.empty() && !part.starts_with('.') && !part.ends_with(".lock");
           });
}

}  // namespace hubfs::tree
