// SPDX-License-Identifier: Apache-2.0
// What an answer about a repository says: its state, its name, a revision (hub-api 3.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/hub/types.h"
#include "fs/meta/target.h"
#include "fs/upstream/source.h"

namespace hubfs::meta {

struct Facts {
    RepoKey asked;
    RepoKey canonical;                    // other than asked: renamed, or another letter case
    std::optional<hub::RepoState> state;  // nothing: the answer does not tell
    bool no_revision = false;             // the repository is there, the revision is not
    std::string revision;                 // "main" when the address named none
    std::optional<CommitId> commit;       // of the revision
    std::optional<Instant> date;          // of that commit, when it is main's
};

// The parts of an answer that facts are read from.
struct AnswerView {
    int status = 0;
    std::string_view error_code;
    std::string_view error_message;
    std::string_view body;
};
template <typename Answer>  // an ApiResponse or a Document; the view lives no longer than it
[[nodiscard]] AnswerView view_of(const Answer& answer) {
    return {answer.status, answer.error_code, answer.error_message, answer.body};
}

// target.kind is info. Code::protocol: a 200 that does not parse, or a refusal that is not in words
// of the Hub's (hub-api 3.1): a bare status or a page may be anybody's on the way.
[[nodiscard]] Result<Facts> facts_of(const Target& target, const AnswerView& answer);

// Whether a status is an answer that may be kept; everything else is a failure of upstream.
[[nodiscard]] bool keepable(int status);
// Whether a document may be kept at all, else Code::protocol: a portal's or gateway's page is no
// answer of the Hub's. Such a status; of a 200 one JSON value that is not called something else; of
// a refusal X-Error-Code, X-Error-Message or JSON.
[[nodiscard]] Status check_document(const upstream::ApiResponse& response);
// Whether this answer to a question about something in a repository puts its state in doubt.
[[nodiscard]] bool doubts_repo(const AnswerView& answer);

// Why a repository in this state is not served; state is not open.
[[nodiscard]] Error state_error(hub::RepoState state);
// A kept answer that is not a 200, as the failure of what was derived from it.
[[nodiscard]] Error answer_error(const AnswerView& answer);
// The same for something in a repository that is known to be there: the 401 that means "no such
// repository" is Code::protocol.
[[nodiscard]] Error inside_error(const AnswerView& answer);

// Whether this is a failure to get an answer, not an answer: such are remembered for
// kFailureMemory, noted as the repository's last error, and never taken for an absence.
[[nodiscard]] bool upstream_failed(Code code);

// The failure in the words of Proxy-Status (RFC 9209 section 2.3).
[[nodiscard]] std::string proxy_status_word(const Error& error);

}  // namespace hubfs::meta
