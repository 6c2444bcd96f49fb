// SPDX-License-Identifier: Apache-2.0
#include "fs/app/export_dir.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "fs/app/limits.h"
#include "fs/base/hash.h"
#include "fs/contract.h"
#include "fs/hub/json.h"

namespace hubfs::app {

namespace {

namespace json = boost::json;
namespace files = std::filesystem;

constexpr const char* kFormatFile = "hf-mirror-export";
constexpr std::string_view kFormatText = "hf-mirror export\nversion 1\n";
constexpr const char* kManifests = "manifests";
constexpr std::string_view kManifestEnd = ".json";
constexpr std::string_view kBeside = ".new";
constexpr std::int64_t kManifestVersion = 1;
constexpr mode_t kFileMode = 0644;

Error failure(const std::string& what) {
    return {Code::io, what + ": " + std::generic_category().message(errno)};
}

std::string name_of(const ContentHash& hash) {
    const std::string hex = hash.hex();
    return (hash.kind == HashKind::sha256 ? "content/sha256/" : "content/git-sha1/") +
           hex.substr(0, 2) + "/" + hex;
}

std::string name_of_tree(const std::string& sha256) {
    return "trees/" + sha256 + ".jsonl";
}

Status make_folder_of(const std::string& path) {
    std::error_code error;
    files::create_directories(files::path(path).parent_path(), error);
    return error ? Status(fail(Code::io, path + ": " + error.message())) : Status();
}

// `file` is at path + kBeside, written in full.
Status keep(const std::string& path, const Fd& file) {
    const std::string beside = path + std::string(kBeside);
    if (::fsync(file.get()) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) {
        return std::unexpected(failure(path));
    }
    const Fd folder(
        ::open(files::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.valid() && ::fsync(folder.get()) == 0 ? Status() : std::unexpected(failure(path));
}

json::array array_of_patterns(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::uint64_t count_at(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    boost::system::error_code bad;
    const auto number =
        value != nullptr && value->is_number() ? value->to_number<std::uint64_t>(bad) : 0;
    return bad ? 0 : number;
}

// Nothing: it is no list of texts, or too long a one.
std::optional<std::vector<std::string>> patterns_at(const json::object& object,
                                                    std::string_view key) {
    const json::value* const value = object.if_contains(key);
    if (value == nullptr || !value->is_array() || value->get_array().size() > kPatternsMax) {
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const json::value& item : value->get_array()) {
        if (!item.is_string()) {
            return std::nullopt;
        }
        texts.emplace_back(item.get_string());
    }
    return texts;
}

}  // namespace

std::string to_json(const ExportManifest& manifest) {
    return json::serialize(
               json::object{{"version", kManifestVersion},
                            {"type", manifest.repo.type == RepoType::model ? "model" : "dataset"},
                            {"repo", manifest.repo.id},
                            {"revision", manifest.revision},
                            {"commit", manifest.commit.hex()},
                            {"date", to_text(manifest.date)},
                            {"checked", to_text(manifest.checked)},
                            {"tree", manifest.tree_sha256},
                            {"include", array_of_patterns(manifest.include)},
                            {"exclude", array_of_patterns(manifest.exclude)},
                            {"files", manifest.files},
                            {"bytes", manifest.bytes}}) +
           "\n";
}

Result<ExportManifest> manifest_from(std::string_view text) {
    boost::system::error_code bad;
    const json::value value = json::parse(text, bad);
    if (bad || !value.is_object()) {
        return fail(Code::invalid, "not a JSON object");
    }
    const json::object& object = value.get_object();
    if (count_at(object, "version") != kManifestVersion) {
        return fail(Code::invalid, "not of a version that is known here");
    }
    const auto type = repo_type_from(text_at(object, "type") + "s");
    const auto commit = CommitId::from_hex(text_at(object, "commit"));
    const auto date = instant_from(text_at(object, "date"));
    const auto checked = instant_from(text_at(object, "checked"));
    const auto tree = ContentHash::from_hex(HashKind::sha256, text_at(object, "tree"));
    auto include = patterns_at(object, "include");
    auto exclude = patterns_at(object, "exclude");
    ExportManifest manifest{.repo = {type.value_or(RepoType::model), text_at(object, "repo")},
                            .revision = text_at(object, "revision"),
                            .tree_sha256 = tree ? tree->hex() : std::string(),
                            .files = count_at(object, "files"),
                            .bytes = count_at(object, "bytes")};
    if (!type || !valid_repo_id(manifest.repo.id) || manifest.revision.empty()) {
        return fail(Code::invalid, "it names no repository or revision");
    }
    if (!commit || !date || !checked || !tree || !include || !exclude) {
        return fail(Code::invalid, "a field is missing or has another form");
    }
    manifest.commit = *commit;
    manifest.date = *date;
    manifest.checked = *checked;
    manifest.include = std::move(*include);
    manifest.exclude = std::move(*exclude);
    return manifest;
}

Result<std::vector<hub::TreeEntry>> tree_from(std::string_view text) {
    std::string list = "[";
    list.reserve(text.size() + 2);
    list.append(text.substr(0, text.size() - (text.ends_with('\n') ? 1 : 0)));
    std::ranges::replace(list, '\n', ',');  // JSON has none inside of a text
    return hub::parse_tree_page(list += "]");
}

Result<ExportDir> ExportDir::create(const std::string& path) {
    std::error_code error;
    files::create_directory(path, error);
    const bool empty = !error && files::is_empty(path, error);
    if (error) {
        return fail(Code::io, path + ": " + error.message() + " (hubfs itself writes there)");
    }
    ExportDir dir(path);
    if (!empty) {
        auto there = open(path);
        return there || there.error().code != Code::not_found
                   ? std::move(there)
                   : fail(Code::invalid, path + " is neither empty nor an export");
    }
    if (Status written = dir.write(kFormatFile, kFormatText); !written) {
        return std::unexpected(std::move(written.error()));
    }
    return dir;
}

Result<ExportDir> ExportDir::open(const std::string& path) {
    ExportDir dir(path);
    const auto format = dir.read(kFormatFile, kManifestBytesMax);
    if (!format) {
        return format.error().code == Code::not_found
                   ? fail(Code::not_found, path + " is no export, or hubfs cannot read it")
                   : std::unexpected(format.error());
    }
    return *format == kFormatText ? Result<ExportDir>(std::move(dir))
                                  : fail(Code::invalid, path + " is an export of another version");
}

Fd ExportDir::open_content(const ContentHash& hash) const {
    Fd file(::open((path_ + "/" + name_of(hash)).c_str(),
                   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat info{};
    return file.valid() && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode)
               ? std::move(file)
               : Fd();
}

Result<Fd> ExportDir::begin_content(const ContentHash& hash) const {
    const std::string path = path_ + "/" + name_of(hash);
    if (Status made = make_folder_of(path); !made) {
        return std::unexpected(std::move(made.error()));
    }
    Fd file(::open((path + std::string(kBeside)).c_str(),
                   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    return file.valid() ? Result<Fd>(std::move(file)) : std::unexpected(failure(path));
}

Status ExportDir::keep_content(const ContentHash& hash, const Fd& file) const {
    return keep(path_ + "/" + name_of(hash), file);
}

void ExportDir::drop_content(const ContentHash& hash) const {
    ::unlink((path_ + "/" + name_of(hash) + std::string(kBeside)).c_str());
}

Result<std::string> ExportDir::put_tree(std::string_view text) const {
    const auto hash = sha256(text);
    std::string hex = to_hex(hash.data(), hash.size());
    Status written = write(name_of_tree(hex), text);
    return written ? Result<std::string>(std::move(hex)) : std::unexpected(written.error());
}

Result<std::string> ExportDir::tree(const std::string& hex) const {
    auto text = read(name_of_tree(hex), kTreeBytesMax);
    if (!text) {
        return text;
    }
    const auto hash = sha256(*text);
    return to_hex(hash.data(), hash.size()) == hex
               ? std::move(text)
               : fail(Code::corrupt, name_of_tree(hex) + " is not what its name says");
}

Status ExportDir::put_manifest(const ExportManifest& manifest) const {
    return write(std::string(kManifests) + "/" + std::string(plural(manifest.repo.type)) + "/" +
                     contract::encode_ref(manifest.repo.id) + "@" +
                     contract::encode_ref(manifest.revision) + std::string(kManifestEnd),
                 to_json(manifest));
}

Result<std::vector<std::string>> ExportDir::manifests() const {
    std::vector<std::string> names;
    for (const RepoType type : {RepoType::model, RepoType::dataset}) {
        const std::string folder = std::string(kManifests) + "/" + std::string(plural(type));
        std::error_code error;
        for (files::directory_iterator at(path_ + "/" + folder, error), end; !error && at != end;
             at.increment(error)) {
            const std::string name = at->path().filename().string();
            if (name.ends_with(kManifestEnd)) {
                names.push_back(folder + "/" + name);
            }
        }
        if (error && error != std::errc::no_such_file_or_directory) {
            return fail(Code::io, folder + ": " + error.message());
        }
    }
    std::ranges::sort(names);
    return names;
}

Result<ExportManifest> ExportDir::manifest(const std::string& name) const {
    const auto text = read(name, kManifestBytesMax);
    return text ? manifest_from(*text) : std::unexpected(text.error());
}

// not_found: there is none; invalid: it is longer than `max`.
Result<std::string> ExportDir::read(const std::string& name, std::size_t max) const {
    const std::string path = path_ + "/" + name;
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat info{};
    if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail(Code::not_found, name + " cannot be read");
    }
    if (static_cast<std::uint64_t>(info.st_size) > max) {
        return fail(Code::invalid, name + " is too large");
    }
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t n = ::read(file.get(), text.data() + at, text.size() - at);
        if (n <= 0) {
            return fail(Code::io, name + " cannot be read to its end");
        }
        at += static_cast<std::size_t>(n);
    }
    return text;
}

Status ExportDir::write(const std::string& name, std::string_view text) const {
    const std::string path = path_ + "/" + name;
    if (Status made = make_folder_of(path); !made) {
        return made;
    }
    const Fd file(::open((path + std::string(kBeside)).c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!file.valid()) {
        return std::unexpected(failure(path));
    }
    while (!text.empty()) {
        const ssize_t n = ::write(file.get(), text.data(), text.size());
        if (n <= 0) {
            return std::unexpected(failure(path));
        }
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return keep(path, file);
}

}  // namespace hubfs::app
