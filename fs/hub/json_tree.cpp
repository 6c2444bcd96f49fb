// SPDX-License-Identifier: Apache-2.0
// Tree listings: parse_tree_page() of json.h. What passes here may be used as a path and as the
// name of a content without a further look.
#include <algorithm>
#include <boost/json/array.hpp>
#include <unordered_set>

#include "fs/hub/json.h"
#include "fs/hub/json_document.h"
#include "fs/hub/limits.h"

namespace hubfs::hub {

namespace json = boost::json;

namespace {

constexpr std::size_t kGitHashHex = 40;
constexpr std::size_t kSha256Hex = 64;

bool lower_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

// The Hub writes stars in place of hashes for callers without access (hub-api: masking).
bool masked(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c == '*'; });
}

Status check_hash(std::string_view text, std::size_t digits, std::string_view what) {
    if (masked(text)) {
        return fail(Code::gated, "the hashes of this listing are masked");
    }
    if (!lower_hex(text, digits)) {
        return fail(Code::protocol, "'" + std::string(what) + "' is not a hash");
    }
    return {};
}

// Nothing when the path is good, else what is wrong with it.
std::string_view path_fault(std::string_view path) {
    if (path.size() > kPathMax) {
        return "a path is too long";
    }
    if (path.find('\0') != std::string_view::npos) {
        return "a path has a NUL";
    }
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view component = path.substr(begin, end - begin);
        if (component.empty() || component == "." || component == "..") {
            return "a path has an empty, '.' or '..' component";
        }
        if (component.size() > kPathComponentMax) {
            return "a path has a component that is too long";
        }
        begin = end + 1;
    }
    return {};
}

// Length of the pointer that git holds in place of such content (git-lfs, docs/spec.md).
std::uint64_t pointer_size_of(std::uint64_t size) {
    constexpr std::string_view kVersion = "version https://git-lfs.github.com/spec/v1\n";
    constexpr std::string_view kOid = "oid sha256:\n";
    constexpr std::string_view kSize = "size \n";
    return kVersion.size() + kOid.size() + kSha256Hex + kSize.size() + std::to_string(size).size();
}

Status read_lfs(const json::object& object, TreeEntry& entry) {
    const json::value* member = object.if_contains("lfs");
    if (member == nullptr || member->is_null()) {
        return {};
    }
    const json::object* lfs = member->if_object();
    if (lfs == nullptr || entry.directory) {
        return fail(Code::protocol, "'lfs' is not an object of a file");
    }
    const auto oid = required_text(*lfs, "oid");
    const auto size = size_at(*lfs, "size");
    const json::value* given = lfs->if_contains("pointerSize");
    const bool told = given != nullptr && !given->is_null();
    const auto pointer_size = told || !size ? size_at(*lfs, "pointerSize")
                                            : Result<std::uint64_t>(pointer_size_of(*size));
    if (!oid || !size || !pointer_size) {
        return within("lfs", !oid ? oid.error() : !size ? size.error() : pointer_size.error());
    }
    if (const Status hash = check_hash(*oid, kSha256Hex, "lfs.oid"); !hash) {
        return hash;
    }
    if (*size != entry.size) {
        return fail(Code::protocol, "'size' and 'lfs.size' differ");
    }
    entry.lfs_oid = *oid;
    entry.pointer_size = *pointer_size;
    return {};
}

Status read_xet(const json::object& object, TreeEntry& entry) {
    const auto found = text_at(object, "xetHash");
    if (!found) {
        return std::unexpected(found.error());
    }
    const std::optional<std::string_view> hash = *found;
    if (!hash) {
        return {};
    }
    if (const Status checked = check_hash(*hash, kSha256Hex, "xetHash"); !checked) {
        return checked;
    }
    entry.xet_hash = *hash;
    return {};
}

Result<TreeEntry> entry_from(const json::value& item) {
    const json::object* object = item.if_object();
    if (object == nullptr) {
        return fail(Code::protocol, "an entry is not an object");
    }
    const auto type = required_text(*object, "type");
    const auto oid = required_text(*object, "oid");
    const auto path = required_text(*object, "path");
    const auto size = size_at(*object, "size");
    if (!type || !oid || !path || !size) {
        return std::unexpected(!type   ? type.error()
                               : !oid  ? oid.error()
                               : !path ? path.error()
                                       : size.error());
    }
    if (*type != "file" && *type != "directory") {
        return fail(Code::protocol, "'type' is neither file nor directory");
    }
    if (const std::string_view fault = path_fault(*path); !fault.empty()) {
        return fail(Code::protocol, std::string(fault));
    }
    TreeEntry entry;
    entry.directory = *type == "directory";
    entry.path = *path;
    entry.oid = *oid;
    entry.size = entry.directory ? 0 : *size;
    if (const Status hash = check_hash(*oid, kGitHashHex, "oid"); !hash) {
        return std::unexpected(hash.error());
    }
    if (const Status lfs = read_lfs(*object, entry); !lfs) {
        return std::unexpected(lfs.error());
    }
    if (const Status xet = read_xet(*object, entry); !xet) {
        return std::unexpected(xet.error());
    }
    return entry;
}

}  // namespace

Result<std::vector<TreeEntry>> parse_tree_page(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    if (!document) {
        return within("tree", document.error());
    }
    const json::array* list = document->root().if_array();
    if (list == nullptr) {
        return fail(Code::protocol, "tree: not a list");
    }
    std::vector<TreeEntry> entries;
    entries.reserve(list->size());  // the set below points into it: it must not move
    std::unordered_set<std::string_view> paths(list->size());
    for (const json::value& item : *list) {
        auto entry = entry_from(item);
        if (!entry) {
            return within("tree", entry.error());
        }
        entries.push_back(*std::move(entry));
        if (!paths.insert(entries.back().path).second) {
            return fail(Code::protocol, "tree: a path is listed twice");
        }
    }
    return entries;
}

}  // namespace hubfs::hub
