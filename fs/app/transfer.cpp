// SPDX-License-Identifier: Apache-2.0
#include "fs/app/transfer.h"

#include <sys/stat.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "fs/app/export_dir.h"
#include "fs/app/limits.h"
#include "fs/base/hash.h"
#include "fs/base/log.h"
#include "fs/meta/commit_import.h"

namespace hubfs::app {

namespace {

constexpr const char* kCancelled = "cancelled";

// Whether the file is this content.
bool is_content(const Fd& file, const Content& content, const JobRun& run) {
    struct stat info{};
    if (!file.valid() || ::fstat(file.get(), &info) != 0 ||
        static_cast<std::uint64_t>(info.st_size) != content.size_bytes) {
        return false;
    }
    ContentHasher hasher(content.hash.kind, content.size_bytes);
    std::vector<std::byte> piece(kPrefetchReadBytes);
    while (hasher.hashed() < content.size_bytes && !run.cancelled()) {
        const ssize_t n =
            ::pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(hasher.hashed()));
        if (n <= 0) {
            return false;
        }
        hasher.update(std::span(piece).first(static_cast<std::size_t>(n)));
    }
    return hasher.hashed() == content.size_bytes && hasher.finish() == content.hash;
}

class Export {
public:
    Export(cache::BlockCache& cache, const ExportDir& dir, const ChosenFiles& chosen, JobRun& run)
        : cache_(cache), dir_(dir), chosen_(chosen), run_(run) {}

    void write_all() {
        for (const ChosenFile& file : chosen_.files) {
            if (run_.cancelled()) {
                return;
            }
            std::uint64_t told = 0;
            const Status written = write_one(file, told);
            if (written) {
                run_.advance(1, file.content.size_bytes - std::min(told, file.content.size_bytes));
            } else if (!run_.cancelled()) {
                run_.failed_file(file.path, written.error());
            }
        }
    }

private:
    // `told`: how many bytes the counters have been told.
    Status write_one(const ChosenFile& file, std::uint64_t& told) {
        const ContentHash& hash = file.content.hash;
        if (is_content(dir_.open_content(hash), file.content, run_)) {
            return {};
        }
        const auto to = dir_.begin_content(hash);
        if (!to) {
            return std::unexpected(to.error());
        }
        Status copied = copy(file, *to, told);
        if (copied) {
            copied = dir_.keep_content(hash, *to);
        }
        if (!copied) {
            dir_.drop_content(hash);
        }
        return copied;
    }

    Status copy(const ChosenFile& file, const Fd& to, std::uint64_t& told) {
        const auto reader =
            cache_.open_reader(file.content, {chosen_.repo, chosen_.commit, file.path});
        if (!reader) {
            return std::unexpected(reader.error());
        }
        ContentHasher hasher(file.content.hash.kind, file.content.size_bytes);
        while (hasher.hashed() < file.content.size_bytes) {
            if (run_.cancelled()) {
                return fail(Code::cancelled, kCancelled);
            }
            const auto bytes = answer_of<cache::Bytes>([&](Done<cache::Bytes> done) {
                (*reader)->read(hasher.hashed(), kPrefetchReadBytes, std::move(done));
            });
            if (!bytes) {
                return std::unexpected(bytes.error());
            }
            if ((*bytes)->empty()) {
                return fail(Code::io, "it ends too early");
            }
            for (std::span<const std::byte> left = **bytes; !left.empty();) {
                const ssize_t n = ::write(to.get(), left.data(), left.size());
                if (n <= 0) {
                    return fail(Code::io, "the export cannot be written");
                }
                left = left.subspan(static_cast<std::size_t>(n));
            }
            hasher.update(**bytes);
            run_.advance(0, (*bytes)->size());
            told += (*bytes)->size();
        }
        return hasher.finish() == file.content.hash
                   ? Status()
                   : fail(Code::corrupt, "its bytes are not what its hash says");
    }

