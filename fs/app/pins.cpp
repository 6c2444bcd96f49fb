// SPDX-License-Identifier: Apache-2.0
#include "fs/app/pins.h"

#include <vector>

#include "fs/base/log.h"
#include "fs/meta/follow_table.h"
#include "fs/meta/tree_store.h"

namespace hubfs::app {

meta::Pin pin_for(const ChosenFiles& chosen, const FilesRequest& request, Instant since) {
    return {
        chosen.repo, request.revision, {chosen.number, since, request.include, request.exclude}};
}

namespace {

// Adds what the request chooses of a commit that is here.
void add_contents(meta::Database& database, const FilesRequest& request, std::uint32_t commit,
                  cache::ContentSet& contents) {
    const auto files = files_of(
        [&](std::uint32_t folder) {
            return database.read(
                [&](const meta::ReadTxn& txn) { return meta::load_children(txn, commit, folder); });
        },
        request);
    if (!files) {
        log::error("pin_lost", {{"repo", request.repo.id}, {"error", files.error().message}});
        return;
    }
    for (const ChosenFile& file : *files) {
        contents.insert(file.content.hash);
    }
}

}  // namespace

cache::ContentSet pinned_contents(meta::Database& database) {
    cache::ContentSet contents;
    const auto pins = meta::PinTable(database).all();
    const auto follows = meta::FollowTable(database).all();
    if (!pins || !follows) {
        log::error("pins_lost", {{"error", (pins ? follows.error() : pins.error()).message}});
    }
    for (const meta::Pin& pin : pins ? *pins : std::vector<meta::Pin>{}) {
        add_contents(database, {pin.repo, pin.revision, pin.row.include, pin.row.exclude},
                     pin.row.commit, contents);
    }
    for (const meta::Follow& follow : follows ? *follows : std::vector<meta::Follow>{}) {
        for (const std::uint32_t commit : {follow.row.complete, follow.row.coming}) {
            if (commit != 0) {
                add_contents(database,
                             {follow.repo, follow.revision, follow.row.include, follow.row.exclude},
                             commit, contents);
            }
        }
    }
    return contents;
}

}  // namespace hubfs::app
