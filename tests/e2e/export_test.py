# SPDX-License-Identifier: Apache-2.0
"""`hf-mirror export` and `import`: a node that never asks anybody serves what another one wrote."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import urllib.request

import pytest

from conftest import make_mirror

MIB = 1 << 20
FILES = [("config.json", 700), ("model.safetensors", 5 * MIB + 9), ("sub/deep/part.bin", MIB),
         ("empty", 0), ("notes é.txt", 33)]


def run(node, *words, code=0):
    """One command of the operator, its standard output and standard error."""
    done = subprocess.run(node.command("hf-mirror", *words), capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr}"
    return done.stdout, done.stderr


def tree_of(root):
    """Every file below and its bytes."""
    return {str(path.relative_to(root)): path.read_bytes()
            for path in sorted(pathlib.Path(root).rglob("*")) if path.is_file()}


def content_file(export, digest):
    """Where an export has an LFS file's content."""
    return export / "content/sha256" / digest[:2] / digest


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.fixture
def exported(hub, fresh, repo, tmp_path):
    """A repository that was written to a directory: its name, commit, bytes by path, directory."""
    name, sha = repo(FILES, lfs=True)
    export = tmp_path / "export"
    out, told = run(fresh, "export", name, str(export), "--json")
    assert json.loads(out)["state"] == "done" and f"{len(FILES)}/{len(FILES)} files" in told
    truth = tree_of(fresh.mount / "models" / name / sha)
    assert {path: len(data) for path, data in truth.items()} == dict(FILES)
    return name, sha, truth, export


@pytest.fixture
def island(hub, tmp_path):
    """A node that never saw the Hub and may not ask it."""
    with make_mirror(hub, tmp_path / "island", upstream__offline=True) as node:
        yield node


def test_an_offline_node_serves_what_it_imported(hub, exported, island):
    name, sha, truth, export = exported
    with pytest.raises(OSError):
        (island.mount / "models" / name / "main/config.json").read_bytes()
    hub.clear()
    out, _ = run(island, "import", str(export), "--json")
    assert json.loads(out) | {"job": 0} == {
        "job": 0, "state": "done", "files": len(FILES), "files_failed": 0, "files_damaged": 0,
        "files_repaired": 0, "bytes": sum(size for _, size in FILES)}
    for revision in (sha, "main"):
        root = island.mount / "models" / name / revision
        assert tree_of(root) == truth
        for path in truth:
            assert os.getxattr(root / path, "user.hub.verified") == b"1"
    for path in ("config.json", "model.safetensors"):
        with urllib.request.urlopen(f"{island.http}/{name}/resolve/main/{path}") as answer:
            assert answer.read() == truth[path] and answer.headers["X-Repo-Commit"] == sha
    before = json.loads(run(island, "status", "--json")[0])["cache"]
    run(island, "import", str(export))  # changes nothing
    after = json.loads(run(island, "status", "--json")[0])["cache"]
    for key in ("used_bytes", "contents", "verified_contents"):
        assert before[key] == after[key]
    island.stop()
    island.start()
    assert tree_of(island.mount / "models" / name / "main") == truth
    assert hub.requests() == []


def test_what_is_wrong_is_named_and_the_rest_is_taken(hub, exported, island):
    name, sha, truth, export = exported
    digest = {path: hashlib.sha256(data).hexdigest() for path, data in truth.items()}
    flip(content_file(export, digest["model.safetensors"]), 3 * MIB)
    part = content_file(export, digest["sub/deep/part.bin"])
    part.write_bytes(part.read_bytes()[:-1])
    _, told = run(island, "import", str(export), code=1)
    assert "2 failed" in told and f"{name}/" in told
    log = "".join(island.log)
    assert "its bytes are not what its hash says" in log and "shorter" in log
    root = island.mount / "models" / name / sha
    assert (root / "config.json").read_bytes() == truth["config.json"]
    for path in ("model.safetensors", "sub/deep/part.bin"):
        assert os.getxattr(root / path, "user.hub.verified") == b"0"
        with pytest.raises(OSError):
            (root / path).read_bytes()
    content_file(export, digest["model.safetensors"]).unlink()
    content_file(export, digest["sub/deep/part.bin"]).write_bytes(truth["sub/deep/part.bin"])
    _, told = run(island, "import", str(export), code=1)
    assert "1 failed" in told and "the export does not have it" in told
    assert (root / "sub/deep/part.bin").read_bytes() == truth["sub/deep/part.bin"]


