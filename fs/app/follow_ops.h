// SPDX-License-Identifier: Apache-2.0
// What is followed, as the control socket speaks of it:
//   {"op":"follow","type":"model","repo":"acme/tiny","revision":"main","include":[],"exclude":[]}
//                                             -> {"job":1}: it fetches the newest commit now
//   {"op":"unfollow", type, repo, revision}   -> {"ok":true}
//   {"op":"follows"}                          -> {"follows":[…]}
// A follow: {"type":…,"repo":…,"revision":…,"since":…,"include":[],"exclude":[],"running":false}
// and where there is such: "commit" (the last complete one), "completed" (when it was), "coming"
// (the commit that is being fetched), "asked" (when upstream answered last), "job" (the last one),
// "error". Times are RFC 3339.
#pragma once

#include <string>
#include <vector>

#include "fs/app/control.h"
#include "fs/app/follower.h"

namespace hubfs::app {

// The commits' ids are the catalogue's.
[[nodiscard]] std::string follows_json(const std::vector<FollowView>& follows,
                                       const meta::Catalog& catalog);

// Both must stay until the control socket is closed.
void add_follow_ops(ControlOps& ops, Follower& follower, const meta::Catalog& catalog);

}  // namespace hubfs::app
