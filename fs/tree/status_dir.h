// SPDX-License-Identifier: Apache-2.0
// .status: what hubfs says about itself, as text made when it is read. Epoch, changes and version
// are always there; the rest is handed in. Immutable after construction.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/base/result.h"
#include "fs/tree/node.h"

namespace hubfs::tree {

class StatusDir {
public:
    using Files = std::vector<std::pair<std::string, StatusText>>;

    // A file handed in under a name of ours is left out.
    StatusDir(meta::Catalog& catalog, Files more);

    // In byte order of the names.
    [[nodiscard]] const Files& files() const { return files_; }
    // Nothing for a name that is not there.
    [[nodiscard]] const StatusText* find(std::string_view name) const;

private:
    Files files_;
};

// The file at .status/<name>: its size is 0, its text is read by direct I/O.
[[nodiscard]] Result<Node> status_file(const Context& context, const std::string& path);

}  // namespace hubfs::tree
