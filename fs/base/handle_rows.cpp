// SPDX-License-Identifier: Apache-2.0
#include "fs/base/handle_rows.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace hubfs {

// As it lies in the memory file; only programs of one version share one.
struct HandleRows::Slot {
    std::atomic<std::uint64_t> fh;  // 0: free
    std::uint64_t node;
    std::int32_t backing_id;
    std::uint32_t spare;
};

namespace {

constexpr int kSeals = F_SEAL_GROW | F_SEAL_SHRINK;

}  // namespace

Result<Fd> HandleRows::create(std::size_t rows) {
    Fd file(memfd_create("hubfs-handles", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.valid() || ftruncate(file.get(), static_cast<off_t>(rows * sizeof(Slot))) != 0 ||
        fcntl(file.get(), F_ADD_SEALS, kSeals | F_SEAL_SEAL) != 0) {
        return fail(Code::io, std::string("memfd: ") + std::strerror(errno));
    }
    return file;
}

Result<HandleRows> HandleRows::map(const Fd& file) {
    static_assert(sizeof(Slot) == 24);
    struct stat st{};
    if (fstat(file.get(), &st) != 0 || st.st_size <= 0 ||
        (fcntl(file.get(), F_GET_SEALS) & kSeals) != kSeals) {
        return fail(Code::invalid, "the table of open files is not the supervisor's");
    }
    const auto bytes = static_cast<std::size_t>(st.st_size);
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) {
        return fail(Code::io, std::string("mmap: ") + std::strerror(errno));
    }
    return HandleRows(static_cast<Slot*>(memory), bytes / sizeof(Slot));
}

HandleRows::HandleRows(HandleRows&& other) noexcept
    : slots_(std::exchange(other.slots_, nullptr)), capacity_(other.capacity_) {}

HandleRows::~HandleRows() {
    if (slots_ != nullptr) {
        munmap(slots_, capacity_ * sizeof(Slot));
    }
}

void HandleRows::write(std::size_t place, const HandleRow& row) {
    Slot& slot = slots_[place];
    slot.node = row.node;
    slot.backing_id = row.backing_id;
    slot.fh.store(row.fh, std::memory_order_release);  // last: from here on the row counts
}

void HandleRows::clear(std::size_t place) {
    slots_[place].fh.store(0, std::memory_order_release);
}

HandleRow HandleRows::read(std::size_t place) const {
    const Slot& slot = slots_[place];
    const std::uint64_t fh = slot.fh.load(std::memory_order_acquire);
    return fh == 0 ? HandleRow{} : HandleRow{fh, slot.node, slot.backing_id};
}

std::vector<HandleRow> HandleRows::all() const {
    std::vector<HandleRow> rows;
    for (std::size_t place = 0; place < capacity_; ++place) {
        if (const HandleRow row = read(place); row.fh != 0) {
            rows.push_back(row);
        }
    }
    return rows;
}

}  // namespace hubfs
