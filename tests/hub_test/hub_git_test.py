# SPDX-License-Identifier: Apache-2.0
# git clone and git lfs pull straight from the emulator, and the LFS batch by hand. Without git
# the tests that need it are skipped, and conftest.py says so at the end of the run.
import hashlib
import json
import os
import re
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest

from hub import catalog_formats, git_http
from hub.client import Hub
from hub.content import GeneratedContent
from hub_asking import ask

NEEDS_GIT = pytest.mark.skipif(
    git_http.backend() is None,
    reason="git with git-http-backend is not installed (apt-get install git)")
NEEDS_LFS = pytest.mark.skipif(
    git_http.backend() is None or shutil.which("git-lfs") is None,
    reason="git-lfs is not installed (apt-get install git-lfs)")
DATA = "datasets/demo/versioned"
LFS = "application/vnd.git-lfs+json"


@pytest.fixture
def git(tmp_path):
    """Runs git as somebody without configuration, credentials or proxies."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
                   "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}

    def run(*arguments, cwd=tmp_path, check=True, **more):
        done = subprocess.run(["git", *arguments], cwd=cwd, env={**environment, **more},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0 or not check, done.stderr
        return done
    return run


def login(hub, token):
    return hub.url.replace("://", f"://me:{hub.tokens()[token]}@")


@NEEDS_GIT
@pytest.mark.parametrize("suffix", ["", ".git"])
def test_a_clone_has_the_hubs_commits_and_pointers(suffix, hub, get, git, tmp_path):
    git("clone", "-q", f"{hub.url}/{DATA}{suffix}", "work")
    work = tmp_path / "work"
    repo = hub.repo("demo/versioned", "dataset")
    assert git("rev-parse", "HEAD", cwd=work).stdout.strip() == repo["sha"]
    listed = git("ls-tree", "-r", "-z", "HEAD", cwd=work).stdout.strip("\0").split("\0")
    found = {line.partition("\t")[2]: line.split()[2] for line in listed}
    tree = json.loads(get(f"/api/{DATA}/tree/main?recursive=true").body)
    assert found == {e["path"]: e["oid"] for e in tree if e["type"] == "file"}
    assert (work / "name with spaces.txt").read_text() == "x\n"
    pointer = (work / "blobs/table.bin").read_text()
    assert pointer.startswith("version https://git-lfs.github.com/spec/v1\noid sha256:")
    assert get(f"/{DATA}/raw/main/blobs/table.bin").text == pointer
    git("fsck", "--full", "--strict", cwd=work)
    assert git("log", "--format=%s", cwd=work).stdout.splitlines() == [
        "Second edition", "Add data", "initial commit"]


@NEEDS_GIT
def test_every_reference_is_advertised(hub, get, git):
    lines = git("ls-remote", f"{hub.url}/{DATA}").stdout.splitlines()
    found = {line.split("\t")[1]: line.split("\t")[0] for line in lines}
    refs = json.loads(get(f"/api/{DATA}/refs?include_prs=1").body)
    wanted = {r["ref"]: r["targetCommit"] for kind in refs.values() for r in kind}
    assert set(wanted) == {"refs/heads/main", "refs/heads/work/in-progress", "refs/tags/v1",
                           "refs/convert/parquet", "refs/pr/1"}
    assert found == {"HEAD": wanted["refs/heads/main"], **wanted}


@NEEDS_GIT
@pytest.mark.parametrize("version", ["0", "2"])
def test_a_shallow_clone_of_a_tag_and_a_fetch(version, hub, git, tmp_path):
    protocol = ("-c", f"protocol.version={version}")
    git(*protocol, "clone", "-q", "--depth", "1", "-b", "v1", f"{hub.url}/{DATA}", "work")
    work = tmp_path / "work"
    assert git("rev-list", "--count", "HEAD", cwd=work).stdout.strip() == "1"
    git(*protocol, "fetch", "-q", "origin", "refs/pr/1", "refs/convert/parquet", cwd=work)
    git(*protocol, "fetch", "-q", "--unshallow", "origin", "main", cwd=work)


@NEEDS_LFS
def test_lfs_pull_brings_the_true_bytes(hub, git, tmp_path):
    git("lfs", "install", "--skip-repo")
    git("clone", "-q", f"{hub.url}/{DATA}", "work", GIT_LFS_SKIP_SMUDGE="1")
    work = tmp_path / "work"
    assert (work / "blobs/table.bin").stat().st_size < 200
    git("lfs", "pull", cwd=work)
    wanted = GeneratedContent(f"{catalog_formats.VERSIONED_ID}/table 2", 700_000)
    assert (work / "blobs/table.bin").read_bytes() == wanted.read()
    rows = hub.requests("objects/batch")
    assert [r["status"] for r in rows] == [200] and rows[0]["method"] == "POST"
    assert not hub.requests(listener="cdn")[0]["authorization"]


@NEEDS_LFS
def test_a_clone_with_lfs_checks_everything_out(hub, git, tmp_path):
    """demo/small: LFS files, awkward names, and many branches."""
    git("lfs", "install", "--skip-repo")
    git("clone", "-q", f"{hub.url}/demo/small", "work")
    work = tmp_path / "work"
    assert (work / "weights.bin").stat().st_size == 100_000
    assert (work / "grüße-名前.txt").read_text().startswith("a name in UTF-8")
    assert git("status", "--porcelain", cwd=work).stdout == ""


@NEEDS_GIT
def test_compare_is_a_patch_git_applies(hub, get, git, tmp_path):
    git("clone", "-q", "-b", "v1", f"{hub.url}/{DATA}", "work")
    work = tmp_path / "work"
    (tmp_path / "patch").write_bytes(get(f"/api/{DATA}/compare/v1..main").body)
    git("apply", "--index", "../patch", cwd=work)
    assert git("write-tree", cwd=work).stdout == git(
        "rev-parse", "origin/main^{tree}", cwd=work).stdout


@NEEDS_GIT
def test_what_changes_on_the_hub_is_fetched(hub, git, tmp_path):
    first = hub.create_repo("gen/moving", [{"path": "a.txt", "text": "1\n"}])["sha"]
    git("clone", "-q", f"{hub.url}/gen/moving", "work")
    work = tmp_path / "work"
    second = hub.commit("gen/moving", [{"path": "b/c.txt", "text": "2\n"}])
    hub.move_ref("gen/moving", "a/b", second, ref_kind="tag")
    git("fetch", "-q", "--tags", cwd=work)
    assert git("rev-parse", "origin/main", cwd=work).stdout.strip() == second
    hub.move_ref("gen/moving", "a/b", ref_kind="tag", delete=True)
    hub.move_ref("gen/moving", "a", second, ref_kind="tag")
    hub.move_ref("gen/moving", "main", first)
    git("fetch", "-q", "--no-tags", cwd=work)
    assert git("rev-parse", "origin/main", cwd=work).stdout.strip() == first
    assert git("ls-remote", "--tags", "origin", cwd=work).stdout == f"{second}\trefs/tags/a\n"
    hub.set_state("gen/moving", delete=True)
    assert git("fetch", "-q", cwd=work, check=False).returncode != 0


@NEEDS_GIT
def test_twenty_thousand_files_are_cloned(hub, git, tmp_path):
    git("clone", "-q", "--bare", f"{hub.url}/demo/files-20k", "bare")
    files = git("ls-tree", "-r", "--name-only", "HEAD", cwd=tmp_path / "bare").stdout
    assert files.count("\n") == 20_000


@NEEDS_GIT
def test_private_and_gated_repositories_ask_for_a_login(hub, get, git):
    for name in ("private-org/private-model", "gated-org/gated-model"):
        answer = get(f"/{name}/info/refs?service=git-upload-pack")
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith('Basic realm="')
        assert git("ls-remote", f"{hub.url}/{name}", check=False).returncode != 0
    for token, name in (("private_owner", "private-org/private-model"),
                        ("granted", "gated-org/gated-model")):
        assert "refs/heads/main" in git("ls-remote", f"{login(hub, token)}/{name}").stdout
    done = git("ls-remote", f"{login(hub, 'pending')}/gated-org/gated-model", check=False)
    assert done.returncode != 0
    assert get("/gated-org/gated-model.git/info/refs?service=git-upload-pack",
               token="pending").status == 403
    assert get("/demo/disabled/info/refs?service=git-upload-pack").status == 403
    log = hub.requests("private-model", listener="hub")
    assert {r["token"] for r in log} == {None, "private_owner"}


@NEEDS_GIT
def test_renamed_repositories_and_wrong_letters_are_followed(hub, git, get):
    for name in ("old-org/old-name", "old-org/old-name.git", "Demo/SMALL"):
        assert "refs/pr/1" in git("ls-remote", f"{hub.url}/{name}").stdout
    assert "refs/heads/main" in git("ls-remote", f"{hub.url}/tinybert.git").stdout
    moved = get("/Demo/SMALL/info/refs?service=git-upload-pack")
    assert moved.headers["location"] == "/demo/small/info/refs?service=git-upload-pack"


@NEEDS_GIT
def test_nothing_can_be_pushed(hub, git, get, tmp_path):
    git("clone", "-q", f"{hub.url}/{DATA}", "work")
    assert git("push", "-q", "origin", "main:x", cwd=tmp_path / "work", check=False).returncode
    target = "/demo/small/info/refs?service=git-receive-pack"
    assert get(target).status == 401 and get(target, token="granted").status == 403
    assert get("/demo/small/info/refs").status == 400


@NEEDS_GIT
def test_a_recording_cannot_be_cloned(get):
    """Its commit ids are the live Hub's; the objects behind them were never recorded."""
    target = "/OwnerOfTheGatedModel/tiny-gated-model/info/refs?service=git-upload-pack"
    assert get(target, token="tiny_owner").status == 503


