// SPDX-License-Identifier: Apache-2.0
#include "fs/app/pins.h"

#include "fs/base/log.h"
#include "fs/meta/tree_store.h"

namespace hubfs::app {

meta::Pin pin_for(const ChosenFiles& chosen, const FilesRequest& request, Instant since) {
    return {
        chosen.repo, request.revision, {chosen.number, since, request.include, request.exclude}};
}

cache::ContentSet pinned_contents(meta::Database& database) {
    cache::ContentSet contents;
    const auto all = meta::PinTable(database).all();
    if (!all) {
        log::error("pins_lost", {{"error", all.error().message}});
        return contents;
    }
    for (const meta::Pin& pin : *all) {
        const FilesRequest request{pin.repo, pin.revision, pin.row.include, pin.row.exclude};
        const auto files = files_of(
            [&](std::uint32_t folder) {
                return database.read([&](const meta::ReadTxn& txn) {
                    return meta::load_children(txn, pin.row.commit, folder);
                });
            },
            request);
        if (!files) {
            log::error("pin_lost", {{"repo", pin.repo.id}, {"error", files.error().message}});
            continue;
        }
        for (const ChosenFile& file : *files) {
            contents.insert(file.content.hash);
        }
    }
    return contents;
}

}  // namespace hubfs::app
