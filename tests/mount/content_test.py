# SPDX-License-Identifier: Apache-2.0
"""What the mount shows of an emulated Hub, through the kernel: names, bytes, attributes, errno."""

import errno
import hashlib
import os
import subprocess

import pytest


def names(path):
    return sorted(os.listdir(path))


def errno_of(call, *arguments):
    with pytest.raises(OSError) as failure:
        call(*arguments)
    return failure.value.errno


def test_the_root_lists_what_is_there(shared):
    """P9."""
    assert {"models", "datasets"} <= set(names(shared.mount))
    assert (shared.mount / ".status/version").read_text().strip()
    assert (shared.mount / ".status/jobs").read_text() == "[]\n"
    assert os.statvfs(shared.mount).f_namemax == 255


def test_a_repository_lists_refs_and_their_commits(shared):
    """P16, P17."""
    repo = shared.mount / "models/demo/small"
    listed = names(repo)
    assert {"main", "dev", "v1.0", "feature%2Fx"} <= set(listed)
    main = os.readlink(repo / "main")
    assert len(main) == 40 and main in listed


def test_a_file_has_the_hubs_bytes_and_hash(shared, hub):
    """P1, P5."""
    path = shared.mount / "models/demo/small/main/weights.bin"
    sha256 = os.getxattr(path, "user.hub.sha256").decode()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    assert os.getxattr(path, "user.hub.verified") == b"1"


def test_awkward_names_open(shared):
    """P51."""
    folder = shared.mount / "models/demo/small/main"
    for name in ("hash#tag.txt", "100%.txt", "name with spaces.txt", "grüße-名前.txt",
                 "dir with space/inner file.txt", "empty.txt"):
        assert len((folder / name).read_bytes()) == (folder / name).stat().st_size


def test_walking_a_repository_fetches_no_content(shared, hub):
    """P22."""
    hub.clear()
    repo = f"{shared.mount}/models/demo/wide/main/"  # the slash: follow the symlink
    for tool in (["find", repo, "-type", "f"], ["ls", "-lR", repo],
                 ["du", "-s", repo]):
        out = subprocess.run(tool, check=True, capture_output=True, text=True).stdout
        assert out
    assert hub.content_bytes() == 0


def test_a_second_walk_asks_upstream_nothing(shared, hub):
    """P19."""
    repo = f"{shared.mount}/models/demo/wide/main/"  # the slash: follow the symlink
    first = subprocess.run(["find", repo], check=True, capture_output=True).stdout
    hub.clear()
    second = subprocess.run(["find", repo], check=True, capture_output=True).stdout
    assert first == second and first.count(b"\n") > 2500
    assert hub.requests() == []


def test_only_what_is_read_is_fetched(shared, hub):
    """P7."""
    path = shared.mount / "models/demo/big/main/blob-256m.bin"
    assert path.stat().st_size == 256 << 20
    hub.clear()
    with open(path, "rb", buffering=0) as file:
        assert len(os.pread(file.fileno(), 4096, 200 << 20)) == 4096
    assert hub.content_bytes() <= 4 << 20
    assert path.stat().st_blocks * 512 < 16 << 20


def test_refs_are_described_on_their_repository(shared):
    """P28, P52."""
    repo = shared.mount / "models/demo/small"
    assert os.getxattr(repo, "user.hub.state") == b"public"
    assert b"commit=" in os.getxattr(repo, "user.hub.ref.main")
    assert "user.hub.ref.main" in os.listxattr(repo)
    assert errno_of(os.getxattr, repo, "user.hub.nothing") == errno.ENODATA


@pytest.mark.parametrize("path, expected", [
    ("models/no/such", errno.ENOENT),
    ("models/demo/small/no-such-branch", errno.ENOENT),
    ("models/demo/small/main/no-such-file", errno.ENOENT),
    ("models/demo/small/main/config.json/below", errno.ENOTDIR),
    ("models/gated-org/gated-model/main", errno.EACCES),
    ("models/demo/disabled/main", errno.EACCES),
])
def test_errno_tells_the_story(shared, path, expected):
    """P33, P37, P38."""
    assert errno_of(os.stat, shared.mount / path) == expected


def test_an_upstream_that_is_down_is_never_absence(fs, hub):
    """P37, P38."""
    hub.down()
    assert errno_of(os.stat, fs.mount / "models/demo/small/main") == errno.EHOSTUNREACH
    hub.down(False)


def test_an_upstream_that_fails_is_eremoteio(fs, hub):
    """P37, P38."""
    hub.fault("status", "demo/small", status=500)
    assert errno_of(os.stat, fs.mount / "models/demo/small/main") == errno.EREMOTEIO


def test_an_upstream_that_wants_us_slower_is_ebusy(fs, hub):
    """P37, P38."""
    hub.fault("status", "demo/small", status=429)
    assert errno_of(os.stat, fs.mount / "models/demo/small/main") == errno.EBUSY


def test_every_write_is_erofs(shared):
    """P36."""
    folder = shared.mount / "models/demo/small/main"
    path = folder / "config.json"
    assert errno_of(open, path, "r+b") == errno.EROFS
    assert errno_of(open, folder / "new", "wb") == errno.EROFS
    assert errno_of(os.unlink, path) == errno.EROFS
    assert errno_of(os.mkdir, folder / "new") == errno.EROFS
    assert errno_of(os.rename, path, folder / "other") == errno.EROFS
    assert errno_of(os.chmod, path, 0o600) == errno.EROFS
    assert errno_of(os.setxattr, path, "user.x", b"1") == errno.EROFS
