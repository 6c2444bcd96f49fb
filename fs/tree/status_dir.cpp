// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/status_dir.h"

#include <algorithm>

#include "fs/contract.h"
#include "fs/tree/path.h"
#include "fs/tree/resolve.h"
#include "fs/tree/then.h"

namespace hubfs::tree {

StatusDir::StatusDir(meta::Catalog& catalog, Files more) {
    files_.emplace_back(name_of_path(contract::kEpochFile),
                        [&catalog] { return std::to_string(catalog.epoch()) + "\n"; });
    files_.emplace_back(name_of_path(contract::kChangesFile),
                        [&catalog] { return catalog.changes_text(); });
    files_.emplace_back(name_of_path(contract::kVersionFile),
                        [] { return std::string(HFM_VERSION "\n"); });
    for (auto& file : more) {
        if (find(file.first) == nullptr) {
            files_.push_back(std::move(file));
        }
    }
    std::ranges::sort(files_, {}, &Files::value_type::first);
}

const StatusText* StatusDir::find(std::string_view name) const {
    const auto file = std::ranges::find(files_, name, &Files::value_type::first);
    return file == files_.end() ? nullptr : &file->second;
}

Result<Node> status_file(const Context& context, const std::string& path) {
    if (context.status->find(name_of_path(path)) == nullptr) {
        return fail(Code::not_found, path + " is not a status file");
    }
    return then(ino_of(context, path), [&](Ino ino) -> Result<Node> {
        Node node;
        node.attributes = {.ino = ino,
                           .kind = NodeKind::file,
                           .size_bytes = 0,
                           .cached_bytes = 0,
                           .mtime = context.clock.now(),
                           .valid = Milliseconds(0)};
        node.valid = kForever;
        return node;
    });
}

}  // namespace hubfs::tree
