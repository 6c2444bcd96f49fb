# SPDX-License-Identifier: Apache-2.0
"""The same calls on the mount and on a plain directory of the same content, mounted read-only.

parity_calls.py and parity_changes.py are the table. What comes out otherwise on purpose is in
DIFFERENT with the reason; docs/semantics.md says it too.
"""

import errno
import hashlib
import os
import pathlib
import subprocess
import urllib.parse
import urllib.request

import pytest

import libc
import parity_calls  # noqa: F401, fills CALLS
import parity_changes  # noqa: F401, fills CALLS
from hubfs import Hubfs, wait_until
from parity_table import CALLS, FILES, Place

NAME = "gen/parity"
NO_SUCH_NAME = "there are no attributes but those of the contract: any other name is ENODATA"
GUESS = "any name in a type may be a namespace: an empty directory until somebody looks below it"
WHOLE = "the whole filesystem is read-only, which comes before permissions; there only its mount is"
# Row -> what the mount answers, and why; a row of one kind of kernel only has its name in front.
DIFFERENT = {
    "links_of: directory": (1, "\"unknown\" to find(1); counting would need the whole tree"),
    "getxattr_of_a_strange_name: x of 1 bytes": ("ENODATA", NO_SUCH_NAME),
    "getxattr_of_a_strange_name: user. of 5 bytes": ("ENODATA", NO_SUCH_NAME),
    "getxattr_of_a_strange_name: system.x of 8 bytes": ("ENODATA", NO_SUCH_NAME),
    "on_a_descriptor: FS_IOC_GETFLAGS": ("ENOTTY", "there are no inode flags to read"),
    "on_a_descriptor: epoll": (None, "every FUSE file can be polled; it is always ready"),
    "pathconf: PC_LINK_MAX": (127, "libc's answer for a filesystem that it does not know"),
    "as_an_ordinary_user: open to write": ("EROFS", WHOLE),
    "as_an_ordinary_user: access 2": ("EROFS", WHOLE),
    "change_above_the_repository: mkdir in a type": ("EEXIST", GUESS),
    "change_above_the_repository: symlink in a type": ("EEXIST", GUESS),
    "change_above_the_repository: create in a type": ("EISDIR", GUESS),
    "change_above_the_repository: chmod in a type": ("EROFS", GUESS),
    "daemon o_direct_read_unaligned": (
        (1001, "e0e045f408dcc5fbf0fead2d99c6fe54f666ffd76fe6a14c84b31ddf46ec8dda"),
        "only a device wants aligned reads; one that is passed through to the disk does"),
}

KERNELS = {"passthrough": "[]", "daemon": '["passthrough", "resend"]'}


def is_lfs(name):
    return name.endswith(".bin")


def content(hub, name):
    address = f"{hub.url}/{NAME}/resolve/main/{urllib.parse.quote(name)}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read()


def plain_copy(hub, folder, commit):
    """The repository as a plain directory, its bytes from the Hub itself."""
    tree = folder / commit
    for name in FILES:
        data = content(hub, name)
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        etag = hashlib.sha256(data).hexdigest() if is_lfs(name) else oid
        os.setxattr(path, "user.hub.etag", etag.encode())
        path.chmod(0o444)
    (folder / "main").symlink_to(commit)
    os.sync()
    for top, _, _ in os.walk(folder.parents[2]):
        os.chmod(top, 0o555)


@pytest.fixture(scope="module")
def plain(hub, tmp_path_factory):
    """A read-only bind mount of the plain copy, and the commit's name."""
    sizes = [{"path": path, "size": size, "seed": path, "lfs": is_lfs(path)}
             for path, size in FILES.items()]
    commit = hub.create_repo(NAME, sizes)["sha"]
    folder = tmp_path_factory.mktemp("plain")
    source, target = folder / "source", folder / "mnt"
    source.mkdir()
    target.mkdir()
    repo = source / "models" / NAME
    repo.mkdir(parents=True)
    (source / "datasets").mkdir()
    plain_copy(hub, repo, commit)
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(target)], check=True)
        yield target, commit
    finally:
        subprocess.run(["umount", "-l", str(target)], check=True)


@pytest.fixture(scope="module", params=sorted(KERNELS))
def places(request, hub, plain, tmp_path_factory):
    """(kind of kernel, the mount, the plain directory)."""
    target, commit = plain
    folder = tmp_path_factory.mktemp("node")
    shm = pathlib.Path("/dev/shm") / f"hubfs-parity-{os.getpid()}"
    shm.mkdir()
    try:
        with Hubfs(folder, hub, {"mount.disable_features": KERNELS[request.param]}) as fs:
            yield (request.param, Place(fs.mount / "models" / NAME, commit, shm),
                   Place(target / "models" / NAME, commit, shm))
    finally:
        subprocess.run(["rm", "-r", str(shm)], check=True)


def outcome(action, place):
    """What it answered, or the name of the errno."""
    try:
        return action(place)
    except OSError as failure:
        return errno.errorcode.get(failure.errno, failure.errno)
    except ValueError as failure:  # Python's mmap checks lengths itself
        return str(failure)
    finally:
        for left in place.scratch.iterdir():
            left.unlink()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_comes_out_as_on_a_plain_directory(places, name):
    """P36, P45."""
    kernel, mount, plain = places
    seen, wanted = outcome(CALLS[name], mount), outcome(CALLS[name], plain)
    different = DIFFERENT.get(name) or DIFFERENT.get(f"{kernel} {name}")
    if different:
        assert seen == different[0] and seen != wanted, different[1]
    else:
        assert seen == wanted


def test_an_open_listing_stays_as_it_is_and_the_next_one_shows_what_came_since(hub, make, tmp_path):
    """P45: rewinddir of a plain directory shows it at once, here it takes an opendir."""
    name = "gen/parity-rewind"
    hub.create_repo(name, [{"path": "a.txt", "text": "a"}])
    plain = tmp_path / "plain"
    plain.mkdir()
    with make({"freshness.document": "1s", "freshness.ref": "1s"}) as fs:
        repo = fs.mount / "models" / name
        with libc.Dir(plain) as there, libc.Dir(repo) as here:
            before = [folder.rest() for folder in (there, here)]
            (plain / "new").symlink_to("x")
            hub.commit(name, [{"path": "b.txt", "text": "b"}], branch="new")
            wait_until(lambda: "new" in os.listdir(repo), what="the new branch")
            for folder in (there, here):
                folder.rewind()
            assert there.rest() != before[0] and here.rest() == before[1]


def test_every_difference_is_of_a_call_that_is_made():
    assert {row.removeprefix("daemon ") for row in DIFFERENT} <= set(CALLS)
