# SPDX-License-Identifier: Apache-2.0
"""rsync from the node: whole repositories, one revision, nothing twice, nothing by listing."""

import os
import subprocess

from conftest import sha256_of


def rsync(*words, check=True):
    done = subprocess.run(["rsync", *words], capture_output=True, text=True, timeout=120,
                          check=False)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def test_modules_are_listed_with_their_comments(mirror):
    listing = rsync(mirror.rsync + "/").stdout
    assert "models" in listing and "public model repositories (read-only)" in listing
    assert "datasets" in listing and "public dataset repositories (read-only)" in listing


def test_a_dry_run_fetches_no_content(hub, mirror, repo):
    name, _ = repo([("a.bin", 3 << 20), ("deep/er/b.bin", 1 << 20)])
    hub.clear()
    listing = rsync("-an", "-i", f"{mirror.rsync}/models/{name}/", "/tmp/nowhere/").stdout
    assert "a.bin" in listing and "deep/er/b.bin" in listing
    assert hub.content_bytes() == 0


def test_a_repository_syncs_byte_identical_and_only_once(hub, mirror, repo, tmp_path):
    """P24."""
    name, sha = repo([("a.bin", 3 << 20), ("deep/er/b.bin", 1_000_001), ("c.txt", 10)])
    target = tmp_path / "copy"
    rsync("-a", f"{mirror.rsync}/models/{name}/", str(target) + "/")
    assert os.readlink(target / "main") == sha
    for path in ("a.bin", "deep/er/b.bin", "c.txt"):
        assert sha256_of(target / sha / path) == hub.sha256("models", name, sha, path)
    hub.clear()
    second = rsync("-a", "--stats", f"{mirror.rsync}/models/{name}/", str(target) + "/").stdout
    assert "Number of regular files transferred: 0" in second
    assert hub.content_bytes() == 0


def test_files_with_the_names_of_temporaries_are_files(hub, mirror, repo, tmp_path):
    """A commit's tree has no temporaries: uv.lock and a.tmp are as real as the rest."""
    names = ("uv.lock", "a.tmp", "b.part", "c.incomplete", "d/.~tmp~/e.bin", ".~tmp~x", "f~")
    name, sha = repo([(path, 1000 + i) for i, path in enumerate(names)])
    target = tmp_path / "copy"
    rsync("-a", f"{mirror.rsync}/models/{name}/", str(target) + "/")
    for path in names:
        assert sha256_of(target / sha / path) == hub.sha256("models", name, sha, path), path
    found = {str(path.relative_to(target / sha)) for path in (target / sha).rglob("*")
             if path.is_file()}
    assert found == set(hub.paths("models", name, "main"))


def test_a_connection_asks_the_hub_for_its_repository_alone(hub, fresh, repo, tmp_path):
    """What a process looks for in its root (etc, root, usr) is no repository."""
    rsync(fresh.rsync + "/")
    name, _ = repo([("a.bin", 1000)])
    rsync("-a", f"{fresh.rsync}/models/{name}/main/", str(tmp_path / "copy") + "/")
    rsync("-r", f"{fresh.rsync}/models/")
    rsync("-r", f"{fresh.rsync}/datasets/")
    targets = [row["target"] for row in hub.requests(listener="hub")]
    first = f"/api/models/{name.split('/')[0]}/revision/main"  # its namespace, once
    assert targets and all(name in target or target == first for target in targets), targets


def test_one_revision_syncs_by_its_name(hub, mirror, repo, tmp_path):
    name, sha = repo([("w.bin", 2 << 20)])
    rsync("-a", f"{mirror.rsync}/models/{name}/main/", str(tmp_path / "r") + "/")
    assert sha256_of(tmp_path / "r/w.bin") == hub.sha256("models", name, sha, "w.bin")


def test_a_dataset_syncs(hub, mirror, tmp_path):
    rsync("-a", f"{mirror.rsync}/datasets/demo/tiny/main/", str(tmp_path / "d") + "/")
    assert len(list((tmp_path / "d").rglob("*"))) > 0


def test_reading_every_byte_for_checksums_is_refused(mirror, repo):
    name, _ = repo([("a.bin", 1000)])
    assert rsync("-acn", f"{mirror.rsync}/models/{name}/", "/tmp/nowhere/",
                 check=False).returncode != 0


def test_nobody_can_write(mirror, tmp_path):
    (tmp_path / "x").write_text("x")
    assert rsync(str(tmp_path / "x"), f"{mirror.rsync}/models/x", check=False).returncode != 0