    cache::BlockCache& cache_;
    const ExportDir& dir_;
    const ChosenFiles& chosen_;
    JobRun& run_;
};

// When upstream last said what the manifest says.
Result<Instant> checked_of(meta::Catalog& catalog, const RepoKey& repo,
                           const std::string& revision) {
    const auto known = catalog.known_repo(repo);
    if (!known) {
        return fail(Code::not_found, "the repository is not known any more");
    }
    if (CommitId::from_hex(revision)) {
        return known->fresh.checked;
    }
    const auto ref = answer_of<meta::RefView>(
        [&](Done<meta::RefView> done) { catalog.ref(repo, revision, std::move(done)); });
    return ref ? Result<Instant>(std::min(known->fresh.checked, ref->fresh.checked))
               : std::unexpected(ref.error());
}

// One manifest with its tree, both checked.
struct Found {
    ExportManifest manifest;
    std::vector<hub::TreeEntry> tree;
};
Result<Found> read_commit(const ExportDir& dir, const std::string& name) {
    auto manifest = dir.manifest(name);
    if (!manifest) {
        return std::unexpected(std::move(manifest.error()));
    }
    const auto text = dir.tree(manifest->tree_sha256);
    if (!text) {
        return std::unexpected(text.error());
    }
    auto tree = tree_from(*text);
    return tree ? Result<Found>(Found{std::move(*manifest), std::move(*tree)})
                : std::unexpected(std::move(tree.error()));
}

void import_files(const ExportDir& dir, cache::BlockCache& cache, const Found& found, JobRun& run) {
    const ExportManifest& manifest = found.manifest;
    const FilesRequest request{manifest.repo, manifest.revision, manifest.include,
                               manifest.exclude};
    for (const hub::TreeEntry& entry : found.tree) {
        if (run.cancelled()) {
            return;
        }
        if (entry.directory || !chosen(request, entry.path)) {
            continue;
        }
        meta::EntryView view;
        view.entry = entry;
        const Content content = view.content();
        if (!cache.verified(content)) {
            const Fd file = dir.open_content(content.hash);
            const auto taken = file.valid()
                                   ? cache.take(content, file, [&run] { return !run.cancelled(); })
                                   : fail(Code::not_found, "the export does not have it");
            if (!taken) {
                if (!run.cancelled()) {
                    run.failed_file(manifest.repo.id + "/" + entry.path, taken.error());
                }
                continue;
            }
        }
        run.advance(1, content.size_bytes);
    }
}

}  // namespace

Status export_commit(meta::Catalog& catalog, cache::BlockCache& cache, const FilesRequest& request,
                     const std::string& path, JobRun& run) {
    const auto dir = ExportDir::create(path);
    if (!dir) {
        return std::unexpected(dir.error());
    }
    const auto chosen = choose_files(catalog, request);
    if (!chosen) {
        return std::unexpected(chosen.error());
    }
    const auto checked = checked_of(catalog, chosen->repo, request.revision);
    const auto commit = catalog.commit_by_number(chosen->number);
    const auto text = catalog.trees_text(chosen->number);
    for (const Error* const error :
         {checked ? nullptr : &checked.error(), commit ? nullptr : &commit.error(),
          text ? nullptr : &text.error()}) {
        if (error != nullptr) {
            return std::unexpected(*error);
        }
    }
    run.expect(chosen->files.size(), chosen->bytes());
    Export(cache, *dir, *chosen, run).write_all();
    if (run.cancelled() || run.view().files_failed > 0) {
        return {};
    }
    const auto tree = dir->put_tree(*text);
    if (!tree) {
        return std::unexpected(tree.error());
    }
    return dir->put_manifest({.repo = chosen->repo,
                              .revision = request.revision,
                              .commit = chosen->commit,
                              .date = commit->date,
                              .checked = *checked,
                              .tree_sha256 = *tree,
                              .include = request.include,
                              .exclude = request.exclude,
                              .files = chosen->files.size(),
                              .bytes = chosen->bytes()});
}

Status import_dir(meta::Database& database, cache::BlockCache& cache, const Clock& clock,
                  const std::string& path, JobRun& run) {
    const auto dir = ExportDir::open(path);
    if (!dir) {
        return std::unexpected(dir.error());
    }
    const auto names = dir->manifests();
    if (!names) {
        return std::unexpected(names.error());
    }
    if (names->empty()) {
        return fail(Code::not_found, path + " has no manifest");
    }
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    for (const std::string& name : *names) {
        if (const auto manifest = dir->manifest(name)) {
            files += manifest->files;
            bytes += manifest->bytes;
        }
    }
    run.expect(files, bytes);
    for (const std::string& name : *names) {
        if (run.cancelled()) {
            return {};
        }
        auto found = read_commit(*dir, name);
        if (!found) {
            run.failed_file(name, found.error());
            continue;
        }
        // First the contents: who sees the tree can read them.
        import_files(*dir, cache, *found, run);
        if (run.cancelled()) {
            return {};
        }
        const ExportManifest& manifest = found->manifest;
        const Status known =
            meta::import_commit(database,
                                {manifest.repo, manifest.revision, manifest.commit, manifest.date,
                                 manifest.checked, std::move(found->tree)},
                                clock.now());
        if (!known) {
            run.failed_file(name, known.error());
        }
    }
    return {};
}

}  // namespace hubfs::app
