// SPDX-License-Identifier: Apache-2.0
// One step after another with errors as values: std::expected's and_then, which GCC 12's library
// does not have yet.
#pragma once

#include <type_traits>
#include <utility>

#include "fs/base/result.h"

namespace hubfs::tree {

// f(value), which is a Result itself, or the error of `result`.
template <class T, class F>
[[nodiscard]] auto then(Result<T> result, F&& f) -> std::invoke_result_t<F, T&&> {
    if (!result) {
        return std::unexpected<Error>(std::move(result.error()));
    }
    return std::forward<F>(f)(std::move(*result));
}

}  // namespace hubfs::tree
