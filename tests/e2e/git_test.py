# SPDX-License-Identifier: Apache-2.0
"""git and git-lfs through the mirror: the pack is passed through, LFS content is the mirror's."""

import json
import subprocess
import urllib.request

import pytest

from clients_doc import snippet
from conftest import sha256_of
from foreign import Home, command
from isolated import Isolated

DATA = "demo/versioned"
BATCH = "application/vnd.git-lfs+json"


@pytest.fixture
def no_smudge():
    """git clone leaves pointers; `git lfs pull` is what fetches. With a name and an address of its
    own, git does not look for the machine's."""
    command("git-lfs")
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "a"), ("EMAIL", "a@example.org"))}
    return {"GIT_LFS_SKIP_SMUDGE": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
            **who}


def truth(hub, kind, name):
    return {path: hub.sha256(kind, name, "main", path) for path in hub.paths(kind, name, "main")}


def tree(folder):
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in folder.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(folder).parts}


def test_clone_and_lfs_pull_as_the_page_tells(hub, fresh, tmp_path, no_smudge):
    """Twice: the second user's LFS content costs upstream nothing; git itself asks the Hub."""
    expected = truth(hub, "datasets", DATA)
    lines = snippet("git", fresh.http)
    pulled = []
    with Isolated(fresh) as net:
        for number in range(2):
            home = Home(net, tmp_path / f"home-{number}")
            home.run(["git", "lfs", "install"], **no_smudge)
            hub.clear()
            home.run(["sh", "-ec", lines], **no_smudge)
            assert tree(home.folder / "versioned") == expected
            assert home.run(["git", "-C", "versioned", "lfs", "fsck"], **no_smudge)
            pulled.append(hub.content_bytes())
            asked = [row["target"].split("?")[0] for row in hub.requests(listener="hub")]
            assert f"/datasets/{DATA}/info/refs" in asked
            assert f"/datasets/{DATA}/git-upload-pack" in asked
        assert not net.attempts, f"asked past the mirror: {net.attempts}"
    assert pulled[0] > 0 and pulled[1] == 0


def test_branches_tags_and_commits_of_a_model(hub, mirror, repo, tmp_path, no_smudge):
    name, first = repo([("model.safetensors", 2 << 20), ("config.json", 400)])
    second = hub.commit(name, [{"path": "config.json", "text": "{}"}])
    hub.move_ref(name, "v1", first, ref_kind="tag")
    with Isolated(mirror) as net:
        home = Home(net, tmp_path / "home")
        home.run(["git", "lfs", "install"], **no_smudge)
        home.run(["git", "clone", "-q", "--depth=1", f"{mirror.http}/{name}", "a"], **no_smudge)
        assert home.run(["git", "-C", "a", "rev-parse", "HEAD"]).strip() == second
        assert (home.folder / "a/model.safetensors").stat().st_size < 200  # a pointer
        home.run(["git", "-C", "a", "fetch", "-q", "origin", "tag", "v1"], **no_smudge)
        assert home.run(["git", "-C", "a", "rev-parse", "v1^{commit}"]).strip() == first
        home.run(["git", "-C", "a", "lfs", "pull"], **no_smudge)
        assert sha256_of(home.folder / "a/model.safetensors") == \
            hub.sha256("models", name, first, "model.safetensors")
        assert not net.attempts, f"asked past the mirror: {net.attempts}"


def batch(url, objects):
    body = {"operation": "download", "transfers": ["basic"], "objects": objects}
    request = urllib.request.Request(f"{url}.git/info/lfs/objects/batch", json.dumps(body).encode(),
                                     {"Content-Type": BATCH, "Accept": BATCH})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["objects"], answer.headers


def test_lfs_batch_names_addresses_of_the_mirror_only(hub, mirror, repo):
    name, sha = repo([("a.bin", 300_000)])
    digest = hub.sha256("models", name, sha, "a.bin")
    objects, headers = batch(f"{mirror.http}/{name}",
                             [{"oid": digest, "size": 300_000}, {"oid": "0" * 64, "size": 5}])
    assert headers["Content-Type"].startswith(BATCH)
    there, absent = objects
    address = there["actions"]["download"]["href"]
    assert address.startswith(mirror.http + "/")
    assert absent["error"]["code"] == 404 and "actions" not in absent
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert len(answer.read()) == 300_000


def test_a_private_clone_needs_its_owners_token(hub, mirror, tmp_path, no_smudge):
    name, token = "private-org/private-model", hub.tokens()["private_owner"]
    plain = f"{mirror.http}/{name}"
    with Isolated(mirror) as net:
        home = Home(net, tmp_path / "home")
        with_token = plain.replace("http://", f"http://user:{token}@")
        home.run(["git", "clone", "-q", with_token, "mine"], **no_smudge)
        assert (home.folder / "mine/config.json").is_file()
        with pytest.raises(AssertionError, match="could not read Username|Authentication failed"):
            home.run(["git", "clone", "-q", plain, "theirs"], **no_smudge)
    log = "".join(path.read_text() for path in (mirror.folder / "log").glob("access*"))
    assert token not in log


def test_a_push_is_refused_as_at_the_hub(mirror, tmp_path, no_smudge):
    with Isolated(mirror) as net:
        home = Home(net, tmp_path / "home")
        home.run(["git", "clone", "-q", f"{mirror.http}/demo/legacy", "a"], **no_smudge)
        home.run(["git", "-C", "a", "commit", "-q", "--allow-empty", "-m", "x"], **no_smudge)
        with pytest.raises(AssertionError, match="could not read Username|403|Authentication"):
            home.run(["git", "-C", "a", "push", "-q", "origin", "HEAD:main"], **no_smudge)


def test_debians_git_lfs_is_the_one_tested():
    assert subprocess.run([command("git-lfs"), "version"], capture_output=True, text=True,
                          check=True).stdout.startswith("git-lfs/3.")
