// SPDX-License-Identifier: Apache-2.0
// Open files: content of a commit through the block cache, and texts from memory.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "fs/cache/block_cache.h"
#include "fs/tree/filesystem.h"

namespace hubfs::tree {

// Told of every read that failed, on whatever thread the answer comes; hands on, then or later, the
// failure that the reader is to see.
using ReadFailed = std::function<void(Error, std::move_only_function<void(Error)>)>;
// Keeps its content from being evicted while it is open.
[[nodiscard]] std::unique_ptr<Handle> content_handle(std::unique_ptr<cache::Reader> reader,
                                                     ReadFailed on_failure);
// A text that never changes: the body of one document version.
[[nodiscard]] std::unique_ptr<Handle> text_handle(std::shared_ptr<const std::string> text);
// The same, made by its first read: the tree of a commit, whose pages the kernel often has already.
using MakeText = std::function<Result<std::string>()>;
[[nodiscard]] std::unique_ptr<Handle> lazy_text_handle(MakeText make);
// A status file: each read at offset 0 makes the text anew, the reads after it go on in that text.
[[nodiscard]] std::unique_ptr<Handle> status_handle(StatusText text);

}  // namespace hubfs::tree
