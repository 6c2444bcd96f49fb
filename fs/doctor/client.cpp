// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "fs/base/percent.h"
#include "fs/doctor/choice.h"
#include "fs/doctor/client_rules.h"
#include "fs/doctor/limits.h"
#include "fs/hub/json.h"

namespace hubfs::doctor {
namespace {

constexpr std::string_view kMissingFile = "hf-mirror-doctor/no-such-file.json";
constexpr std::string_view kMissingRepo = "hf-mirror-doctor/no-such-repository";
constexpr std::string_view kWrongToken = "hf_00000000000000000000000000000doctor";
constexpr std::string_view kPlain = "Accept-Encoding: identity";

using MaybeFault = std::optional<Fault>;

class ClientChecks {
public:
    ClientChecks(const ClientPlan& plan, const Ask& ask) : plan_(plan), ask_(ask) {}
    Result<Findings> run();

private:
    // A question with its name in sentences, and what came.
    struct Asked {
        std::string name;
        Result<Trail> trail = fail(Code::cancelled, "not asked");
    };
    Asked question(const std::string& method, const std::string& target,
                   std::vector<std::string> headers = {});
    void conclude(std::string_view check, const MaybeFault& fault, std::string line);
    // The first rule that does not hold; none of them runs without an answer.
    template <class... Rules>
    static MaybeFault first_of(const Asked& asked, Rules... rules);

    void read_listing();
    void choose(const std::vector<hub::TreeEntry>& entries);
    void check_pages();
    void check_small_file();
    void check_head();
    void check_range();
    MaybeFault range_of(const FileFact& file, std::uint64_t size);
    void check_missing();
    void check_wrong_token();
    void check_whoami();
    void check_all_answers();

    [[nodiscard]] std::string api() const {
        return "/api/" + std::string(plural(plan_.repo.type)) + "/" + plan_.repo.id;
    }
    [[nodiscard]] std::string file_target(std::string_view path) const {
        const bool dataset = plan_.repo.type == RepoType::dataset;
        return (dataset ? "/datasets/" : "/") + plan_.repo.id + "/resolve/main/" +
               percent_encode(path, "/");
    }

