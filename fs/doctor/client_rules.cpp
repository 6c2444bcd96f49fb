// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/client_rules.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "fs/base/hash.h"
#include "fs/base/hub_types.h"

namespace hubfs::doctor {
namespace {

std::string said(const Trail& trail) {
    std::string text = std::to_string(trail.status());
    for (const char* const name : {"x-error-code", "x-error-message"}) {
        if (const std::string value = trail.field(name); !value.empty()) {
            text += ", " + value;
        }
    }
    return text;
}

// Why a status that nobody wanted may have come.
std::string reason_for(const Trail& trail) {
    const int status = trail.status();
    if (status == 502 || status == 503 || status == 504) {
        return "the mirror does not hold it and gets no answer from the Hub; `hf-mirror doctor` on "
               "the mirror says why.";
    }
    if (status >= 500) {
        return "the mirror itself fails.";
    }
    if (status == 429) {
        return "this client is over the mirror's limit; raise or exempt it.";
    }
    if (status == 401 || status == 403) {
        return "the mirror, or something in front of it, refuses what is public on the Hub.";
    }
    if (status == 404 && trail.field("x-error-code").empty()) {
        return "no Hub answers under this address: a 404 of the Hub carries X-Error-Code. The "
               "address given to clients must lead to the mirror itself, not to plain files or to "
               "another site.";
    }
    return "the Hub answers otherwise.";
}

Fault fault(const std::string& request, std::string seen, const std::string& consequence) {
    return {seen, request + ": " + seen + "; " + consequence};
}

bool hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

Fault unanswered(const std::string& request, const Error& error) {
    return fault(request, "no answer (" + error.message + ")",
                 error.code == Code::timed_out
                     ? "clients give up after 10 s without a byte; stream while fetching."
                     : "the connection must end with an answer, or clients call the mirror down.");
}

std::optional<Fault> status_rule(const std::string& request, const Trail& trail, int wanted) {
    if (trail.foreign) {
        return fault(
            request,
            std::to_string(trail.status()) + " to " + trail.foreign->origin() + ", another host",
            "clients follow it past the mirror, some with their token. Serve the file, or "
            "redirect by a path.");
    }
    if (trail.status() == wanted) {
        return std::nullopt;
    }
    return fault(request, "status " + said(trail) + " instead of " + std::to_string(wanted),
                 reason_for(trail));
}

std::optional<Fault> identity_rule(const std::string& request, const Trail& trail,
                                   const FileFact& file) {
    if (!hex(trail.field("x-repo-commit"), 40)) {
        return fault(request, "no X-Repo-Commit",
                     "clients refuse such a file (\"does not seem to be served by a Hugging Face "
                     "Hub endpoint\"). Something removes the header, or plain files are served.");
    }
    const std::string linked = trail.field("x-linked-etag");
    const std::string etag{bare_etag(linked.empty() ? trail.field("etag") : linked)};
    if (etag.empty()) {
        return fault(request, "no ETag",
                     "clients need it to name the file in their cache. A compressing proxy may "
                     "remove it.");
    }
    if (!file.etag.empty() && etag != file.etag) {
        return fault(request, "ETag " + etag + ", the listing says " + file.etag,
                     "it must be the git blob's SHA-1, or the SHA-256 of an LFS file.");
    }
    return std::nullopt;
}

std::optional<Fault> length_rule(const std::string& request, const Trail& trail,
                                 const FileFact& file) {
    if (const std::string coding = trail.field("content-encoding"); !coding.empty()) {
        return fault(request, "Content-Encoding " + coding,
                     "files must not be compressed on the way; switch it off in the proxy in "
                     "front.");
    }
    const auto length = trail.answer.head.single("content-length");
    const auto bytes = length ? upstream::parse_length(*length) : std::nullopt;
    if (!bytes) {
        return fault(request, "no Content-Length",
                     "clients cannot tell the size of the file. A proxy in front that compresses "
                     "removes it; switch that off.");
    }
    if (file.size_bytes && *bytes != *file.size_bytes) {
        return fault(request,
                     "Content-Length " + std::to_string(*bytes) + ", the listing says " +
                         std::to_string(*file.size_bytes),
                     "clients refuse a file of another size.");
    }
    return std::nullopt;
}

std::optional<Fault> content_rule(const std::string& request, const Trail& trail,
                                  const FileFact& file) {
    const std::string& body = trail.answer.body;
    if (file.size_bytes && body.size() != *file.size_bytes) {
        return fault(request,
                     std::to_string(body.size()) + " bytes, the listing says " +
                         std::to_string(*file.size_bytes),
                     "the mirror serves a wrong file: take it off the network until that is "
                     "found.");
    }
    if (file.etag.empty()) {
        return std::nullopt;
    }
    const HashKind kind = file.lfs ? HashKind::sha256 : HashKind::git_sha1;
    if (hash_content(kind, std::as_bytes(std::span(body))).hex() != file.etag) {
        return fault(request, "bytes that do not have the hash of the listing",
                     "the mirror serves a wrong file: take it off the network until that is "
                     "found.");
    }
    return std::nullopt;
}

std::optional<Fault> range_rule(const std::string& request, const Trail& trail, std::uint64_t first,
                                std::uint64_t last, std::uint64_t size) {
    if (trail.status() == 200) {
        return fault(request, "200 with the whole file instead of 206",
                     "ranges do not work, so no download can be resumed. Pass Range on to the "
                     "mirror.");
    }
    if (auto wrong = status_rule(request, trail, 206)) {
        return wrong;
    }
    const std::string wanted =
        "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + std::to_string(size);
    if (const std::string found = trail.field("content-range"); found != wanted) {
        return fault(request,
                     found.empty() ? "206 without Content-Range" : "Content-Range " + found,
                     "it must be \"" + wanted + "\".");
    }
    if (trail.answer.body.size() != last - first + 1) {
        return fault(request, std::to_string(trail.answer.body.size()) + " bytes",
                     "the range has " + std::to_string(last - first + 1) + ".");
    }
    return std::nullopt;
}

std::optional<Fault> unsatisfiable_rule(const std::string& request, const Trail& trail,
                                        std::uint64_t size) {
    if (auto wrong = status_rule(request, trail, 416)) {
        return wrong;
    }
    const std::string wanted = "bytes */" + std::to_string(size);
    if (trail.field("content-range") != wanted) {
        return fault(request, "416 without Content-Range: " + wanted,
                     "clients that resume a complete download read the size there.");
    }
    return std::nullopt;
}

std::optional<Fault> missing_file_rule(const std::string& request, const Trail& trail) {
    if (auto wrong = status_rule(request, trail, 404)) {
        return wrong;
    }
    if (trail.field("x-error-code") != "EntryNotFound") {
        return fault(request, "404 without X-Error-Code: EntryNotFound",
                     "clients take it for a failure and stop; files that may be absent are asked "
                     "for all the time.");
    }
    if (!hex(trail.field("x-repo-commit"), 40)) {
        return fault(request, "404 without X-Repo-Commit",
                     "clients cannot remember that the file is absent, and ask again each time.");
    }
    return std::nullopt;
}

std::optional<Fault> missing_repo_rule(const std::string& request, const Trail& trail) {
    if (trail.status() == 404 || trail.status() == 401) {
        if (trail.field("x-error-code") == "RepoNotFound") {
            return std::nullopt;
        }
        return fault(request,
                     std::to_string(trail.status()) + " without X-Error-Code: RepoNotFound",
                     "clients report a broken connection instead of a missing repository.");
    }
    return status_rule(request, trail, 404);
}

std::optional<Fault> xet_rule(const std::string& request, const Trail& trail) {
    for (const upstream::ResponseHead* const head : {&trail.first, &trail.answer.head}) {
        for (const auto& [name, value] : head->fields) {
            const bool link = name == "link" && value.find("xet-") != std::string::npos;
            if (link || name.starts_with("x-xet-")) {
                return fault(request, "the header " + name,
                             "clients with hf_xet then download from the Hub, past the mirror. "
                             "Remove X-Xet-*, Link rel=\"xet-…\" and xetHash from every answer.");
            }
        }
    }
    const bool json = trail.field("content-type").starts_with("application/json");
    if (json && trail.answer.body.find("\"xetHash\"") != std::string::npos) {
        return fault(request, "xetHash in the JSON",
                     "clients with hf_xet then download from the Hub, past the mirror. Remove it.");
    }
    return std::nullopt;
}

std::optional<Fault> cache_rule(const std::string& request, const Trail& trail) {
    constexpr auto kWords = std::to_array<std::string_view>({"HIT", "MISS", "REVALIDATED"});
    const std::string word = trail.field("x-cache");
    if (std::ranges::find(kWords, word) != kWords.end()) {
        return std::nullopt;
    }
    return fault(request, word.empty() ? "no X-Cache" : "X-Cache: " + word,
                 "it must say HIT, MISS or REVALIDATED. A proxy in front removes or replaces it, "
                 "or this is no mirror.");
}

std::optional<Fault> cors_rule(const std::string& request, const Trail& trail) {
    const std::string allowed = trail.field("access-control-allow-origin");
    if (allowed == "*") {
        return std::nullopt;
    }
    return fault(request,
                 allowed.empty() ? "no Access-Control-Allow-Origin"
                                 : "Access-Control-Allow-Origin: " + allowed,
                 "web pages (transformers.js) cannot use the mirror; every answer must carry *, "
                 "errors too.");
}

std::optional<Fault> harness_rule(const std::string& request, const Trail& trail) {
    if (trail.foreign) {
        return status_rule(request, trail, 404);
    }
    const std::size_t first = trail.answer.body.find_first_not_of(" \t\r\n");
    if (trail.status() == 200 && (first == std::string::npos || trail.answer.body[first] != '{')) {
        return fault(request, "200 with something that is no JSON object",
                     "every call of huggingface_hub fails on it; answer 404 or an object.");
    }
    return std::nullopt;
}

}  // namespace hubfs::doctor
