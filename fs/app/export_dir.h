// SPDX-License-Identifier: Apache-2.0
// A directory of exports: the C++ side of docs/formats-export.md. Contents and trees have the names
// of their hashes; a manifest says what one commit is made of and is written last. Every file is
// complete or not there: written beside, synced, renamed. What is read is untrusted. Blocks on the
// disk; thread-safe as far as two do not write the same file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/fd.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/hub/types.h"

namespace hubfs::app {

struct ExportManifest {
    RepoKey repo;  // canonical
    std::string revision;
    CommitId commit{};
    Instant date{};     // of the commit
    Instant checked{};  // when upstream last said that it is public, and what the revision is
    std::string tree_sha256{};                      // 64 hex: the name of its listing
    std::vector<std::string> include{}, exclude{};  // as of a FilesRequest
    std::uint64_t files = 0, bytes = 0;             // that these choose; for people and progress
};
[[nodiscard]] std::string to_json(const ExportManifest& manifest);
// invalid, with the reason: not a manifest of this version.
[[nodiscard]] Result<ExportManifest> manifest_from(std::string_view text);
// The text of .trees: one JSON object a line.
[[nodiscard]] Result<std::vector<hub::TreeEntry>> tree_from(std::string_view text);

class ExportDir {
public:
    // For writing: makes it when it is not there. invalid: it holds something else.
    static Result<ExportDir> create(const std::string& path);
    static Result<ExportDir> open(const std::string& path);

    // Invalid Fd: there is none (a symbolic link is none either).
    [[nodiscard]] Fd open_content(const ContentHash& hash) const;
    // A file beside the content's, empty; keep() gives it its name.
    [[nodiscard]] Result<Fd> begin_content(const ContentHash& hash) const;
    [[nodiscard]] Status keep_content(const ContentHash& hash, const Fd& file) const;
    void drop_content(const ContentHash& hash) const;

    // The listing's hash, by which it is found.
    [[nodiscard]] Result<std::string> put_tree(std::string_view text) const;
    // corrupt: it is not what its name says.
    [[nodiscard]] Result<std::string> tree(const std::string& sha256) const;
    [[nodiscard]] Status put_manifest(const ExportManifest& manifest) const;
    // Names of manifests, sorted; each is read by manifest().
    [[nodiscard]] Result<std::vector<std::string>> manifests() const;
    [[nodiscard]] Result<ExportManifest> manifest(const std::string& name) const;

private:
    explicit ExportDir(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] Result<std::string> read(const std::string& name, std::size_t max) const;
    [[nodiscard]] Status write(const std::string& name, std::string_view text) const;

    std::string path_;
};

}  // namespace hubfs::app
