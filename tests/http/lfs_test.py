# SPDX-License-Identifier: Apache-2.0
"""git and git-lfs through a whole node: clones and pulls of public repositories go by addresses of
the mirror and out of its cache; private ones with their reader's own token, and nobody else's."""
import hashlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest
from tests.hub.client import Hub
from tests.support.mirror import Mirror

PUBLIC = "datasets/demo/versioned"
TYPE = "application/vnd.git-lfs+json"
NEEDS_GIT = pytest.mark.skipif(not shutil.which("git") or not shutil.which("git-lfs"),
                               reason="git or git-lfs is not installed (apt install git git-lfs)")


@pytest.fixture(scope="module")
def hub():
    with Hub() as running:
        yield running


@pytest.fixture(scope="module")
def node(hub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    content = [hub.cdn_url.removeprefix("http://")]
    with Mirror(folder, hub.url, content, {"freshness.state": "1s"}, rsync=False) as running:
        yield running


def ask(address, method="GET", headers=None, body=None):
    """Status, headers, body; the address is followed nowhere."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(address, data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def batch(base, repo, objects, token=None, **more):
    headers = {"Content-Type": TYPE, "Accept": TYPE}
    if token:
        headers["Authorization"] = "Bearer " + token
    status, head, body = ask(f"{base}/{repo}.git/info/lfs/objects/batch", "POST", headers,
                             {"operation": "download", "transfers": ["basic"],
                              "objects": objects} | more)
    return status, head, json.loads(body)


def lfs_entry(hub, repo, token=None):
    """An LFS file of main as the Hub lists it."""
    headers = {"Authorization": "Bearer " + token} if token else {}
    kind = "" if repo.startswith("datasets/") else "models/"
    status, _, body = ask(f"{hub.url}/api/{kind}{repo}/tree/main?recursive=true", headers=headers)
    assert status == 200
    return next(entry for entry in json.loads(body) if "lfs" in entry)


def test_public_objects_are_addresses_of_files_here(hub, node):
    entry = lfs_entry(hub, PUBLIC)
    hub.clear()
    status, head, answer = batch(node.http, PUBLIC, [
        {"oid": entry["lfs"]["oid"], "size": entry["size"]}], token=hub.tokens()["granted"])
    assert (status, head["Content-Type"], head["X-Cache"]) == (200, TYPE, "MISS")
    href = answer["objects"][0]["actions"]["download"]["href"]
    assert href.startswith(f"{node.http}/{PUBLIC}/resolve/") and href.endswith(entry["path"])
    assert "header" not in answer["objects"][0]["actions"]["download"]
    assert not hub.requests(match="objects/batch")
    assert not any(row["authorization"] for row in hub.requests())   # a token is dropped
    status, head, data = ask(href)
    assert status == 200 and hashlib.sha256(data).hexdigest() == entry["lfs"]["oid"]
    assert "immutable" in head["Cache-Control"]
    again = batch(node.http, PUBLIC, [{"oid": entry["lfs"]["oid"], "size": entry["size"]}])
    assert again[1]["X-Cache"] == "HIT"


def test_objects_of_other_commits_are_streamed_under_our_address(hub, node):
    """In no tree that was asked about: upstream says where, we go there."""
    def tree(revision):
        listing = ask(f"{hub.url}/api/{PUBLIC}/tree/{revision}?recursive=true")[2]
        return [entry for entry in json.loads(listing) if "lfs" in entry]

    now = {entry["lfs"]["oid"] for entry in tree("main")}
    commits = [row["id"] for row in json.loads(ask(f"{hub.url}/api/{PUBLIC}/commits/main")[2])]
    old = next(entry for commit in commits for entry in tree(commit)
               if entry["lfs"]["oid"] not in now)
    oid, absent = old["lfs"]["oid"], "0" * 64
    status, _, answer = batch(node.http, PUBLIC, [{"oid": oid, "size": old["size"]},
                                                  {"oid": absent, "size": 5}])
    assert status == 200
    places = {place["oid"]: place for place in answer["objects"]}
    assert places[absent]["error"]["code"] == 404
    href = places[oid]["actions"]["download"]["href"]
    assert href == f"{node.http}/{PUBLIC}.git/info/lfs/objects/{oid}?size={old['size']}"
    hub.clear()
    status, head, data = ask(href, headers={"Authorization": "Bearer " + hub.tokens()["granted"]})
    assert status == 200 and hashlib.sha256(data).hexdigest() == oid
    assert (head["X-Cache"], head["ETag"]) == ("MISS", f'"{oid}"')
    assert not any(row["authorization"] for row in hub.requests())
    status, head, part = ask(href, headers={"Range": "bytes=2-5"})
    assert (status, part) == (206, data[2:6])
    status, head, body = ask(href, "HEAD")
    assert (status, head["Content-Length"], body) == (200, str(len(data)), b"")
    assert ask(href.replace(oid, absent))[0] == 404


def test_a_private_object_is_for_its_reader_only(hub, node):
    repo, token = "private-org/private-model", hub.tokens()["private_owner"]
    entry = lfs_entry(hub, repo, token)
    wanted = [{"oid": entry["lfs"]["oid"], "size": entry["size"]}]
    status, _, answer = batch(node.http, repo, wanted, token=token)
    assert status == 200
    download = answer["objects"][0]["actions"]["download"]
    assert download["href"].startswith(f"{node.http}/{repo}.git/info/lfs/objects/")
    assert download["header"] == {"Authorization": "Bearer " + token}
    hub.clear()
    status, head, data = ask(download["href"], headers=download["header"])
    assert status == 200 and hashlib.sha256(data).hexdigest() == entry["lfs"]["oid"]
    assert head["X-Cache"] == "MISS" and "no-store" in head["Cache-Control"]
    assert not any(row["authorization"] for row in hub.requests(listener="cdn"))
    assert ask(download["href"])[0] == 401
    assert batch(node.http, repo, wanted)[0] == 401
    stranger = hub.tokens()["stranger"]
    assert batch(node.http, repo, wanted, token=stranger)[0] in (403, 404)
    assert ask(download["href"], headers={"Authorization": "Bearer " + stranger})[0] in (403, 404)


def test_what_is_no_batch_is_refused_as_git_lfs_understands(hub, node):
    for objects in ("nonsense", [{"oid": "../x", "size": 1}], [{"oid": "0" * 64}]):
        status, head, answer = batch(node.http, PUBLIC, objects)
        assert (status, head["Content-Type"]) == (422, TYPE) and answer["message"]
    assert ask(f"{node.http}/{PUBLIC}.git/info/lfs/objects/batch")[0] == 405
    assert ask(f"{node.http}/{PUBLIC}.git/info/lfs/objects/{'0' * 64}")[0] == 400
    assert batch(node.http, PUBLIC, [], operation="upload")[0] == 401    # the Hub's own word
    assert batch(node.http, "nobody/nothing", [])[0] == 401


def git(folder, *words, **environment):
    env = {"HOME": str(folder), "PATH": os.environ["PATH"], "GIT_TERMINAL_PROMPT": "0",
           "GIT_CONFIG_NOSYSTEM": "1", "GIT_LFS_SKIP_SMUDGE": "1", **environment}
    done = subprocess.run(["git", *words], cwd=folder, env=env, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@NEEDS_GIT
@pytest.mark.parametrize("revision", ["main", "v1"])
def test_git_clone_and_lfs_pull_work_through_the_mirror(hub, node, tmp_path, revision):
    git(tmp_path, "lfs", "install")
    git(tmp_path, "clone", "-q", "-b", revision, f"{node.http}/{PUBLIC}", "work")
    hub.clear()
    git(tmp_path / "work", "lfs", "pull", HOME=str(tmp_path))
    files = git(tmp_path / "work", "lfs", "ls-files", "-l", HOME=str(tmp_path)).splitlines()
    assert files
    for line in files:
        oid, _, path = line.split(maxsplit=2)
        data = (tmp_path / "work" / path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == oid, path
    # By us: the program has another name than git's.
    assert not any("git-lfs" in (row["user_agent"] or "")
                   for row in hub.requests(listener="cdn"))


@NEEDS_GIT
def test_a_private_repository_is_cloned_with_its_readers_token(hub, node, tmp_path):
    token = hub.tokens()["private_owner"]
    address = node.http.replace("://", f"://user:{token}@")
    git(tmp_path, "lfs", "install")
    git(tmp_path, "clone", "-q", f"{address}/private-org/private-model", "work")
    git(tmp_path / "work", "lfs", "pull", HOME=str(tmp_path))
    line = git(tmp_path / "work", "lfs", "ls-files", "-l", HOME=str(tmp_path)).splitlines()[0]
    oid, _, path = line.split(maxsplit=2)
    assert hashlib.sha256((tmp_path / "work" / path).read_bytes()).hexdigest() == oid
    logs = "".join(path.read_text() for path in (node.folder / "log").iterdir())
    assert token not in logs
