// SPDX-License-Identifier: Apache-2.0
#include "fs/app/kernel_memory.h"

#include <vector>

#include "fs/base/log.h"
#include "fs/contract.h"
#include "fs/fuse/session.h"
#include "fs/meta/catalog.h"
#include "fs/tree/blobs.h"
#include "fs/tree/path.h"

namespace hubfs::app {

namespace {

// Whether this is a file of that content; blob: its path in .blobs.
bool holds(const meta::Catalog& catalog, tree::Ino ino, const ContentHash& hash,
           const std::string& blob) {
    if (tree::kind_of(ino) == tree::InoKind::entry) {
        const auto entry = catalog.entry(tree::major_of(ino), tree::minor_of(ino));
        return entry && *entry && (*entry)->content().hash == hash;
    }
    const auto path = tree::kind_of(ino) == tree::InoKind::path
                          ? catalog.interned(ino.value)
                          : Result<std::string>(std::string());
    return path && *path == blob;
}

}  // namespace

std::pair<std::string, std::string> place_of(const RepoKey& repo) {
    const std::size_t slash = repo.id.find('/');
    std::string directory(plural(repo.type));
    directory += '/';
    if (slash == std::string::npos) {
        return {directory.append(contract::kNoNamespace), repo.id};
    }
    return {directory.append(repo.id, 0, slash), repo.id.substr(slash + 1)};
}

std::pair<std::string, std::string> place_of(const std::string& target) {
    std::vector<std::string> names = contract::api_components(target);
    std::string last = std::move(names.back());
    names.pop_back();
    std::string directory(contract::kApiDir);
    for (const std::string& name : names) {
        directory += '/';
        directory += name;
    }
    return {std::move(directory), std::move(last)};
}

void KernelMemory::connect(meta::Catalog& catalog, fuse::Session& session) {
    ends_.with([&](Ends& ends) { ends = {&catalog, &session}; });
}

void KernelMemory::disconnect() {
    ends_.with([](Ends& ends) { ends = {}; });
}

void KernelMemory::state_changed(const RepoKey& repo) {
    auto [directory, name] = place_of(repo);
    forget_name(directory, std::move(name));
    // Which contents it is about would be a long list: the kernel looks them all up again.
    for (const std::string_view kind : {contract::kSha256Dir, contract::kGitSha1Dir}) {
        forget_name(std::string(contract::kBlobsDir), std::string(kind));
    }
}

void KernelMemory::document_renewed(const std::string& target) {
    auto [directory, name] = place_of(target);
    forget_name(directory, std::move(name));
}

void KernelMemory::forget_name(const std::string& directory, std::string name) {
    ends_.with([&](const Ends& ends) {
        if (ends.session == nullptr) {
            return;
        }
        const Result<std::uint64_t> number = ends.catalog->intern(directory);
        if (!number) {
            log::error("invalidation_lost", {{"name", name}, {"reason", number.error().message}});
            return;
        }
        ends.session->invalidate_name(tree::path_ino(*number), std::move(name));
    });
}

void KernelMemory::content_dropped(const ContentHash& hash) {
    const std::vector<tree::Ino> kept = ends_.with([](const Ends& ends) {
        return ends.session != nullptr ? ends.session->kept_inodes() : std::vector<tree::Ino>();
    });
    const std::string blob =
        tree::join(tree::join(contract::kBlobsDir, tree::blobs_dir(hash.kind)), hash.hex());
    for (const tree::Ino ino : kept) {
        ends_.with([&](const Ends& ends) {
            if (ends.session != nullptr && holds(*ends.catalog, ino, hash, blob)) {
                ends.session->invalidate_pages(ino);
            }
        });
    }
}

}  // namespace hubfs::app
