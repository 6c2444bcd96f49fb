// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/doctor.h"

#include <cstdio>
#include <utility>

#include "fs/base/clock.h"
#include "fs/base/exit_code.h"
#include "fs/doctor/client.h"
#include "fs/doctor/facts.h"
#include "fs/doctor/limits.h"
#include "fs/doctor/node.h"
#include "fs/doctor/upstream.h"

namespace hubfs::doctor {
namespace {

Ask asker(upstream::AskerConfig config) {
    config.deadline = kExchangeDeadline;
    return [config = std::move(config)](const upstream::OneRequest& request) {
        return upstream::ask_once(config, request);
    };
}

Ask upstream_asker(const Options& options) {
    return asker(
        {.proxy = options.text("upstream.proxy"), .ca_file = options.text("upstream.ca_file")});
}

int refuse(const std::string& reason) {
    std::fprintf(stderr, "hf-mirror: %s\n", reason.c_str());
    return kExitUsage;
}

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);  // some checks take a while
}

int conclude(const Findings& findings) {
    print(summary(findings));
    return any_failed(findings) ? kExitFailed : kExitOk;
}

int report(const Result<Findings>& findings, const std::string& whom, std::string_view lead) {
    if (!findings) {
        std::fprintf(stderr, "hf-mirror: cannot reach %s: %s\n", whom.c_str(),
                     findings.error().message.c_str());
        return kExitFailed;
    }
    for (const Finding& finding : *findings) {
        print(to_text(finding, lead));
    }
    return conclude(*findings);
}

}  // namespace

int run_client(const ClientWords& words) {
    const auto url = upstream::parse_url(words.url);
    if (!url || url->target.find('?') != std::string::npos) {
        return refuse("--client " + words.url + ": no http or https address");
    }
    const auto repo = repo_from(words.repo.empty() ? kDefaultRepo : words.repo);
    if (!repo) {
        return refuse("--repo " + words.repo + ": no namespace/name or datasets/namespace/name");
    }
    if (words.token.find_first_of("\r\n") != std::string::npos) {
        return refuse("the token has more than one line");
    }
    const Ask ask = asker({.ca_file = words.ca_file});
    return report(check_client({*url, *repo, words.token}, ask), url->origin(),
                  "tell the mirror's operator");
}

int run_upstream(const Options& options, const std::string& url, const std::string& repo) {
    const auto hub = upstream::parse_url(url.empty() ? options.text("upstream.url") : url);
    if (!hub || hub->target.find('?') != std::string::npos) {
        return refuse("--upstream " + url + ": no http or https address");
    }
    const auto key = repo_from(repo.empty() ? kDefaultRepo : repo);
    if (!key || key->type != RepoType::model) {
        return refuse("--repo " + repo + ": no namespace/name of a model");
    }
    const auto facts = parse_facts(recorded_facts());
    const auto hosts = upstream::HostList::parse(options.list("upstream.content_hosts"));
    if (!facts || !hosts) {
        return refuse((facts ? hosts.error() : facts.error()).message);
    }
    return report(check_upstream({*hub, *key, *hosts}, *facts, upstream_asker(options)),
                  hub->origin(), "to do");
}

int run_node(const Options& options, std::optional<std::uint64_t> held_bytes) {
    Findings findings;
    const NodePlan plan{.options = options,
                        .held_bytes = held_bytes,
                        .upstream = upstream_asker(options),
                        .local = asker({.proxy = ""})};
    check_node(plan, Clock(), [&](const Finding& finding) {
        print(to_text(finding, "to do"));
        findings.push_back(finding);
    });
    return conclude(findings);
}

}  // namespace hubfs::doctor
