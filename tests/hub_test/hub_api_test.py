# SPDX-License-Identifier: Apache-2.0
# The JSON endpoints: infos, trees and their pages, paths-info, refs, commits, lists.
import json
from urllib.parse import urlencode

import pytest

from hub.headers import weak_etag

SMALL = "/api/models/demo/small"


def pages(get, target):
    """All items behind a target, following Link as Python does; and the number of pages."""
    items, count = [], 0
    while target:
        answer = get(target)
        assert answer.status == 200
        items += json.loads(answer.body)
        count += 1
        link = answer.headers.get("link")
        if link is None:
            return items, count
        assert link.endswith('; rel="next"')
        target = link[1:link.index(">")]
        assert target.startswith(get.hub.url + "/api/")
    return items, count


def items(get, target, **options):
    answer = get(target, **options)
    assert answer.status == 200, answer.text
    return json.loads(answer.body)


def test_every_api_answer_has_the_weak_etag_and_honours_it(get):
    for target in (SMALL, SMALL + "/tree/main", SMALL + "/refs", "/api/models?limit=2"):
        answer = get(target)
        assert answer.headers["etag"] == weak_etag(answer.body)
        again = get(target, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.body) == (304, b"")


def test_the_info_names_the_commit_and_all_files(hub, get):
    info = items(get, SMALL)
    repo = hub.repo("demo/small")
    assert info["sha"] == repo["sha"]
    names = [s["rfilename"] for s in info["siblings"]]
    assert names == sorted(names, key=str.encode) and len(names) == 18
    assert items(get, SMALL + "/revision/HEAD") == info
    assert items(get, SMALL + "/revision/" + repo["sha"]) == info
    assert items(get, SMALL + "/revision/feature%2Fx")["sha"] == \
        repo["refs"]["branches"]["feature/x"]


def test_blobs_add_sizes_and_say_sha256(get):
    siblings = {s["rfilename"]: s for s in items(get, SMALL + "?blobs=true")["siblings"]}
    tree = {e["path"]: e for e in items(get, SMALL + "/tree/main")}
    weights = siblings["weights.bin"]
    assert list(weights) == ["rfilename", "size", "blobId", "lfs"]
    assert weights["lfs"]["sha256"] == tree["weights.bin"]["lfs"]["oid"]
    assert weights["blobId"] == tree["weights.bin"]["oid"]


@pytest.mark.parametrize("query", ["expand=sha&expand=gated", "expand[]=sha&expand[]=gated"])
def test_expand_gives_only_what_is_named(query, get):
    assert list(items(get, f"{SMALL}?{query}")) == ["_id", "id", "sha", "gated"]


def test_data_set_and_space_infos_have_their_keys(get):
    data = items(get, "/api/datasets/demo/tiny")
    assert {"sha", "siblings", "cardData", "description", "tags"} <= set(data)
    space = items(get, "/api/spaces/demo/space")
    assert {"sdk", "host", "subdomain", "runtime"} <= set(space)
    assert items(get, "/api/spaces/demo/space/runtime") == space["runtime"]
    assert "author" not in items(get, "/api/models/tinybert")


def test_a_wide_folder_comes_in_three_pages_each_name_once(get):
    found, count = pages(get, "/api/models/demo/wide/tree/main/files?recursive=false&expand=false")
    names = [e["path"] for e in found]
    assert count == 3 and len(names) == len(set(names)) == 2500
    assert all(name.startswith("files/part-") for name in names)
    recursive, count = pages(get, "/api/models/demo/wide/tree/main?recursive=true")
    assert count == 3 and len({e["path"] for e in recursive}) == 2502
    assert {e["type"] for e in recursive} == {"file", "directory"}


def test_a_link_repeats_the_parameters(get):
    answer = get(SMALL + "/tree/main?recursive=true&expand=false&limit=4")
    assert len(json.loads(answer.body)) == 4
    assert "recursive=true&expand=false&limit=4&cursor=" in answer.headers["link"]
    found, count = pages(get, SMALL + "/tree/main?recursive=true&limit=4")
    assert len({e["path"] for e in found}) == len(found) and count == (len(found) + 3) // 4


def test_directories_come_first_each_in_byte_order(get):
    found = items(get, SMALL + "/tree/main")
    kinds = [e["type"] for e in found]
    assert kinds == sorted(kinds)
    for kind in ("directory", "file"):
        names = [e["path"] for e in found if e["type"] == kind]
        assert names == sorted(names, key=str.encode)


@pytest.mark.parametrize("target", [
    "/tree/refs%2Fpr%2F1", "/tree/refs/pr/1", "/tree/refs/pr/1?recursive=False&expand=False"])
def test_a_revision_with_slashes_is_understood_in_trees(target, get):
    assert "proposal.txt" in [e["path"] for e in items(get, SMALL + target)]


def test_spellings_of_a_folder(get):
    for target in ("/tree/main/nested%2Fa", "/tree/main/nested/a", "/tree/refs/pr/1/nested/a",
                   "/tree/main/nested/a/?recursive=true", "/tree/feature/x/nested/a"):
        assert "nested/a/sibling.txt" in [e["path"] for e in items(get, SMALL + target)]
    assert len(items(get, SMALL + "/tree/main/nested?recursive=True")) == 6


