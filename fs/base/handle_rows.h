// SPDX-License-Identifier: Apache-2.0
// One row per open regular file of a mount, in a sealed memory file that the supervisor makes and
// every daemon of the mount maps: what a daemon that was killed had told the kernel. A row is
// written before the reply that gives its number to the kernel, and cleared when the file is
// released, so the next daemon knows for sure what the kernel may hold (design 3).
//
// One daemon writes at a time; within it the caller serialises. A row that was half written when
// the daemon died has no number yet and is free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/result.h"

namespace hubfs {

// Open files of one mount. The memory of a row is used when it is first written: 24 bytes.
inline constexpr std::size_t kHandleRowsMax = 262144;

struct HandleRow {
    std::uint64_t fh = 0;  // the number the kernel has for it, not 0
    std::uint64_t node = 0;
    std::int32_t backing_id = 0;  // 0: read through the daemon; else read by the kernel itself
    bool operator==(const HandleRow&) const = default;
};

class HandleRows {
public:
    // A new memory file without rows, its size sealed. Code::io.
    static Result<Fd> create(std::size_t rows = kHandleRowsMax);
    // Maps one that create() made. Code::invalid for anything else.
    static Result<HandleRows> map(const Fd& file);

    HandleRows(HandleRows&& other) noexcept;
    HandleRows& operator=(HandleRows&&) = delete;
    ~HandleRows();

    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    // place < capacity(); row.fh != 0.
    void write(std::size_t place, const HandleRow& row);
    void clear(std::size_t place);
    // Nothing when the place is free.
    [[nodiscard]] HandleRow read(std::size_t place) const;
    // Every row that is in use, without its place.
    [[nodiscard]] std::vector<HandleRow> all() const;

private:
    struct Slot;
    HandleRows(Slot* slots, std::size_t capacity) : slots_(slots), capacity_(capacity) {}

    Slot* slots_ = nullptr;  // mapped
    std::size_t capacity_ = 0;
};

}  // namespace hubfs