@pytest.mark.parametrize("spoil", ["tree", "manifest", "none", "future"])
def test_a_listing_that_is_wrong_imports_nothing(hub, exported, island, spoil):
    name, _, _, export = exported
    manifest, = (export / "manifests/models").iterdir()
    if spoil == "tree":
        tree, = (export / "trees").iterdir()
        flip(tree, 20)
        reason = "is not what its name says"
    elif spoil == "manifest":
        manifest.write_text("{")
        reason = "not a JSON object"
    elif spoil == "future":
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) |
                                       {"checked": "2999-01-01T00:00:00.000000Z"}))
        reason = "in the future"
    else:
        shutil.rmtree(export / "manifests")
        reason = "has no manifest"
    _, told = run(island, "import", str(export), code=1)
    assert reason in told
    with pytest.raises(OSError):
        (island.mount / "models" / name / "main/config.json").read_bytes()


def test_an_export_goes_on_where_it_was_killed(hub, fresh, repo, island, tmp_path):
    name, sha = repo([("a.bin", 3 * MIB), ("b.bin", 9 * MIB), ("c.bin", MIB)])
    export = tmp_path / "export"
    held = hub.fault("hold", r"b\.bin", listener="cdn", after_bytes=MIB)
    run(fresh, "export", name, str(export), "--detach")
    hub.wait_held(held, 1)
    fresh.kill()
    hub.release(held)
    hub.remove_fault(held)
    assert not (export / "manifests").exists()
    fresh.start()
    done = {path: path.stat().st_mtime_ns for path in (export / "content").rglob("*")
            if path.is_file() and path.suffix != ".new"}
    assert done  # a.bin
    run(fresh, "export", name, str(export))
    assert all(path.stat().st_mtime_ns == at for path, at in done.items())
    assert not list(export.rglob("*.new"))
    run(island, "import", str(export))
    assert tree_of(island.mount / "models" / name / "main") == tree_of(
        fresh.mount / "models" / name / sha)


def test_an_import_goes_on_where_it_was_killed(hub, exported, island):
    name, _, truth, export = exported
    run(island, "import", str(export), "--detach")
    island.kill()  # somewhere in it, or after it
    island.start()
    run(island, "import", str(export))
    assert tree_of(island.mount / "models" / name / "main") == truth


def test_several_commits_share_a_directory_and_patterns_choose_files(hub, fresh, repo, island,
                                                                     tmp_path):
    name, first = repo([("a.bin", MIB), ("b.txt", 100)])
    export = tmp_path / "export"
    run(fresh, "export", f"{name}@{first}", str(export), "--include", "*.txt")
    second = hub.commit(name, [{"path": "c.txt", "size": 50, "seed": "export-1"}])
    run(fresh, "export", f"{name}@{second}", str(export), "--include", "*.txt")
    run(island, "import", str(export))
    root = island.mount / "models" / name
    assert sorted(os.listdir(root / first)) == ["a.bin", "b.txt"]
    assert len((root / first / "b.txt").read_bytes()) == 100
    assert len((root / second / "c.txt").read_bytes()) == 50
    with pytest.raises(OSError):
        (root / first / "a.bin").read_bytes()


def test_a_directory_with_something_else_is_left_alone(fresh, repo, tmp_path):
    name, _ = repo([("a.bin", 10)])
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine").write_text("x")
    _, told = run(fresh, "export", name, str(other), code=1)
    assert "neither empty nor an export" in told and os.listdir(other) == ["mine"]
    _, told = run(fresh, "import", str(other), code=1)
    assert "is no export" in told


def test_an_import_opens_no_repository_that_is_known_not_to_be_public(hub, exported, tmp_path):
    name, _, _, export = exported
    hub.set_state(name, gated="manual")
    try:
        with make_mirror(hub, tmp_path / "other") as other:
            with pytest.raises(OSError):
                (other.mount / "models" / name / "main/config.json").read_bytes()
            _, told = run(other, "import", str(export), code=1)
            assert "gated" in told
            with pytest.raises(OSError):
                (other.mount / "models" / name / "main/config.json").read_bytes()
    finally:
        hub.set_state(name, gated=False)
