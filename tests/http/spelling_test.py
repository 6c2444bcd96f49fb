# SPDX-License-Identifier: Apache-2.0
"""Every spelling of names, revisions and paths that a client uses (hub-api 1.1) gets through a real
mount what the Hub itself answers, Xet aside."""
import hashlib
import json
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest
from tests.hub.client import Hub
from tests.support.mirror import Mirror

SMALL = "/api/models/demo/small"


@pytest.fixture(scope="module")
def hub():
    with Hub() as running:
        yield running


@pytest.fixture(scope="module")
def node(hub, tmp_path_factory):
    content = [hub.cdn_url.removeprefix("http://")]
    with Mirror(tmp_path_factory.mktemp("node"), hub.url, content, rsync=False) as running:
        yield running


@pytest.fixture(scope="module")
def sha(hub):
    return json.loads(ask(hub.url + SMALL)[2])["sha"]


def ask(address, headers=None):
    """Redirects are followed."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers or {}),
                                    timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def without_xet(value):
    if isinstance(value, dict):
        return {key: without_xet(item) for key, item in value.items() if key != "xetHash"}
    return [without_xet(item) for item in value] if isinstance(value, list) else value


def same(hub, node, target):
    theirs, ours = ask(hub.url + target), ask(node.http + target)
    assert ours[0] == theirs[0], (target, ours[2][:200])
    if target.startswith("/api/"):
        assert without_xet(json.loads(ours[2])) == without_xet(json.loads(theirs[2])), target
        assert b"xetHash" not in ours[2]
    elif ours[0] == 200:
        assert hashlib.sha256(ours[2]).digest() == hashlib.sha256(theirs[2]).digest(), target
    assert ours[1]["X-Error-Code"] == theirs[1]["X-Error-Code"], target
    return ours


@pytest.mark.parametrize("revision", ["main", "dev", "feature%2Fx", "refs%2Fpr%2F1", "v1.0", "HEAD",
                                      "nothing"])
def test_a_revision_under_resolve_and_in_the_api(hub, node, revision):
    same(hub, node, f"/demo/small/resolve/{revision}/README.md")
    same(hub, node, f"/demo/small/raw/{revision}/README.md")
    same(hub, node, f"{SMALL}/revision/{revision}")
    same(hub, node, f"{SMALL}/tree/{revision}")
    same(hub, node, f"{SMALL}/tree/{revision}?recursive=True&expand=False")


def test_a_shortened_hash_finds_the_commit(hub, node, sha):
    for length in (7, 12, 40):
        status, head, _ = same(hub, node, f"/demo/small/resolve/{sha[:length]}/README.md")
        assert (status, head["X-Repo-Commit"]) == (200, sha)


def test_slashes_of_a_revision_need_not_be_escaped_in_listings(hub, node):
    for revision in ("refs/pr/1", "feature/x"):
        same(hub, node, f"{SMALL}/tree/{revision}")
        same(hub, node, f"{SMALL}/tree/{revision}?recursive=true&limit=1000")
        same(hub, node, f"{SMALL}/commits/{revision}")


def test_every_path_of_a_tree_in_both_encodings(hub, node):
    entries = json.loads(ask(f"{hub.url}{SMALL}/tree/main?recursive=true")[2])
    assert any(not entry["path"].isascii() for entry in entries)
    for entry in entries:
        path = entry["path"]
        if entry["type"] == "directory":
            for spelled in (quote(path), quote(path, safe="")):
                same(hub, node, f"{SMALL}/tree/main/{spelled}")
        else:
            # Once is enough on the Hub: its own /resolve/ with %2F is not what is tested.
            whole = same(hub, node, "/demo/small/resolve/main/" + quote(path))
            again = ask(f"{node.http}/demo/small/resolve/main/{quote(path, safe='')}")
            assert (again[0], again[2]) == (200, whole[2]), path


def test_one_segment_names_data_sets_and_conversions(hub, node):
    for target in ("/tinybert/resolve/main/README.md", "/api/models/tinybert",
                   "/api/models/tinybert/tree/main", "/api/models/tinybert/refs",
                   "/api/datasets/demo/tiny/tree/refs%2Fconvert%2Fparquet?recursive=true",
                   "/api/datasets/demo/tiny/refs", "/datasets/demo/tiny/resolve/main/README.md"):
        assert same(hub, node, target)[0] == 200, target


def test_old_names_and_wrong_letters_lead_to_the_right_one(hub, node):
    for target in ("/old-org/old-name/resolve/main/README.md", "/Demo/Small/resolve/main/README.md",
                   "/api/models/old-org/old-name", "/api/models/DEMO/small/tree/main",
                   "/api/datasets/old-org/old-data/revision/main",
                   "/datasets/Demo/Tiny/resolve/main/README.md"):
        assert same(hub, node, target)[0] == 200, target


def test_pages_of_a_wide_folder_stay_on_the_mirror(hub, node):
    target, paths = "/api/models/demo/wide/tree/main/files?recursive=false", []
    address = node.http + target
    while address:
        status, head, body = ask(address)
        assert status == 200
        paths += [entry["path"] for entry in json.loads(body)]
        link = head["Link"]
        address = link[1:link.index(">")] if link else None
        assert address is None or address.startswith(node.http + "/api/models/demo/wide/")
    assert len(paths) == len(set(paths)) == 2500 and paths == sorted(paths)
