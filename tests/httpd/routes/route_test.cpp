// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/route.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace httpd::routes {
namespace {

struct RouteRow {
    const char* path;
    Kind kind;
    const char* id = "";
    const char* revision = "";
    const char* file = "";
};

const std::string kCommit(40, 'a');
const std::string kOid(64, 'b');
const std::string kObject = "/datasets/acme/set.git/info/lfs/objects/" + kOid;

void check(std::initializer_list<RouteRow> rows) {
    for (const RouteRow& row : rows) {
        const Route route = parse_route(row.path);
        EXPECT_EQ(static_cast<int>(route.kind), static_cast<int>(row.kind)) << row.path;
        EXPECT_EQ(route.repo.id, row.id) << row.path;
        EXPECT_EQ(route.revision, row.revision) << row.path;
        EXPECT_EQ(route.path, row.file) << row.path;
    }
}

TEST(Route, every_page_finds_its_kind) {
    check({
        {"/", Kind::index},
        {"/healthz", Kind::health},
        {"/acme/tiny/resolve/main/a.json", Kind::resolve, "acme/tiny", "main", "a.json"},
        {"/acme/tiny/resolve/main/a/b%20c", Kind::resolve, "acme/tiny", "main", "a/b c"},
        {"/acme/tiny/resolve/refs%2Fpr%2F1/a", Kind::resolve, "acme/tiny", "refs/pr/1", "a"},
        {"/acme/tiny/raw/main/a", Kind::raw, "acme/tiny", "main", "a"},
        {"/gpt2/resolve/main/a", Kind::resolve, "gpt2", "main", "a"},
        {"/gpt2/resolve/main/sub%2Fa", Kind::resolve, "gpt2", "main", "sub/a"},
        {"/datasets/acme/set/resolve/main/a", Kind::resolve, "acme/set", "main", "a"},
        {"/datasets/squad/raw/main/a", Kind::raw, "squad", "main", "a"},
        {"/acme/tiny/resolve/main", Kind::unknown},
        {"/acme/tiny/resolve/%zz/a", Kind::bad_request, "acme/tiny"},
        {"/acme/tiny/resolve/main/%00", Kind::bad_request, "acme/tiny", "main"},
        {"/acme/ti%20ny/resolve/main/a", Kind::unknown},
        {"/acme/../resolve/main/a", Kind::unknown},
        {"/acme/tiny", Kind::unknown},
        {"/acme/tiny/blob/main/a", Kind::unknown},
        {"/-/seed/x", Kind::unknown},
        {"//resolve/main/a", Kind::unknown},
        {"*", Kind::unknown},
        {"/spaces/a/b", Kind::pass},
        {"/spaces/a/b/resolve/main/app.py", Kind::pass},
        {"/kernels/a/b/resolve/main/x", Kind::pass},
        {"/buckets/a/b/resolve/x", Kind::pass},
        {"/v2/a/b/manifests/latest", Kind::pass},
        {"/oauth/device", Kind::pass},
        {"/acme/tiny/info/refs", Kind::pass, "acme/tiny"},
        {"/acme/tiny.git/git-upload-pack", Kind::pass, "acme/tiny"},
        {"/datasets/squad.git/info/refs", Kind::pass, "squad"},
        {"/spaces/a/b.git/info/refs", Kind::pass},
        {"/acme/ti%20ny/info/refs", Kind::unknown},
        {"/acme/tiny/resolve/main/info/refs", Kind::resolve, "acme/tiny", "main", "info/refs"},
        {"/acme/tiny/resolve/main/git-upload-pack", Kind::resolve, "acme/tiny", "main",
         "git-upload-pack"},
        {"/acme/tiny/info/refs/x", Kind::unknown},
        {"/acme/tiny.git/info/lfs/objects/batch", Kind::lfs_batch, "acme/tiny", "", "batch"},
        {"/gpt2/info/lfs/objects/batch", Kind::lfs_batch, "gpt2", "", "batch"},
        {"/spaces/a/b.git/info/lfs/objects/batch", Kind::lfs_batch, "", "", "batch"},
        {kObject.c_str(), Kind::lfs_object, "acme/set", "", kOid.c_str()},
        {"/acme/tiny.git/info/lfs/objects/xyz", Kind::pass, "acme/tiny", "", "xyz"},
        {"/acme/tiny.git/info/lfs/locks/verify", Kind::pass, "acme/tiny"},
    });
}

TEST(Route, every_api_address_finds_its_kind) {
    check({
        {"/api/telemetry/a/b", Kind::telemetry},
        {"/api/agent-harnesses", Kind::harnesses},
        {"/api/whoami-v2", Kind::pass},
        {"/api/spaces/a/b", Kind::pass},
        {"/api/repos/create", Kind::pass},
        {"/api/spaces/a/b/xet-read-token/main", Kind::xet_read_token},
        {"/api/models", Kind::document},
        {"/api/models/", Kind::unknown},
        {"/api/datasets", Kind::document},
        {"/api/trending", Kind::document},
        {"/api", Kind::unknown},
        {"/api/models/acme/tiny", Kind::info, "acme/tiny"},
        {"/api/models/gpt2", Kind::info, "gpt2"},
        {"/api/datasets/acme/set", Kind::info, "acme/set"},
        {"/api/models/acme/tiny/revision/main", Kind::revision, "acme/tiny", "main"},
        {"/api/models/gpt2/revision/refs%2Fpr%2F1", Kind::revision, "gpt2", "refs/pr/1"},
        {"/api/models/acme/tiny/tree/main", Kind::tree, "acme/tiny", "main"},
        {"/api/models/acme/tiny/tree/main/a/b", Kind::tree, "acme/tiny", "main", "a/b"},
        {"/api/models/gpt2/tree/main/a%2Fb", Kind::tree, "gpt2", "main", "a/b"},
        {"/api/models/acme/tiny/tree", Kind::repo_document, "acme/tiny"},
        {"/api/models/acme/tiny/paths-info/main", Kind::paths_info, "acme/tiny", "main"},
        {"/api/models/acme/tiny/commits/main", Kind::commits, "acme/tiny", "main"},
        {"/api/models/acme/tiny/refs", Kind::repo_document, "acme/tiny"},
        {"/api/models/gpt2/refs", Kind::repo_document, "gpt2"},
        {"/api/models/acme/tiny/treesize/main/a", Kind::repo_document, "acme/tiny"},
        {"/api/models/acme/tiny/xet-read-token/main", Kind::xet_read_token, "acme/tiny"},
        {"/api/models/acme/tiny/auth-check", Kind::auth_check, "acme/tiny"},
        {"/api/models/a%20b/c", Kind::unknown},
    });
}

TEST(Route, resolve_cache_wants_a_commit) {
    const std::string path = "/api/resolve-cache/models/acme/tiny/" + kCommit + "/a%20b/c";
    const Route route = parse_route(path);
    EXPECT_EQ(route.kind, Kind::resolve_cache);
    EXPECT_EQ(route.repo.id, "acme/tiny");
    EXPECT_EQ(route.revision, kCommit);
    EXPECT_EQ(route.path, "a b/c");
    EXPECT_FALSE(route.api);  // its errors are those of /resolve/
    const std::string one = "/api/resolve-cache/datasets/squad/" + kCommit + "/a";
    EXPECT_EQ(parse_route(one).repo.id, "squad");
    EXPECT_EQ(parse_route("/api/resolve-cache/models/acme/tiny/main/a").kind, Kind::bad_request);
    const std::string space = "/api/resolve-cache/spaces/acme/demo/" + kCommit + "/a";
    EXPECT_EQ(parse_route(space).kind, Kind::pass);
}

TEST(Route, a_write_by_git_is_known_as_one) {
    EXPECT_TRUE(parse_route("/acme/tiny.git/git-receive-pack").write);
    EXPECT_FALSE(parse_route("/acme/tiny.git/git-upload-pack").write);
    EXPECT_TRUE(parse_route("/acme/tiny.git/git-upload-pack").post_reads);
    EXPECT_FALSE(parse_route("/acme/tiny.git/git-receive-pack").post_reads);
    EXPECT_TRUE(parse_route("/acme/tiny.git/info/lfs/locks/verify").write);
    EXPECT_TRUE(parse_route("/api/spaces/a/b/paths-info/main").post_reads);
    EXPECT_FALSE(parse_route("/api/repos/create").post_reads);
}

TEST(Route, another_id_takes_the_place_of_the_first) {
    for (const auto& [path, id, expected] :
         {std::tuple{"/gpt2/resolve/main/a%20b", "x/y", "/x/y/resolve/main/a%20b"},
          std::tuple{"/datasets/a/b/raw/main/c", "d", "/datasets/d/raw/main/c"},
          std::tuple{"/api/models/a/b/tree/main/c", "x/y", "/api/models/x/y/tree/main/c"},
          std::tuple{"/api/models/a/b", "x/y", "/api/models/x/y"}}) {
        EXPECT_EQ(with_id(path, parse_route(path), id), expected);
    }
}

TEST(Route, unescaped_slashes_of_a_revision_are_tried) {
    const auto texts = [](const char* path) {
        std::vector<std::string> all;
        for (const Division& d : divisions(parse_route(path))) {
            all.push_back(d.revision + "|" + d.path);
        }
        return all;
    };
    using Texts = std::vector<std::string>;
    EXPECT_EQ(texts("/api/models/a/b/tree/main"), Texts{"main|"});
    EXPECT_EQ(texts("/api/models/a/b/tree/main/x"), (Texts{"main|x", "main/x|"}));
    EXPECT_EQ(texts("/api/models/a/b/tree/refs/pr/1/x"),
              (Texts{"refs/pr/1|x", "refs|pr/1/x", "refs/pr|1/x", "refs/pr/1/x|"}));
    EXPECT_EQ(texts("/api/models/a/b/tree/refs/pr/1").front(), "refs/pr/1|");
}

}  // namespace
}  // namespace httpd::routes
