// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/upstream.h"

#include <boost/json/parse.hpp>
#include <map>
#include <optional>
#include <utility>

#include "fs/base/percent.h"
#include "fs/doctor/choice.h"
#include "fs/doctor/shape.h"
#include "fs/hub/json.h"

namespace hubfs::doctor {
namespace {

constexpr std::string_view kChanged =
    "clients or hf-mirror rely on this: look for a newer hf-mirror, else report it with this line";
constexpr int kJsonDepthMax = 64;

Finding told(const Fact& fact, const Difference& difference) {
    const std::string line = difference.added
                                 ? difference.field + " was not recorded: " + difference.found
                                 : difference.field + ": recorded " + difference.expected +
                                       ", found " + difference.found;
    return difference.needed ? failed(fact.name, line, std::string(kChanged))
                             : noted(fact.name, line);
}

Finding unexpected_status(const Fact& fact, const upstream::ResponseHead& head) {
    std::string line = "status: recorded " + std::to_string(fact.status) + ", found " +
                       std::to_string(head.status);
    if (fact.optional) {
        return noted(fact.name, line + "; the repository asked about may be gone");
    }
    if (head.status == 429) {
        return failed(fact.name, line,
                      "this address is over the Hub's quota; try again in five minutes");
    }
    if (head.status >= 500) {
        return failed(fact.name, line, "the Hub fails at the moment; try again later");
    }
    return failed(fact.name, line, std::string(kChanged));
}

class Comparer {
public:
    Comparer(const UpstreamPlan& plan, const Ask& ask) : plan_(plan), ask_(ask) {
        names_["repo"] = percent_encode(plan.repo.id, "/");
    }
    Result<Findings> run(std::span<const Fact> facts);

private:
    [[nodiscard]] std::optional<std::string> filled(std::string_view text) const;
    [[nodiscard]] std::optional<upstream::OneRequest> request_of(const Fact& fact) const;
    void learn(const upstream::OneRequest& request, const upstream::OneAnswer& answer);
    void check_host(const Fact& fact, const upstream::Url& url);

    const UpstreamPlan& plan_;
    const Ask& ask_;
    std::map<std::string, std::string, std::less<>> names_;  // {repo}, {small}, {lfs}
    std::optional<upstream::Url> location_;                  // of the answer before
    Findings findings_;
};

// Nothing when a name in braces is not known.
std::optional<std::string> Comparer::filled(std::string_view text) const {
    std::string out;
    while (true) {
        const std::size_t open = text.find('{');
        out += text.substr(0, open);
        if (open == std::string_view::npos) {
            return out;
        }
        const std::size_t close = text.find('}', open);
        const auto name = names_.find(text.substr(open + 1, close - open - 1));
        if (close == std::string_view::npos || name == names_.end()) {
            return std::nullopt;
        }
        out += name->second;
        text.remove_prefix(close + 1);
    }
}

std::optional<upstream::OneRequest> Comparer::request_of(const Fact& fact) const {
    upstream::OneRequest request;
    request.method = fact.method;
    if (fact.target == "{location}") {
        if (!location_) {
            return std::nullopt;
        }
        request.url = *location_;
    } else {
        const auto target = filled(fact.target);
        if (!target) {
            return std::nullopt;
        }
        request.url = below(plan_.hub, *target);
    }
    const auto form = filled(fact.form);
    if (!form) {
        return std::nullopt;
    }
    request.body = *form;
    request.headers.emplace_back("Accept-Encoding: identity");
    if (!fact.range.empty()) {
        request.headers.push_back("Range: " + fact.range);
    }
    return request;
}

// What later questions need of this answer.
void Comparer::learn(const upstream::OneRequest& request, const upstream::OneAnswer& answer) {
    const auto location = answer.head.single("location");
    location_ = location ? upstream::resolve(request.url, *location) : std::nullopt;
    const auto entries = hub::parse_tree_page(answer.body);
    if (!entries || names_.contains("small")) {
        return;
    }
    const Choice choice = choose_files(*entries);
    if (choice.small) {
        names_["small"] = percent_encode(choice.small->path, "/");
    }
    if (choice.lfs) {
        names_["lfs"] = percent_encode(choice.lfs->path, "/");
    }
}

void Comparer::check_host(const Fact& fact, const upstream::Url& url) {
    if (url.same_origin(plan_.hub) || plan_.content_hosts.allows(url)) {
        return;
    }
    findings_.push_back(failed(fact.name, "content comes from " + url.origin(),
                               "add \"" + url.host +
                                   "\" to upstream.content_hosts, or nothing "
                                   "kept in LFS can be fetched"));
}

Result<Findings> Comparer::run(std::span<const Fact> facts) {
    bool answered = false;
    for (const Fact& fact : facts) {
        const auto request = request_of(fact);
        if (!request) {
            findings_.push_back(noted(fact.name, "not asked: " + plan_.repo.id +
                                                     " has no such file, or an answer before this "
                                                     "one did not say it"));
            location_.reset();
            continue;
        }
        const auto answer = ask_(*request);
        if (!answer) {
            if (!answered) {
                return std::unexpected(answer.error());
            }
            findings_.push_back(failed(fact.name, "no answer: " + answer.error().message,
                                       "check the network between here and " + request->url.host));
            location_.reset();
            continue;
        }
        answered = true;
        for (Finding& finding : judge(fact, *answer)) {
            findings_.push_back(std::move(finding));
        }
        learn(*request, *answer);
        if (location_ && answer->head.status == fact.status) {
            check_host(fact, *location_);
        }
    }
    return std::move(findings_);
}

}  // namespace

Findings judge(const Fact& fact, const upstream::OneAnswer& answer) {
    if (answer.head.status != fact.status) {
        return {unexpected_status(fact, answer.head)};
    }
    Differences differences;
    compare_fields(fact.headers, answer.head, differences);
    if (!fact.body.is_null()) {
        boost::system::error_code bad;
        boost::json::parse_options options;
        options.max_depth = kJsonDepthMax;
        const auto value = boost::json::parse(answer.body, bad, {}, options);
        if (bad || answer.cut) {
            differences.push_back({"body", "JSON", bad ? bad.message() : "too much", true});
        } else {
            compare_json(fact.body, value, differences);
        }
    }
    if (differences.empty()) {
        return {passed(fact.name, "as recorded")};
    }
    Findings findings;
    bool broken = false;
    for (const Difference& difference : differences) {
        findings.push_back(told(fact, difference));
        broken = broken || difference.needed;
    }
    if (!broken) {
        findings.insert(findings.begin(), passed(fact.name, "everything needed is as recorded"));
    }
    return findings;
}

Result<Findings> check_upstream(const UpstreamPlan& plan, std::span<const Fact> facts,
                                const Ask& ask) {
    return Comparer(plan, ask).run(facts);
}

}  // namespace hubfs::doctor
