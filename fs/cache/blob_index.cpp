// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/blob_index.h"

#include <utility>

namespace hubfs::cache {

namespace {

class TableIndex final : public BlobIndex {
public:
    explicit TableIndex(meta::BlobTable& table) : table_(table) {}
    Result<std::optional<Record>> find(const ContentHash& hash) const override {
        return table_.find(hash);
    }
    Result<std::vector<meta::SumRow>> sums(const ContentHash& hash) const override {
        return table_.sums(hash);
    }
    Status apply(const std::vector<Change>& changes, std::optional<meta::Turns> turns) override {
        return table_.apply(changes, turns);
    }
    Status for_each(const Visit& visit) const override { return table_.for_each(visit); }
    Result<std::optional<Left>> left(const ContentHash& hash) const override {
        return table_.left(hash);
    }
    Status forget_left(meta::Turns until) override { return table_.forget_left(until); }
    Result<std::optional<meta::Turns>> turns() const override { return table_.turns(); }

private:
    meta::BlobTable& table_;
};

}  // namespace

std::optional<BlobIndex::Record> record_of(const BlobIndex& index, const ContentHash& hash) {
    auto found = index.find(hash);
    return found ? std::move(*found) : std::nullopt;
}

std::unique_ptr<BlobIndex> index_of(meta::BlobTable& table) {
    return std::make_unique<TableIndex>(table);
}

}  // namespace hubfs::cache
