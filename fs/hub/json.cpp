// SPDX-License-Identifier: Apache-2.0
// Info, refs and commits. Trees are in json_tree.cpp, writing in json_text.cpp.
#include "fs/hub/json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>
#include <utility>

#include "fs/contract.h"
#include "fs/hub/json_document.h"
#include "fs/hub/limits.h"

namespace hubfs::hub {

namespace json = boost::json;

namespace {

// 40 lower-case hex digits, as git writes them.
Result<CommitId> commit_from(std::string_view text, std::string_view what) {
    const auto commit = CommitId::from_hex(text);
    if (!commit || commit->hex() != text) {
        return fail(Code::protocol, std::string(what) + " is not a commit");
    }
    return *commit;
}

Result<Instant> date_from(std::string_view text, std::string_view what) {
    const auto date = instant_from(text);
    if (!date) {
        return fail(Code::protocol, std::string(what) + " is not a date");
    }
    return *date;
}

// false, absent or null: no gate. true, "auto", "manual" and whatever may come: a gate, since
// taking a gate for none would hand out what its owner protects.
Result<bool> gate_of(const json::object& object) {
    const json::value* gated = object.if_contains("gated");
    if (gated == nullptr || gated->is_null()) {
        return false;
    }
    if (gated->is_bool()) {
        return gated->get_bool();
    }
    if (gated->is_string()) {
        return true;
    }
    return fail(Code::protocol, "'gated' is neither a flag nor a text");
}

Result<RepoState> state_of(const json::object& object) {
    const auto disabled = flag_at(object, "disabled");
    const auto is_private = flag_at(object, "private");
    const auto gated = gate_of(object);
    for (const auto* flag : {&disabled, &is_private, &gated}) {
        if (!*flag) {
            return std::unexpected(flag->error());
        }
    }
    if (*disabled) {
        return RepoState::disabled;
    }
    if (*is_private) {
        return RepoState::private_;
    }
    return *gated ? RepoState::gated : RepoState::open;
}

// git-check-ref-format(1), as far as it matters for names that become directory entries.
bool valid_ref_name(std::string_view name) {
    if (name.empty() || name == "@" || name.front() == '/' || name.front() == '-' ||
        name.back() == '/' || name.back() == '.') {
        return false;
    }
    for (const std::string_view bad : {"..", "//", "/.", "@{", ".lock/"}) {
        if (name.find(bad) != std::string_view::npos) {
            return false;
        }
    }
    return name.front() != '.' && !name.ends_with(".lock") &&
           std::ranges::none_of(name, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte <= 0x20 || byte == 0x7f ||
                      std::string_view("~^:?*[\\").find(c) != std::string_view::npos;
           });
}

struct RefList {
    Ref::Kind kind;
    std::string_view key;     // in the answer
    std::string_view member;  // which member is the name that addresses use
    std::string_view prefix;  // every such name begins with this
};

constexpr RefList kRefLists[] = {
    {Ref::Kind::branch, "branches", "name", ""},
    {Ref::Kind::tag, "tags", "name", ""},
    {Ref::Kind::convert, "converts", "ref", "refs/convert/"},
    {Ref::Kind::pull_request, "pullRequests", "ref", "refs/pr/"},
};

Result<Ref> ref_from(const json::value& item, const RefList& list) {
    const json::object* object = item.if_object();
    if (object == nullptr) {
        return fail(Code::protocol, "a ref is not an object");
    }
    const auto name = required_text(*object, list.member);
    if (!name) {
        return std::unexpected(name.error());
    }
    if (!valid_ref_name(*name) || !name->starts_with(list.prefix)) {
        return fail(Code::protocol, "a name under '" + std::string(list.key) + "' is no ref");
    }
    const auto target = required_text(*object, "targetCommit");
    if (!target) {
        return std::unexpected(target.error());
    }
    const auto commit = commit_from(*target, "'targetCommit'");
    if (!commit) {
        return std::unexpected(commit.error());
    }
    return Ref{list.kind, std::string(*name), *commit};
}

Status append_refs(const json::object& object, const RefList& list, std::vector<Ref>& refs) {
    const json::value* value =
        object.if_contains(json::string_view(list.key.data(), list.key.size()));
    if (value == nullptr || value->is_null()) {
        return list.kind == Ref::Kind::branch ? fail(Code::protocol, "'branches' is missing")
                                              : Status{};
    }
    const json::array* items = value->if_array();
    if (items == nullptr) {
        return fail(Code::protocol, "'" + std::string(list.key) + "' is not a list");
    }
    std::set<std::string> seen;
    for (const json::value& item : *items) {
        auto ref = ref_from(item, list);
        if (!ref) {
            return std::unexpected(ref.error());
        }
        if (!seen.insert(ref->name).second) {
            return fail(Code::protocol, "'" + std::string(list.key) + "' has a name twice");
        }
        if (contract::encode_ref(ref->name).size() <= kRefNameMax) {
            refs.push_back(*std::move(ref));
        }
    }
    return {};
}

}  // namespace

Result<RepoInfo> parse_info(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    if (!document) {
        return within("info", document.error());
    }
    const json::object* object = document->root().if_object();
    if (object == nullptr) {
        return fail(Code::protocol, "info: not an object");
    }
    const auto id = required_text(*object, "id");
    if (!id) {
        return within("info", id.error());
    }
    if (!valid_repo_id(*id)) {
        return fail(Code::protocol, "info: 'id' is not a repository's");
    }
    const auto state = state_of(*object);
    const auto sha_text = text_at(*object, "sha");
    const auto modified_text = text_at(*object, "lastModified");
    if (!state || !sha_text || !modified_text) {
        return within("info", !state      ? state.error()
                              : !sha_text ? sha_text.error()
                                          : modified_text.error());
    }
    RepoInfo info{std::string(*id), *state, std::nullopt, std::nullopt};
    if (const std::optional<std::string_view> sha = *sha_text) {
        const auto commit = commit_from(*sha, "'sha'");
        if (!commit) {
            return within("info", commit.error());
        }
        info.sha = *commit;
    }
    if (const std::optional<std::string_view> modified = *modified_text) {
        const auto date = date_from(*modified, "'lastModified'");
        if (!date) {
            return within("info", date.error());
        }
        info.last_modified = *date;
    }
    return info;
}

Result<std::vector<Ref>> parse_refs(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    if (!document) {
        return within("refs", document.error());
    }
    const json::object* object = document->root().if_object();
    if (object == nullptr) {
        return fail(Code::protocol, "refs: not an object");
    }
    std::vector<Ref> refs;
    for (const RefList& list : kRefLists) {
        if (const Status appended = append_refs(*object, list, refs); !appended) {
            return within("refs", appended.error());
        }
    }
    return refs;
}

Result<Instant> parse_commit_date(std::string_view body, const CommitId& commit) {
    const auto document = JsonDocument::parse(body);
    if (!document) {
        return within("commits", document.error());
    }
    const json::array* list = document->root().if_array();
    const json::object* first =
        list == nullptr || list->empty() ? nullptr : list->front().if_object();
    if (first == nullptr) {
        return fail(Code::protocol, "commits: not a list of commits");
    }
    const auto id = required_text(*first, "id");
    const auto date = required_text(*first, "date");
    if (!id || !date) {
        return within("commits", !id ? id.error() : date.error());
    }
    if (*id != commit.hex()) {
        return fail(Code::protocol, "commits: the first is not the one asked for");
    }
    const auto at = date_from(*date, "'date'");
    if (!at) {
        return within("commits", at.error());
    }
    return *at;
}

}  // namespace hubfs::hub
