// SPDX-License-Identifier: Apache-2.0
// Extended attributes: one row per attribute of the mount contract (docs/mount_contract.md,
// "Extended attributes"; names in fs/contract.h). A row yields nothing where the thing does not
// have the attribute. Asks nobody but the store and the block cache. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/result.h"
#include "fs/tree/entries.h"
#include "fs/tree/node.h"

namespace hubfs::tree {

// Files and directories of a commit. no_attribute, or invalid for a malformed held.<first>-<last>.
[[nodiscard]] Result<std::string> entry_xattr(const Context& context, const Entry& entry,
                                              std::string_view name);
[[nodiscard]] std::vector<std::string> entry_xattrs(const Context& context, const Entry& entry);

// Files of .blobs; errors as above.
[[nodiscard]] Result<std::string> blob_xattr(const Context& context, const Content& content,
                                             std::string_view name);
[[nodiscard]] std::vector<std::string> blob_xattrs(const Context& context, const Content& content);

[[nodiscard]] Result<std::string> document_xattr(const meta::Document& document,
                                                 std::string_view name);
[[nodiscard]] std::vector<std::string> document_xattrs(const meta::Document& document);

// Repository directories; ref.<name> is not among these rows, see ref_of_xattr.
[[nodiscard]] bool is_repo_xattr(std::string_view name);
[[nodiscard]] Result<std::string> repo_xattr(const meta::RepoView& repo, std::string_view name);
[[nodiscard]] std::vector<std::string> repo_xattrs(const Context& context,
                                                   const meta::RepoView& repo);

// The reference that user.hub.ref.<name> asks for; nothing for other attributes and for names that
// cannot be references.
// `renewed`: of renewed.<name>, which asks upstream again.
[[nodiscard]] std::optional<std::string> ref_of_xattr(std::string_view name, bool renewed = false);
// Its value: commit=… checked=… how=… expires=…
[[nodiscard]] std::string ref_value(const meta::RefView& ref);

// "<first>-<last>", both positions inclusive, decimal without sign or spaces, first <= last.
[[nodiscard]] std::optional<ByteRange> parse_held(std::string_view text);

}  // namespace hubfs::tree