@pytest.mark.parametrize("path", ["/absent", "/config.json"])
def test_a_tree_of_no_folder_is_404(path, get):
    answer = get(SMALL + "/tree/main" + path)
    assert (answer.status, answer.headers["x-error-code"]) == (404, "EntryNotFound")
    assert get(SMALL + "/tree/absent").headers["x-error-code"] == "RevisionNotFound"
    assert get(SMALL + "/tree/main?cursor=%21").status == 400


def test_expand_tells_the_last_commit(get):
    found = {e["path"]: e for e in items(get, SMALL + "/tree/main?expand=true")}
    assert found["config.json"]["lastCommit"]["title"] == "Update configuration"
    assert found["README.md"]["lastCommit"]["title"] == "Add model card and configuration"
    assert found["nested"]["lastCommit"]["title"] == "Add files with awkward names"
    assert found["config.json"]["securityFileStatus"]["status"] == "safe"
    wide, count = pages(get, "/api/models/demo/wide/tree/main/files?expand=true")
    assert len(wide) == 2500 and count == 25


def test_paths_info_takes_a_form_and_json(get):
    wanted = ["config.json", "nested", "name with spaces.txt", "absent"]
    form = urlencode([("paths", p) for p in wanted] + [("expand", "true")])
    by_form = items(get, SMALL + "/paths-info/main", method="POST", body=form, headers={
        "Content-Type": "application/x-www-form-urlencoded"})
    by_json = items(get, SMALL + "/paths-info/main", method="POST",
                    body=json.dumps({"paths": wanted, "expand": True}),
                    headers={"Content-Type": "application/json"})
    assert by_form == by_json
    assert [e["path"] for e in by_form] == wanted[:3]
    assert all("lastCommit" in e for e in by_form)
    many = json.dumps({"paths": ["x"] * 2001})
    assert get(SMALL + "/paths-info/main", "POST", body=many,
               headers={"Content-Type": "application/json"}).status == 413


def test_refs_show_pull_requests_when_asked(get):
    plain = items(get, SMALL + "/refs")
    assert list(plain) == ["tags", "branches", "converts"]
    full = items(get, SMALL + "/refs?include_prs=1")
    assert [r["ref"] for r in full["pullRequests"]] == ["refs/pr/1"]
    assert [r["name"] for r in full["branches"]] == ["main", "dev", "feature/x"]
    converts = items(get, "/api/datasets/demo/tiny/refs")["converts"]
    assert [r["ref"] for r in converts] == ["refs/convert/parquet"]


def test_commits_come_in_pages_with_their_total(get):
    answer = get(SMALL + "/commits/main?limit=2")
    assert answer.headers["x-total-count"] == "5"
    found, count = pages(get, SMALL + "/commits/main?limit=2")
    assert count == 3 and len({c["id"] for c in found}) == 5
    assert found[0]["title"] == "Update configuration"
    formatted = items(get, SMALL + "/commits/refs/pr/1?expand[]=formatted")
    assert formatted[0]["formatted"]["title"] == "Propose a change"


def test_treesize_sums_a_folder(get):
    assert items(get, SMALL + "/treesize/main/pytorch") == {"path": "pytorch", "size": 4096}


def test_the_xet_token_is_in_headers_and_json(hub, get):
    answer = get(SMALL + "/xet-read-token/main")
    token = json.loads(answer.body)
    assert token["casUrl"] == answer.headers["x-xet-cas-url"] == hub.cdn_url + "/cas"
    assert token["accessToken"] == answer.headers["x-xet-access-token"]
    assert str(token["exp"]) == answer.headers["x-xet-token-expiration"]
    assert get(hub.cdn_url + "/cas/v1/reconstructions/" + "0" * 64).status == 503


def test_lists_follow_their_cursor_and_filters(get):
    found, count = pages(get, "/api/models?limit=5")
    ids = [m["id"] for m in found]
    assert len(ids) == len(set(ids)) and count == (len(ids) + 4) // 5
    assert "private-org/private-model" not in ids and "demo/small" in ids
    assert [m["id"] for m in items(get, "/api/models?search=SMALL&author=demo")] == ["demo/small"]
    filtered = items(get, "/api/models?filter=license:mit&filter=transformers")
    assert [m["id"] for m in filtered] == ["demo/small"]
    assert "sha" in items(get, "/api/models?search=demo/small&full=true")[0]
    expanded = items(get, "/api/models?search=demo/small&expand=sha&expand=gated")
    assert list(expanded[0]) == ["_id", "id", "sha", "gated"]
    likes = [m["likes"] for m in items(get, "/api/models?sort=likes&direction=-1")]
    assert likes == sorted(likes, reverse=True)
    assert {d["id"] for d in items(get, "/api/datasets?author=demo")} >= {"demo/tiny"}
    assert "demo/space" in {s["id"] for s in items(get, "/api/spaces")}
    assert get("/api/models?sort=nonsense").status == 400


def test_the_rest_is_answered(get):
    harnesses = items(get, "/api/agent-harnesses")
    assert isinstance(harnesses, dict) and isinstance(harnesses["harnesses"], dict)
    assert get("/api/telemetry/transformers/x", "HEAD").status == 200
    assert "license" in items(get, "/api/models-tags-by-type")
    assert items(get, "/api/quicksearch?q=small")["models"][0]["id"] == "demo/small"
    assert items(get, "/api/whoami-v2", token="granted")["name"] == "granted-user"
    assert get("/api/nonsense").status == 404
    assert get("/demo/small/nonsense").headers["content-type"].startswith("text/html")
