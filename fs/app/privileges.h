// SPDX-License-Identifier: Apache-2.0
// The daemon's rights: it parses what strangers send, so it keeps none it does not use.
#pragma once

#include "fs/base/result.h"

namespace hubfs::app {

// Gives up every capability but the two that reach files of another user (a state directory made
// for a service account, when root runs hubfs), for this thread and all that it starts, and the way
// back (setuid programs). Does nothing for ordinary users, who have none.
[[nodiscard]] Status drop_privileges();

}  // namespace hubfs::app
