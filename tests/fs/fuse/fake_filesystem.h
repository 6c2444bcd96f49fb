// SPDX-License-Identifier: Apache-2.0
// A tree::Filesystem for tests of fs/fuse: one directory (inode 1) with the file "file" (inode 10,
// its content is `content`), the symlink "link" (11) and nothing else. The name "wait" and reads
// while `hold_reads` is set are kept until the test answers them.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "fs/base/guarded.h"
#include "fs/tree/filesystem.h"

namespace hubfs::test {

inline constexpr tree::Ino kFileIno{10};
inline constexpr tree::Ino kLinkIno{11};

class FakeFilesystem : public tree::Filesystem {
public:
    struct Held {
        std::vector<Done<tree::Lookup>> lookups;
        std::vector<Done<cache::Bytes>> reads;
    };

    std::string content = "0123456789";
    std::atomic<bool> hold_reads{false};
    std::atomic<int> opens{0};
    std::atomic<int> open_handles{0};
    std::vector<tree::ListingEntry> entries{entry("file", kFileIno, tree::NodeKind::file),
                                            entry("link", kLinkIno, tree::NodeKind::symlink)};
    std::map<std::string, Error> failures{
        {"gated", {Code::gated, "gated"}},
        {"down", {Code::unavailable, "503"}},
    };

    static tree::ListingEntry entry(std::string name, tree::Ino ino, tree::NodeKind kind) {
        return {.name = std::move(name),
                .attributes = {.ino = ino, .kind = kind, .valid = std::chrono::seconds(9)},
                .valid = std::chrono::seconds(5)};
    }
    Held take_held() {
        return held_.with([](Held& held) { return std::exchange(held, {}); });
    }
    [[nodiscard]] std::size_t held() const {
        return held_.with([](const Held& h) { return h.lookups.size() + h.reads.size(); });
    }

    void lookup(tree::Ino /*parent*/, std::string name, Done<tree::Lookup> done) override {
        if (name == "wait") {
            held_.with([&](Held& held) { held.lookups.push_back(std::move(done)); });
            return;
        }
        if (name == "throw") {
            throw std::runtime_error("a test's");
        }
        if (const auto failure = failures.find(name); failure != failures.end()) {
            return done(std::unexpected(failure->second));
        }
        for (const tree::ListingEntry& each : entries) {
            if (each.name == name) {
                return done(tree::Lookup{true, each.attributes, each.valid});
            }
        }
        const std::chrono::milliseconds believed(name == "doubtful" ? 0 : 2000);
        done(tree::Lookup{.present = false, .attributes = {}, .valid = believed});
    }
    void getattr(tree::Ino ino, Done<tree::Attributes> done) override {
        if (ino == tree::kRootIno) {
            return done(tree::Attributes{.ino = ino, .kind = tree::NodeKind::directory});
        }
        if (ino != kFileIno) {
            return done(fail(Code::stale, "no such inode"));
        }
        done(tree::Attributes{.ino = ino, .size_bytes = content.size()});
    }
    void readlink(tree::Ino /*ino*/, Done<std::string> done) override { done("target"); }
    void list(tree::Ino directory, Done<std::shared_ptr<const tree::Listing>> done) override {
        auto listing = std::make_shared<tree::Listing>();
        listing->self = directory;
        listing->parent = directory;
        listing->entries = entries;
        listing->kernel_may_keep = true;
        done(std::move(listing));
    }
    void open(tree::Ino ino, Done<std::unique_ptr<tree::Handle>> done) override {
        if (ino != kFileIno) {
            return done(fail(Code::is_directory, "not a file"));
        }
        ++opens;
        done(std::make_unique<File>(*this));
    }
    void get_xattr(tree::Ino /*ino*/, std::string name, Done<std::string> done) override {
        if (name == "user.hub.etag") {
            return done("abcdef");
        }
        done(fail(Code::no_attribute, "none"));
    }
    void list_xattr(tree::Ino /*ino*/, Done<std::vector<std::string>> done) override {
        done(std::vector<std::string>{"user.hub.etag", "user.hub.oid"});
    }
    [[nodiscard]] tree::Statfs statfs() const override { return {4096, 100, 40, 3}; }

private:
    class File : public tree::Handle {
    public:
        explicit File(FakeFilesystem& fs) : fs_(fs) { ++fs_.open_handles; }
        ~File() override { --fs_.open_handles; }
        void read(std::uint64_t offset, std::size_t size, Done<cache::Bytes> done) override {
            if (fs_.hold_reads) {
                fs_.held_.with([&](Held& held) { held.reads.push_back(std::move(done)); });
                return;
            }
            const std::string part =
                offset < fs_.content.size() ? fs_.content.substr(offset, size) : "";
            const auto* first = reinterpret_cast<const std::byte*>(part.data());
            done(std::make_shared<const std::vector<std::byte>>(first, first + part.size()));
        }
        [[nodiscard]] bool keep_pages() const override { return true; }
        [[nodiscard]] bool direct_io() const override { return false; }

    private:
        FakeFilesystem& fs_;
    };

    Guarded<Held> held_;
};

}  // namespace hubfs::test