def test_without_git_the_emulator_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with Hub() as hub:
        answer = ask(f"{hub.url}/{DATA}/info/refs?service=git-upload-pack")
        assert answer.status == 501 and "not installed" in answer.text
        assert ask(f"{hub.url}/api/{DATA}").status == 200


@NEEDS_GIT
def test_the_temporary_folder_goes_with_the_program(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Hub() as hub:
        subprocess.run(["git", "ls-remote", f"{hub.url}/{DATA}"], check=True,
                       stdout=subprocess.DEVNULL)
        assert [n for n in os.listdir(tmp_path) if n.startswith("hub-git-")]
        assert hub.stop() == 0
    assert not os.listdir(tmp_path)


def batch(get, target, objects, operation="download", **options):
    body = json.dumps({"operation": operation, "transfers": ["basic", "lfs-standalone-file"],
                       "objects": objects})
    return get(f"/{target}.git/info/lfs/objects/batch", "POST", body=body,
               headers={"Content-Type": LFS, "Accept": LFS}, **options)


def lfs_object(get, target, path, **options):
    head = get(f"/{target}/resolve/main/{path}", "HEAD", **options)
    return {"oid": head.headers["x-linked-etag"].strip('"'),
            "size": int(head.headers["x-linked-size"])}


def test_a_batch_gives_signed_addresses_that_expire(hub, get):
    wanted = lfs_object(get, DATA, "blobs/table.bin")
    old = GeneratedContent(f"{catalog_formats.VERSIONED_ID}/old.bin", 1000)
    objects = [wanted, {"oid": old.sha256, "size": 1000}, {"oid": "0" * 64, "size": 1},
               {"oid": "../x", "size": 1}, {**wanted, "size": 1}]
    answer = batch(get, DATA, objects)
    assert (answer.status, answer.headers["content-type"]) == (200, LFS)
    body = json.loads(answer.body)
    assert body["transfer"] == "basic"
    assert [o.get("error", {}).get("code") for o in body["objects"]] == [
        None, None, 404, 422, 404]
    first = body["objects"][0]
    assert first["authenticated"] and first["actions"]["download"]["expires_in"] == 3600
    address = first["actions"]["download"]["href"]
    assert urlsplit(address).netloc == urlsplit(hub.cdn_url).netloc
    assert re.search("Expires=.*Signature=", address)
    assert hashlib.sha256(get(address).body).hexdigest() == wanted["oid"]
    hub.move_clock(3601)
    assert get(address).status == 403


def test_a_batch_is_refused_like_everything_else(hub, get):
    gated = lfs_object(get, "gated-org/gated-model", "model.safetensors", token="granted")
    refused = batch(get, "gated-org/gated-model", [gated])
    assert refused.status == 401 and refused.headers["content-type"] == LFS
    assert "restricted" in json.loads(refused.body)["message"]
    assert batch(get, "gated-org/gated-model", [gated], token="pending").status == 403
    assert "actions" in batch(get, "gated-org/gated-model", [gated], token="granted").text
    assert batch(get, "private-org/private-model", [gated]).status == 401
    assert batch(get, DATA, [], operation="upload").status == 401
    assert batch(get, DATA, [], operation="upload", token="granted").status == 403
    assert batch(get, DATA, "nonsense").status == 422
    assert get(f"/{DATA}.git/info/lfs/objects/batch").status == 404


def test_a_file_named_like_a_git_address_is_a_file(hub, get):
    hub.create_repo("gen/confusing", [{"path": "info/refs", "text": "a file\n"}])
    assert get.follow("/gen/confusing/resolve/main/info/refs").text == "a file\n"
    assert get("/gen/confusing/raw/main/info/refs").text == "a file\n"
    hub.set_state("gen/confusing", delete=True)
