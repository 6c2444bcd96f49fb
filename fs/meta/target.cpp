// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/target.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "fs/base/percent.h"
#include "fs/meta/catalog.h"
#include "fs/meta/limits.h"

namespace hubfs::meta {

namespace {

constexpr std::string_view kApi = "/api/";
constexpr std::array<std::string_view, 5> kSearches = {"models", "datasets", "models-tags-by-type",
                                                       "datasets-tags-by-type", "quicksearch"};

bool visible(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; });
}

bool plain_segment(std::string_view segment) {
    const auto decoded = percent_decode(segment);
    return decoded && !decoded->empty() && *decoded != "." && *decoded != "..";
}

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    for (;;) {
        const auto slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return segments;
        }
        path.remove_prefix(slash + 1);
    }
}

// What may follow a repository's id: the word, and how many segments after it.
struct Verb {
    std::string_view word;
    std::size_t least;
    std::size_t most;
};
constexpr std::size_t kAny = 1000;
constexpr std::array<Verb, 8> kVerbs = {{{"revision", 1, 1},
                                         {"refs", 0, 0},
                                         {"commits", 1, kAny},
                                         {"tree", 1, kAny},
                                         {"treesize", 1, kAny},
                                         {"safetensors-metadata", 1, kAny},
                                         {"parquet", 0, 2},
                                         {"croissant", 0, 0}}};

bool verb_matches(std::span<const std::string_view> rest, RepoType type) {
    return std::ranges::any_of(kVerbs, [&](const Verb& verb) {
        const bool ours = verb.word != "parquet" && verb.word != "croissant";
        return rest.front() == verb.word && rest.size() - 1 >= verb.least &&
               rest.size() - 1 <= verb.most && (ours || type == RepoType::dataset);
    });
}

// Whether a query asks for less than the whole object: then absent fields say nothing.
bool asks_for_parts(std::string_view query) {
    const auto decoded = percent_decode(query);
    return !decoded || decoded->find("expand") != std::string::npos;
}

std::optional<Target> repo_target(RepoType type, std::span<const std::string_view> segments,
                                  std::size_t id_segments, std::string_view query) {
    std::string id(segments[0]);
    if (id_segments == 2) {
        id.append("/").append(segments[1]);
    }
    if (!valid_repo_id(id)) {
        return std::nullopt;
    }
    Target target{Target::Kind::of_repo, RepoKey{type, std::move(id)}, {}, !query.empty()};
    const auto rest = segments.subspan(id_segments);
    if (rest.empty() || rest[0] == "revision") {
        target.kind = asks_for_parts(query) ? Target::Kind::of_repo : Target::Kind::info;
        if (!rest.empty()) {
            target.revision = percent_decode(rest[1]).value_or("");
            if (!valid_revision(target.revision)) {
                return std::nullopt;
            }
        }
    } else if (rest[0] == "refs") {
        target.kind = Target::Kind::refs;
    }
    return target;
}

std::string base_of(const RepoKey& repo) {
    return std::string(kApi).append(plural(repo.type)).append("/").append(repo.id);
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
    if (target.size() > kTargetMaxBytes || !target.starts_with(kApi) || !visible(target)) {
        return std::nullopt;
    }
    const std::string_view path = path_of(target);
    const std::string_view query =
        path.size() == target.size() ? std::string_view() : target.substr(path.size() + 1);
    const auto segments = split(path.substr(kApi.size()));
    if (!std::ranges::all_of(segments, plain_segment)) {
        return std::nullopt;
    }
    if (segments.size() == 1) {
        return std::ranges::find(kSearches, segments[0]) == kSearches.end()
                   ? std::nullopt
                   : std::optional(Target{Target::Kind::listing, {}, {}, !query.empty()});
    }
    const auto type = repo_type_from(segments[0]);
    if (!type) {
        return std::nullopt;
    }
    // A one-segment id wins where both readings are possible, as on the Hub: "x/refs".
    const std::span<const std::string_view> rest = std::span(segments).subspan(1);
    if (rest.size() == 1 || verb_matches(rest.subspan(1), *type)) {
        return repo_target(*type, rest, 1, query);
    }
    if (rest.size() == 2 || verb_matches(rest.subspan(2), *type)) {
        return repo_target(*type, rest, 2, query);
    }
    return std::nullopt;
}

bool allowed_document(std::string_view target) {
    return parse_target(target).has_value();
}

std::string info_target(const RepoKey& repo) {
    return base_of(repo);
}

std::string revision_target(const RepoKey& repo, std::string_view revision) {
    return base_of(repo) + "/revision/" + percent_encode(revision);
}

std::string refs_target(const RepoKey& repo) {
    return base_of(repo) + "/refs";
}

std::string tree_target(const RepoKey& repo, const CommitId& commit) {
    return base_of(repo) + "/tree/" + commit.hex() + "?recursive=true&expand=false";
}

std::string commit_target(const RepoKey& repo, const CommitId& commit) {
    return base_of(repo) + "/commits/" + commit.hex() + "?limit=1";
}

bool valid_revision(std::string_view name) {
    return !name.empty() && name.size() <= kRefNameMaxBytes && name != "." && name != ".." &&
           std::ranges::all_of(name, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte >= 0x20 && byte != 0x7f;
           });
}

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

namespace {

// The origin-form of an absolute or absolute-path address.
std::optional<std::string> origin_form(std::string_view address) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (address.starts_with(scheme)) {
            address.remove_prefix(scheme.size());
            const auto slash = address.find('/');
            address = slash == std::string_view::npos ? std::string_view() : address.substr(slash);
        }
    }
    if (address.size() > kTargetMaxBytes || !address.starts_with('/') ||
        address.starts_with("//") || !visible(address)) {
        return std::nullopt;
    }
    return std::string(address);
}

// Whether the parameters after an address (up to the next address) contain rel=next.
bool is_next(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto semicolon = parameters.find(';');
        std::string_view one = parameters.substr(0, semicolon);
        parameters.remove_prefix(semicolon == std::string_view::npos ? parameters.size()
                                                                     : semicolon + 1);
        std::string bare;
        std::ranges::copy_if(one, std::back_inserter(bare),
                             [](char c) { return c != ' ' && c != '\t' && c != '"' && c != ','; });
        if (bare == "rel=next") {
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<std::string> next_page(std::string_view link) {
    while (true) {
        const auto open = link.find('<');
        const auto close = open == std::string_view::npos ? open : link.find('>', open);
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view address = link.substr(open + 1, close - open - 1);
        link.remove_prefix(close + 1);
        if (is_next(link.substr(0, link.find('<')))) {
            return origin_form(address);
        }
    }
}

}  // namespace hubfs::meta