    const ClientPlan& plan_;
    const Ask& ask_;
    Findings findings_;
    std::vector<Asked> asked_;  // everything, for the rules about all answers
    FileFact small_{"config.json"};
    std::optional<FileFact> large_;  // an LFS file, when the repository has one
    std::string small_body_;
    std::size_t entries_ = 0;  // of the listing
};

template <class... Rules>
MaybeFault ClientChecks::first_of(const Asked& asked, Rules... rules) {
    if (!asked.trail) {
        return unanswered(asked.name, asked.trail.error());
    }
    MaybeFault fault;
    static_cast<void>(((fault = rules(asked.name, *asked.trail), fault.has_value()) || ...));
    return fault;
}

ClientChecks::Asked ClientChecks::question(const std::string& method, const std::string& target,
                                           std::vector<std::string> headers) {
    upstream::OneRequest request;
    request.url = below(plan_.mirror, target);
    request.method = method;
    headers.emplace_back(kPlain);
    request.headers = std::move(headers);
    request.body_max_bytes = std::max<std::size_t>(kSmallFileMaxBytes, request.body_max_bytes);
    Asked asked{method + " " + request.url.target, follow(ask_, request)};
    asked_.push_back(asked);
    return asked;
}

void ClientChecks::conclude(std::string_view check, const MaybeFault& fault, std::string line) {
    findings_.push_back(fault ? failed(check, fault->seen, fault->sentence)
                              : passed(check, std::move(line)));
}

void ClientChecks::choose(const std::vector<hub::TreeEntry>& entries) {
    const Choice choice = choose_files(entries);
    large_ = choice.lfs;
    for (const auto& file : {choice.lfs, choice.small}) {  // the later one wins
        if (file && *file->size_bytes <= kSmallFileMaxBytes) {
            small_ = *file;
        }
    }
}

void ClientChecks::read_listing() {
    const Asked info = question("GET", api() + "/revision/main");
    auto fault = first_of(info, [](const std::string& name, const Trail& trail) -> MaybeFault {
        if (auto wrong = status_rule(name, trail, 200)) {
            return wrong;
        }
        const auto parsed = hub::parse_info(trail.answer.body);
        if (!parsed || !parsed->sha) {
            return Fault{"no description of a repository",
                         name +
                             " is answered with something else than the Hub's JSON: the "
                             "address given to clients must lead to the mirror itself."};
        }
        return std::nullopt;
    });
    if (fault) {
        findings_.push_back(failed("listing", fault->seen, fault->sentence));
        return;
    }
    const Asked tree = question("GET", api() + "/tree/main?recursive=true&expand=false");
    fault = first_of(tree, [this](const std::string& name, const Trail& trail) -> MaybeFault {
        if (auto wrong = status_rule(name, trail, 200)) {
            return wrong;
        }
        const auto entries = hub::parse_tree_page(trail.answer.body);
        if (!entries) {
            return Fault{"no list of files: " + entries.error().message,
                         name + " must answer with the Hub's list of files, but: " +
                             entries.error().message + "."};
        }
        entries_ = entries->size();
        choose(*entries);
        return std::nullopt;
    });
    conclude("listing", fault, plan_.repo.id + ", " + std::to_string(entries_) + " entries");
}

void ClientChecks::check_pages() {
    Asked page = question("GET", api() + "/tree/main?recursive=true&expand=false&limit=2");
    std::size_t seen = 0;
    std::size_t pages = 0;
    std::string last_path;
    const auto rule = [&](const std::string& name, const Trail& trail) -> MaybeFault {
        if (auto wrong = status_rule(name, trail, 200)) {
            return wrong;
        }
        const auto entries = hub::parse_tree_page(trail.answer.body);
        if (!entries || entries->empty() || entries->back().path == last_path) {
            return Fault{"a page without new entries",
                         name +
                             " repeats a page or holds no list: listings of many files never "
                             "end. Pass the cursor of the Link header through."};
        }
        seen += entries->size();
        last_path = entries->back().path;
        ++pages;
        return std::nullopt;
    };
    MaybeFault fault = first_of(page, rule);
    while (!fault && pages < kPagesMax) {
        const auto next = next_of(page.trail->field("link"));
        if (!next) {
            break;
        }
        const auto url = upstream::parse_url(*next);
        if (!url || !url->same_origin(plan_.mirror)) {
            fault =
                Fault{"Link leads to " + (url ? url->origin() : *next),
                      page.name + ": the next page in Link is at " + (url ? url->origin() : *next) +
                          "; clients follow it past the mirror with their token. Rewrite it "
                          "to the address clients use (http.public_url)."};
            break;
        }
        std::string prefix = below(plan_.mirror, "").target;
        page = question("GET", url->target.starts_with(prefix) ? url->target.substr(prefix.size())
                                                               : url->target);
        fault = first_of(page, rule);
    }
    if (!fault && pages < kPagesMax && seen < entries_) {
        fault = Fault{"pages end after " + std::to_string(seen) + " of " +
                          std::to_string(entries_) + " entries",
                      page.name +
                          " has no Link rel=\"next\" although there is more: clients see "
                          "part of the files. A proxy in front may remove the header."};
    }
    conclude("pages", fault, std::to_string(pages) + " pages, Link stays on the mirror");
}

void ClientChecks::check_small_file() {
    const Asked asked = question("GET", file_target(small_.path));
    const auto fault = first_of(
        asked, [](const auto& name, const Trail& trail) { return status_rule(name, trail, 200); },
        [this](const auto& name, const Trail& trail) { return identity_rule(name, trail, small_); },
        [this](const auto& name, const Trail& trail) { return content_rule(name, trail, small_); });
    if (!fault) {
        small_body_ = asked.trail->answer.body;
    }
    conclude("small file", fault,
             small_.path + ", " + std::to_string(small_body_.size()) + " bytes" +
                 (small_.etag.empty() ? "" : ", hash as listed"));
}

void ClientChecks::check_head() {
    MaybeFault fault;
    for (const FileFact& file : large_ ? std::vector{small_, *large_} : std::vector{small_}) {
        if (fault) {
            break;
        }
        const Asked asked = question("HEAD", file_target(file.path));
        fault = first_of(
            asked,
            [](const auto& name, const Trail& trail) { return status_rule(name, trail, 200); },
            [&](const auto& name, const Trail& trail) { return identity_rule(name, trail, file); },
            [&](const auto& name, const Trail& trail) { return length_rule(name, trail, file); });
    }
    conclude("head", fault, "ETag, X-Repo-Commit and Content-Length as listed");
}

MaybeFault ClientChecks::range_of(const FileFact& file, std::uint64_t size) {
    const std::uint64_t first = size / 3;
    const std::uint64_t last = std::min(first + kRangeBytes, size) - 1;
    const std::string bytes = std::to_string(first) + "-" + std::to_string(last);
    const Asked part = question("GET", file_target(file.path), {"Range: bytes=" + bytes});
    const auto same = [&](const std::string& name, const Trail& trail) -> MaybeFault {
        if (file.path == small_.path && small_body_.size() == size &&
            trail.answer.body != small_body_.substr(first, last - first + 1)) {
            return Fault{"other bytes than the whole file has there",
                         name + ": bytes " + bytes +
                             " differ from the whole file's; the mirror "
                             "serves a wrong file: take it off the network."};
        }
        return std::nullopt;
    };
    auto fault = first_of(
        part,
        [&](const auto& name, const Trail& trail) {
            return range_rule(name, trail, first, last, size);
        },
        [&](const auto& name, const Trail& trail) { return identity_rule(name, trail, file); },
        same);
    if (fault) {
        return fault;
    }
    const Asked behind =
        question("GET", file_target(file.path), {"Range: bytes=" + std::to_string(size) + "-"});
    return first_of(behind, [&](const auto& name, const Trail& trail) {
        return unsatisfiable_rule(name, trail, size);
    });
}

void ClientChecks::check_range() {
    std::vector<std::pair<FileFact, std::uint64_t>> files;
    if (const std::uint64_t size = small_.size_bytes.value_or(small_body_.size()); size > 0) {
        files.emplace_back(small_, size);
    }
    if (large_) {
        files.emplace_back(*large_, *large_->size_bytes);
    }
    MaybeFault fault;
    if (files.empty()) {
        fault = Fault{"no file could be read",
                      "no file of " + plan_.repo.id + " can be read, so ranges were not tried."};
    }
    for (const auto& [file, size] : files) {
        fault = fault ? fault : range_of(file, size);
    }
    conclude("range", fault,
             std::string("206 and 416 of ") + (large_ ? "a small and an LFS file" : "a file"));
}

void ClientChecks::check_missing() {
    conclude("missing file",
             first_of(question("GET", file_target(kMissingFile)), missing_file_rule),
             "404 EntryNotFound with X-Repo-Commit");
    conclude(
        "missing repo",
        first_of(question("GET", "/api/models/" + std::string(kMissingRepo)), missing_repo_rule),
        "RepoNotFound");
}

void ClientChecks::check_wrong_token() {
    const std::vector<std::string> wrong = {"Authorization: Bearer " + std::string(kWrongToken)};
    auto fault = first_of(
        question("GET", file_target(small_.path), wrong),
        [](const auto& name, const Trail& trail) { return status_rule(name, trail, 200); });
    if (!fault) {
        fault = first_of(
            question("GET", api() + "/revision/main", wrong),
            [](const auto& name, const Trail& trail) { return status_rule(name, trail, 200); });
    }
    if (fault) {
        fault->sentence +=
            " A wrong token was sent with it: a mirror must not look at tokens on "
            "public content.";
    }
    conclude("wrong token", fault, "public content is served all the same");
}

void ClientChecks::check_whoami() {
    const bool own = !plan_.token.empty();
    const Asked asked =
        question("GET", "/api/whoami-v2",
                 {"Authorization: Bearer " + (own ? plan_.token : std::string(kWrongToken))});
    auto fault = first_of(asked, [&](const auto& name, const Trail& trail) {
        return status_rule(name, trail, own ? 200 : 401);
    });
    if (fault && own && asked.trail && asked.trail->status() == 401) {
        fault = Fault{"the Hub does not know this token",
                      asked.name + " is 401: ask with a token that the Hub accepts (--token)."};
    } else if (fault) {
        fault->sentence +=
            " Requests about accounts must be passed through to the Hub with their "
            "token (http.passthrough).";
    }
    conclude("whoami", fault, own ? "the token is passed through" : "passed through, 401 as it is");
}

// Rules that hold for every answer: the first breach of each is told.
void ClientChecks::check_all_answers() {
    const auto all = [this](auto rule, std::string_view only) {
        MaybeFault fault;
        for (const Asked& asked : asked_) {
            if (!fault && asked.trail && asked.name.find(only) != std::string::npos) {
                fault = rule(asked.name, *asked.trail);
            }
        }
        return fault;
    };
    conclude("redirects",
             all(
                 [](const auto& name, const Trail& trail) {
                     return trail.foreign ? status_rule(name, trail, 200) : std::nullopt;
                 },
                 ""),
             "none leaves the mirror");
    conclude("xet", all(xet_rule, ""), "no Xet header, link or hash");
    conclude("x-cache", all(cache_rule, "/resolve/main/"), "on every answer");
    conclude("browser", all(cors_rule, ""), "Access-Control-Allow-Origin: * on every answer");
}

Result<Findings> ClientChecks::run() {
    read_listing();
    // After these nothing else says anything new: nobody is there, or nobody who speaks HTTP.
    if (const auto& first = asked_.front().trail;
        !first &&
        (first.error().code == Code::unreachable || first.error().code == Code::protocol)) {
        return std::unexpected(first.error());
    }
    check_pages();
    check_small_file();
    check_head();
    check_range();
    check_missing();
    check_wrong_token();
    check_whoami();
    conclude("agent harness", first_of(question("GET", "/api/agent-harnesses"), harness_rule),
             "answered in a form that clients understand");
    check_all_answers();
    return std::move(findings_);
}

}  // namespace

std::optional<RepoKey> repo_from(std::string_view text) {
    constexpr std::string_view kDatasets = "datasets/";
    RepoKey repo;
    if (text.starts_with(kDatasets)) {
        repo.type = RepoType::dataset;
        text.remove_prefix(kDatasets.size());
    }
    if (!valid_repo_id(text)) {
        return std::nullopt;
    }
    repo.id = text;
    return repo;
}

Result<Findings> check_client(const ClientPlan& plan, const Ask& ask) {
    return ClientChecks(plan, ask).run();
}

}  // namespace hubfs::doctor
