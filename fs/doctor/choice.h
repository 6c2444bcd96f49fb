// SPDX-License-Identifier: Apache-2.0
// Which files of a repository are asked for. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "fs/hub/types.h"

namespace hubfs::doctor {

// A file as the listing describes it; without a listing only its path is known.
struct FileFact {
    std::string path;
    std::optional<std::uint64_t> size_bytes{};
    std::string etag{};  // 40 or 64 hex, without quotes; empty: unknown
    bool lfs = false;
};

struct Choice {
    std::optional<FileFact> small{};  // kept in git: the smallest that is not empty
    std::optional<FileFact> lfs{};    // the smallest: a cold mirror fetches what is asked for
};

[[nodiscard]] Choice choose_files(std::span<const hub::TreeEntry> entries);

}  // namespace hubfs::doctor
