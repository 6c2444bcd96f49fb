// SPDX-License-Identifier: Apache-2.0
// The one place where LMDB's codes become ours. Pure; knows no transaction.
#pragma once

#include <string_view>

#include "fs/base/result.h"

namespace hubfs::meta {

// `code` is an MDB_* code or an errno, not 0. `doing` names the call: "commit", "put".
[[nodiscard]] Error lmdb_error(int code, std::string_view doing);

}  // namespace hubfs::meta
