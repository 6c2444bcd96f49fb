// SPDX-License-Identifier: Apache-2.0
// What clients need of one answer, rule by rule. Pure. A rule says nothing when it holds, and else
// what was seen and the sentence for the mirror's operator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fs/doctor/choice.h"
#include "fs/doctor/trail.h"

namespace hubfs::doctor {

struct Fault {
    std::string seen;
    std::string sentence;
};

// `request` names the question in the sentence: "GET /a/b/resolve/main/config.json".

// It is answered, by this server, with this status.
[[nodiscard]] std::optional<Fault> status_rule(const std::string& request, const Trail& trail,
                                               int wanted);
// X-Repo-Commit and ETag, which clients refuse a file without.
[[nodiscard]] std::optional<Fault> identity_rule(const std::string& request, const Trail& trail,
                                                 const FileFact& file);
// HEAD: the uncompressed length.
[[nodiscard]] std::optional<Fault> length_rule(const std::string& request, const Trail& trail,
                                               const FileFact& file);
// GET of a whole file: its size and, where the listing says it, its hash.
[[nodiscard]] std::optional<Fault> content_rule(const std::string& request, const Trail& trail,
                                                const FileFact& file);
// 206 of bytes first..last of `size` bytes, and nothing else.
[[nodiscard]] std::optional<Fault> range_rule(const std::string& request, const Trail& trail,
                                              std::uint64_t first, std::uint64_t last,
                                              std::uint64_t size);
// 416 of a range behind the end.
[[nodiscard]] std::optional<Fault> unsatisfiable_rule(const std::string& request,
                                                      const Trail& trail, std::uint64_t size);
// 404 that clients can remember: X-Error-Code EntryNotFound, X-Repo-Commit.
[[nodiscard]] std::optional<Fault> missing_file_rule(const std::string& request,
                                                     const Trail& trail);
// 401 or 404 with X-Error-Code RepoNotFound.
[[nodiscard]] std::optional<Fault> missing_repo_rule(const std::string& request,
                                                     const Trail& trail);
// No Xet header or link: a client that sees one downloads past the mirror.
[[nodiscard]] std::optional<Fault> xet_rule(const std::string& request, const Trail& trail);
// X-Cache: HIT, MISS or REVALIDATED.
[[nodiscard]] std::optional<Fault> cache_rule(const std::string& request, const Trail& trail);
// What a page of another origin needs.
[[nodiscard]] std::optional<Fault> cors_rule(const std::string& request, const Trail& trail);
// /api/agent-harnesses: an object or an error, never a list.
[[nodiscard]] std::optional<Fault> harness_rule(const std::string& request, const Trail& trail);

// The sentence for a question that was not answered at all.
[[nodiscard]] Fault unanswered(const std::string& request, const Error& error);

}  // namespace hubfs::doctor
