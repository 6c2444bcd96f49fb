// SPDX-License-Identifier: Apache-2.0
// What the kernel must forget, and when: the name of a repository whose state changed or of a
// document that was renewed early, and the pages of files whose content did not verify. This stands
// between the parts that find out (catalogue, cache) and the session, which is built later and ends
// earlier. Thread-safe.
#pragma once

#include <string>
#include <utility>

#include "fs/base/guarded.h"
#include "fs/base/hub_types.h"

namespace hubfs::fuse {
class Session;
}
namespace hubfs::meta {
class Catalog;
}

namespace hubfs::app {

// The directory (from the mount point) and the name in it where a repository stands:
// models/BAAI and bge-m3; models/- and gpt2. Pure.
[[nodiscard]] std::pair<std::string, std::string> place_of(const RepoKey& repo);
// The same of a document: .api and %2Fapi%2Fmodels. Pure.
[[nodiscard]] std::pair<std::string, std::string> place_of(const std::string& target);

class KernelMemory {
public:
    // Before both are there, changes go nowhere: the kernel holds nothing of this daemon's yet.
    void connect(meta::Catalog& catalog, fuse::Session& session);
    // After this returns neither is used any more.
    void disconnect();

    // A repository became public, or stopped being so.
    void state_changed(const RepoKey& repo);
    // The name of this document leads to a version that is not the newest any more.
    void document_renewed(const std::string& target);
    // A content was dropped because its hash did not match. Looks through all files that the
    // kernel may keep pages of, in the store: call it where that may take a while.
    void content_dropped(const ContentHash& hash);

private:
    void forget_name(const std::string& directory, std::string name);

    struct Ends {
        meta::Catalog* catalog = nullptr;
        fuse::Session* session = nullptr;
    };
    // Held while the two are called, against the usual rule: neither waits (the catalogue answers
    // from the store, the session only queues) nor calls back, and disconnect() must know that
    // nobody is inside.
    Guarded<Ends> ends_;
};

}  // namespace hubfs::app
