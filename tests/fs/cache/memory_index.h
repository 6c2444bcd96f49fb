// SPDX-License-Identifier: Apache-2.0
// A BlobIndex in memory that outlives the cache which uses it, as a database would. Can refuse to
// write, and counts its commits. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "fs/cache/blob_index.h"

namespace hubfs::test {

class MemoryIndex {
public:
    using Index = cache::BlobIndex;

    // What a cache is opened with; refers to this.
    [[nodiscard]] std::unique_ptr<Index> handle() { return std::make_unique<Handle>(*this); }

    [[nodiscard]] std::map<ContentHash, Index::Record> records() const {
        const std::scoped_lock lock(mutex_);
        return records_;
    }
    [[nodiscard]] std::map<ContentHash, Index::Left> left() const {
        const std::scoped_lock lock(mutex_);
        return left_;
    }
    [[nodiscard]] std::optional<meta::Turns> turns() const {
        const std::scoped_lock lock(mutex_);
        return turns_;
    }
    [[nodiscard]] std::size_t commits() const {
        const std::scoped_lock lock(mutex_);
        return commits_;
    }
    [[nodiscard]] std::vector<meta::SumRow> sums(const ContentHash& hash) const {
        const std::scoped_lock lock(mutex_);
        std::vector<meta::SumRow> rows;
        if (const auto found = sums_.find(hash); found != sums_.end()) {
            for (const auto& [number, row] : found->second) {
                rows.push_back(row);
            }
        }
        return rows;
    }
    // Every n-th sum of the content is wrong from now on.
    void spoil_sums(const ContentHash& hash, std::size_t n) {
        const std::scoped_lock lock(mutex_);
        for (auto& [number, row] : sums_[hash]) {
            for (std::size_t place = 0; place < row.sums.size(); place += n) {
                row.sums[place] += row.sums[place] != 0 ? 1U : 0U;
            }
        }
    }
    // As a store from before there were any.
    void forget_sums() {
        const std::scoped_lock lock(mutex_);
        sums_.clear();
    }
    void put(const ContentHash& hash, Index::Record record) {
        const std::scoped_lock lock(mutex_);
        records_[hash] = std::move(record);
    }
    void erase(const ContentHash& hash) {
        const std::scoped_lock lock(mutex_);
        records_.erase(hash);
    }
    void clear() {
        const std::scoped_lock lock(mutex_);
        records_.clear();
        left_.clear();
        turns_.reset();
        sums_.clear();
    }
    void refuse_writes(bool refuse) {
        const std::scoped_lock lock(mutex_);
        refuse_ = refuse;
    }

private:
    class Handle final : public Index {
    public:
        explicit Handle(MemoryIndex& index) : index_(index) {}
        Result<std::optional<Record>> find(const ContentHash& hash) const override {
            const std::scoped_lock lock(index_.mutex_);
            const auto found = index_.records_.find(hash);
            return found == index_.records_.end() ? std::optional<Record>()
                                                  : std::optional<Record>(found->second);
        }
        Result<std::vector<meta::SumRow>> sums(const ContentHash& hash) const override {
            return index_.sums(hash);
        }
        Status apply(const std::vector<Change>& changes,
                     std::optional<meta::Turns> turns) override {
            const std::scoped_lock lock(index_.mutex_);
            if (index_.refuse_) {
                return fail(Code::io, "test: no writes");
            }
            ++index_.commits_;
            index_.turns_ = turns ? turns : index_.turns_;
            for (const Change& change : changes) {
                if (change.record) {
                    index_.records_[change.hash] = *change.record;
                    index_.left_.erase(change.hash);
                    for (const meta::SumRow& row : change.sums) {
                        index_.sums_[change.hash][row.number] = row;
                    }
                } else {
                    index_.records_.erase(change.hash);
                    index_.sums_.erase(change.hash);
                }
                if (change.left) {
                    index_.left_[change.hash] = *change.left;
                }
            }
            return {};
        }
        Status for_each(const Visit& visit) const override {
            for (const auto& [hash, record] : index_.records()) {
                visit(hash, record);
            }
            return {};
        }
        Result<std::optional<Left>> left(const ContentHash& hash) const override {
            const auto left = index_.left();
            const auto found = left.find(hash);
            return found == left.end() ? std::optional<Left>() : std::optional<Left>(found->second);
        }
        Status forget_left(meta::Turns until) override {
            const std::scoped_lock lock(index_.mutex_);
            std::erase_if(index_.left_, [&](const auto& row) { return row.second.at <= until; });
            return {};
        }
        Result<std::optional<meta::Turns>> turns() const override {
            const std::scoped_lock lock(index_.mutex_);
            return index_.turns_;
        }

    private:
        MemoryIndex& index_;
    };

    mutable std::mutex mutex_;  // guards what follows
    std::map<ContentHash, Index::Record> records_;
    std::map<ContentHash, Index::Left> left_;
    std::optional<meta::Turns> turns_;
    std::map<ContentHash, std::map<std::uint32_t, meta::SumRow>> sums_;
    std::size_t commits_ = 0;
    bool refuse_ = false;
};

}  // namespace hubfs::test
