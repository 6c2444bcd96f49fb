// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/resolve.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "fs/base/hash.h"
#include "fs/contract.h"
#include "httpd/http/target.h"
#include "httpd/mount/safe_path.h"
#include "httpd/routes/answers.h"
#include "httpd/routes/file_body.h"
#include "httpd/routes/repo_gate.h"
#include "httpd/routes/status_of.h"

namespace httpd::routes {

namespace contract = hubfs::contract;
using http::CacheResult;
using http::Request;

namespace {

// A body this small is read at once when it is held: one visit to the pool for the whole answer.
constexpr std::uint64_t kInlineBytesMax = 64 * 1024;
// A client that got wrong bytes before the hash told resumes within this time, or starts anew.
constexpr std::chrono::minutes kDoubtedFor{10};

void note(http::Response& response, const Revision& revision, CacheResult result,
          hubfs::Instant now) {
    response.cache = mount::cache_note(revision.cache, revision.fresh, now);
    response.cache.result = result;
}

// Of bytes that are not all held: were there any (RFC 9211 section 2.2), and whose question to
// upstream brings them?
std::string missing_bytes_status(const mount::OpenFile& file, bool collapsed) {
    const auto cached = file.attribute(contract::kXattrCached);
    const bool none = cached && *cached && (cached->value() == "none" || (*cached)->empty());
    return std::string(none ? "fwd=uri-miss" : "fwd=partial") +
           (collapsed ? "; collapsed" : "; fwd-status=206; stored");
}

// What an answer waits for before its head is sent.
hubfs::ByteRange first_piece(const std::vector<Segment>& segments) {
    const auto segment = std::ranges::find_if(segments, &Segment::of_file);
    if (segment == segments.end()) {
        return {};
    }
    const hubfs::ByteRange range = segment->range;
    return {range.first, std::min(range.end, range.first + kFirstPieceBytes)};
}

bool is_absence(int error) {
    return error == ENOENT || error == ENOTDIR || error == EISDIR || error == ELOOP ||
           error == ENAMETOOLONG;
}

// Which level of the path is not there.
Outcome absent(const Context& context, const Request& request, const Route& route,
               const OpenRepo& repo, Revision& revision) {
    const auto commit = context.reader.look(repo.path + "/" + revision.commit);
    if (!commit && commit.error() != ENOENT) {
        return repo_failure(context, request, route, commit.error());
    }
    if (!commit) {
        return missing_revision(context, request, route, revision.name);
    }
    if (auto ended = not_open(context, request, route, repo.path)) {
        return std::move(*ended);
    }
    Outcome outcome = answer(entry_not_found(revision.commit, false));
    settle(context, request, route.repo, repo, revision);
    note(outcome.response, revision, revision.cache, context.clock.now());
    return outcome;
}

struct Attributes {
    std::string etag, sha256, oid;
    bool verified = false;
};

// What the mount says about a file; nothing when it says less than the contract promises.
std::optional<Attributes> read_attributes(const mount::OpenFile& file) {
    const auto text = [&](std::string_view name) {
        const auto value = file.attribute(name);
        return value && *value ? **value : std::string();
    };
    Attributes attributes{text(contract::kXattrEtag), text(contract::kXattrSha256),
                          text(contract::kXattrOid), false};
    attributes.verified = text(contract::kXattrVerified) == "1";
    if (attributes.etag.empty()) {
        return std::nullopt;
    }
    return attributes;
}

bool all_held(const mount::OpenFile& file, const std::vector<Segment>& segments) {
    for (const Segment& segment : segments) {
        if (segment.of_file() && !file.held(segment.range)) {
            return false;
        }
    }
    return true;
}

// The pointer text of an LFS file is ours to make: its parts become text.
Outcome pointer_answer(FileAnswer planned, const std::string& pointer) {
    Outcome outcome = answer(std::move(planned.response));
    for (const Segment& segment : planned.segments) {
        outcome.response.text += segment.of_file()
                                     ? pointer.substr(segment.range.first, segment.range.size())
                                     : segment.text;
    }
    return outcome;
}

Outcome bytes_answer(const Context& context, const OpenRepo& repo, FileAnswer planned,
                     mount::OpenFile file, const Attributes& attributes, bool held,
                     UnderWay::Ticket ticket, std::uint64_t epoch) {
    Outcome outcome = answer(std::move(planned.response));
    if (planned.segments.empty()) {
        return outcome;
    }
    if (held && planned.segments.size() == 1 && outcome.response.length <= kInlineBytesMax) {
        const hubfs::ByteRange range = planned.segments.front().range;
        auto bytes = file.read(range.first, static_cast<std::size_t>(range.size()));
        if (!bytes || bytes->size() != range.size()) {
            return answer(failure_response(bytes ? EIO : bytes.error(), false));
        }
        outcome.response.text = std::move(*bytes);
        return outcome;
    }
    auto wrong = [&doubted = context.doubted, &clock = context.clock, etag = attributes.etag] {
        const hubfs::Instant now = clock.now();
        doubted.remember(etag, now + kDoubtedFor, now);
    };
    auto body = std::make_unique<FileBody>(context.reader, context.epoch, context.pool,
                                           FileBodySource{.file = std::move(file),
                                                          .segments = std::move(planned.segments),
                                                          .verified = attributes.verified,
                                                          .repo_path = repo.path,
                                                          .cold_key = repo.path,
                                                          .epoch = epoch,
                                                          .state_every = context.settings.state,
                                                          .wrong = std::move(wrong),
                                                          .ticket = std::move(ticket)});
    if (!held) {
        outcome.prime = body.get();
        outcome.cold_key = repo.path;
    }
    outcome.response.source = std::move(body);
    return outcome;
}

Outcome found(const Context& context, const Request& request, const Route& route,
              const OpenRepo& repo, const Revision& revision, mount::OpenFile file,
              std::uint64_t epoch) {
    const auto attributes = read_attributes(file);
    if (!attributes) {
        return repo_failure(context, request, route, EPROTO);
    }
    const hubfs::Instant now = context.clock.now();
    const bool pointer = route.kind == Kind::raw && !attributes->sha256.empty();
    const std::string pointer_text =
        pointer ? lfs_pointer(attributes->sha256, file.size()) : std::string();
    const auto parameters = http::parse_query(request.query);
    FileFacts facts;
    facts.path = route.path;
    facts.size = pointer ? pointer_text.size() : file.size();
    facts.etag = pointer ? attributes->oid : attributes->etag;
    facts.sha256 = attributes->sha256;
    facts.commit = revision.commit;
    facts.cache_control = cache_control(revision, now);
    facts.lfs = !attributes->sha256.empty() && !pointer;
    facts.pointer = pointer;
    facts.attachment = http::flag_parameter(parameters, "download");
    // Nobody can have put this into the file beforehand: it holds the hash of the content.
    const std::string boundary =
        hubfs::to_hex(hubfs::sha1(facts.etag + hubfs::to_text(request.started)).data(), 20);
    facts.verified = attributes->verified;
    facts.doubted = context.doubted.contains(facts.etag, now);
    FileAnswer planned = answer_file(request, facts, boundary, now);
    if (pointer) {
        Outcome outcome = pointer_answer(std::move(planned), pointer_text);
        note(outcome.response, revision, revision.cache, now);
        return outcome;
    }
    const bool held = attributes->verified || all_held(file, planned.segments);
    const CacheResult result =
        http::worst(revision.cache, held ? CacheResult::hit : CacheResult::miss);
    UnderWay::Joined joined;
    std::string missing;
    if (!held) {
        joined = context.under_way.join(attributes->etag, first_piece(planned.segments));
        missing = missing_bytes_status(file, joined.collapsed);
    }
    Outcome outcome = bytes_answer(context, repo, std::move(planned), std::move(file), *attributes,
                                   held, std::move(joined.ticket), epoch);
    if (outcome.response.status < 500) {
        note(outcome.response, revision, result, now);
        if (!held) {
            outcome.response.cache.status = std::move(missing);
        }
        const bool known_until = revision.pinned || revision.fresh.expires;
        if (attributes->verified && result == CacheResult::hit && known_until) {
            outcome.response.keep = http::Keep{epoch, revision.fresh.expires};
        }
    }
    return outcome;
}

}  // namespace

Outcome resolve(const Context& context, const Request& request, const Route& route) {
    auto gate = open_repo(context, request, route, false);
    if (auto* const ended = std::get_if<Outcome>(&gate)) {
        return std::move(*ended);
    }
    const OpenRepo& repo = std::get<OpenRepo>(gate);
    const auto epoch = context.epoch.current();
    if (!epoch) {
        return answer(failure_response(ENOTCONN, false));
    }
    auto looked_up = find_revision(context, request, route, repo, route.revision);
    if (auto* const ended = std::get_if<Outcome>(&looked_up)) {
        return std::move(*ended);
    }
    auto& revision = std::get<std::optional<Revision>>(looked_up);
    if (!revision) {
        return missing_revision(context, request, route, route.revision);
    }
    if (!mount::safe_file_path(route.path)) {
        return absent(context, request, route, repo, *revision);
    }
    auto file = context.reader.open(repo.path + "/" + revision->commit + "/" + route.path);
    if (!file) {
        return is_absence(file.error()) ? absent(context, request, route, repo, *revision)
                                        : repo_failure(context, request, route, file.error());
    }
    settle(context, request, route.repo, repo, *revision);
    return found(context, request, route, repo, *revision, std::move(*file), *epoch);
}

}  // namespace httpd::routes
