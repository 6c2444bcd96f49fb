// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/handles.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "fs/base/guarded.h"

namespace hubfs::tree {

namespace {

// [offset, offset + size) of the text, cut at its end.
cache::Bytes slice(const std::string& text, std::uint64_t offset, std::size_t size) {
    auto bytes = std::make_shared<std::vector<std::byte>>();
    if (offset < text.size()) {
        const auto first = static_cast<std::size_t>(offset);
        bytes->resize(std::min(size, text.size() - first));
        std::memcpy(bytes->data(), text.data() + first, bytes->size());
    }
    return bytes;
}

class ContentHandle final : public Handle {
public:
    ContentHandle(std::unique_ptr<cache::Reader> reader, ReadFailed on_failure)
        : reader_(std::move(reader)),
          on_failure_(std::make_shared<const ReadFailed>(std::move(on_failure))) {}

    void read(std::uint64_t offset, std::size_t size, Done<cache::Bytes> done) override {
        reader_->read(
            offset, size,
            [failed = on_failure_, done = std::move(done)](Result<cache::Bytes> bytes) mutable {
                if (bytes) {
                    return done(std::move(bytes));
                }
                (*failed)(std::move(bytes.error()), [done = std::move(done)](Error error) mutable {
                    done(std::unexpected(std::move(error)));
                });
            });
    }
    // Pages from before a drop go when the file is opened: the kernel is told of it as well, but a
    // reader may be quicker than that.
    [[nodiscard]] bool keep_pages() const override { return !reader_->was_wrong(); }
    [[nodiscard]] bool direct_io() const override { return false; }
    [[nodiscard]] Fd verified_file() const override { return reader_->verified_file(); }

private:
    const std::unique_ptr<cache::Reader> reader_;
    const std::shared_ptr<const ReadFailed> on_failure_;  // answers may outlive the handle
};

class TextHandle final : public Handle {
public:
    explicit TextHandle(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}

    void read(std::uint64_t offset, std::size_t size, Done<cache::Bytes> done) override {
        done(slice(*text_, offset, size));
    }
    [[nodiscard]] bool keep_pages() const override { return true; }
    [[nodiscard]] bool direct_io() const override { return false; }

private:
    const std::shared_ptr<const std::string> text_;
};

class LazyTextHandle final : public Handle {
public:
    explicit LazyTextHandle(MakeText make) : make_(std::move(make)) {}

    void read(std::uint64_t offset, std::size_t size, Done<cache::Bytes> done) override {
        const auto text = this->text();
        if (!text) {
            return done(std::unexpected(text.error()));
        }
        done(slice(**text, offset, size));
    }
    [[nodiscard]] bool keep_pages() const override { return true; }
    [[nodiscard]] bool direct_io() const override { return false; }

private:
    // Reads that come together wait for the one that makes it. A failure is tried again.
    Result<std::shared_ptr<const std::string>> text() {
        const std::scoped_lock lock(mutex_);
        if (text_ == nullptr) {
            Result<std::string> made = make_();
            if (!made) {
                return std::unexpected(std::move(made.error()));
            }
            text_ = std::make_shared<const std::string>(std::move(*made));
        }
        return text_;
    }

    const MakeText make_;
    std::mutex mutex_;  // guards text_, held while it is made
    std::shared_ptr<const std::string> text_;
};

class StatusHandle final : public Handle {
public:
    explicit StatusHandle(StatusText make) : make_(std::move(make)) {}

    void read(std::uint64_t offset, std::size_t size, Done<cache::Bytes> done) override {
        auto text = text_.with([](const auto& current) { return current; });
        if (offset == 0 || !text) {
            text = std::make_shared<const std::string>(make_());
            text_.with([&](auto& current) { current = text; });
        }
        done(slice(*text, offset, size));
    }
    [[nodiscard]] bool keep_pages() const override { return false; }
    [[nodiscard]] bool direct_io() const override { return true; }

private:
    const StatusText make_;
    Guarded<std::shared_ptr<const std::string>> text_;
};

}  // namespace

std::unique_ptr<Handle> content_handle(std::unique_ptr<cache::Reader> reader,
                                       ReadFailed on_failure) {
    return std::make_unique<ContentHandle>(std::move(reader), std::move(on_failure));
}

std::unique_ptr<Handle> text_handle(std::shared_ptr<const std::string> text) {
    return std::make_unique<TextHandle>(std::move(text));
}

std::unique_ptr<Handle> lazy_text_handle(MakeText make) {
    return std::make_unique<LazyTextHandle>(std::move(make));
}

std::unique_ptr<Handle> status_handle(StatusText text) {
    return std::make_unique<StatusHandle>(std::move(text));
}

}  // namespace hubfs::tree
