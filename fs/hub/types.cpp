// SPDX-License-Identifier: Apache-2.0
#include "fs/hub/types.h"

namespace hubfs::hub {

std::string_view name_of(RepoState state) {
    switch (state) {
        case RepoState::open: return "public";
        case RepoState::gated: return "gated";
        case RepoState::private_: return "private";
        case RepoState::disabled: return "disabled";
        case RepoState::gone: return "gone";
    }
    return "gone";
}

}  // namespace hubfs::hub
