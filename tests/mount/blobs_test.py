# SPDX-License-Identifier: Apache-2.0
""".blobs: every content of a known public tree by its hash, through the kernel."""

import errno
import hashlib
import itertools
import json
import os
import urllib.request

import pytest

from hubfs import wait_until

_numbers = itertools.count()
BIG = 3 << 20


@pytest.fixture
def repos(hub):
    """Makes repositories that hold the same two files: repos(count) -> their ids."""

    def build(count=1, **options):
        seed = f"{os.getpid()}-{next(_numbers)}"
        names = [f"gen/b{seed}-{i}" for i in range(count)]
        for name in names:
            hub.create_repo(name, [{"path": "w/a.bin", "size": BIG, "seed": seed, "lfs": True},
                                   {"path": "note.txt", "text": note_of(name).decode()}], **options)
        return names

    return build


def note_of(name):
    """The same for the repositories that were made together."""
    return f"a note of {name.rpartition('-')[0]}\n".encode()


def errno_of(call, *arguments):
    try:
        call(*arguments)
    except OSError as failure:
        return failure.errno
    return 0


def hub_bytes(hub, name, path):
    with urllib.request.urlopen(f"{hub.url}/{name}/resolve/main/{path}") as answer:
        return answer.read()


def use(fs, name):
    """The tree of main is here from now on; nothing of its contents is."""
    (fs.mount / "models" / name / "main/note.txt").stat()


def blobs_of(fs, name):
    """The two contents of a repository in .blobs: the LFS file's and the git file's."""
    main = fs.mount / "models" / name / "main"
    return (fs.mount / ".blobs/sha256" / os.getxattr(main / "w/a.bin", "user.hub.sha256").decode(),
            fs.mount / ".blobs/git-sha1" / os.getxattr(main / "note.txt", "user.hub.oid").decode())


def git_sha1(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def test_a_file_that_nobody_opened_is_read_by_its_hash(shared, hub, repos):
    """P55, P22: Fetched as it is read, and then the same file under every name."""
    (name,) = repos()
    big, note = hub_bytes(hub, name, "w/a.bin"), hub_bytes(hub, name, "note.txt")
    use(shared, name)
    hub.clear()
    lfs = shared.mount / ".blobs/sha256" / hashlib.sha256(big).hexdigest()
    git = shared.mount / ".blobs/git-sha1" / git_sha1(note)
    assert (lfs.stat().st_size, git.stat().st_size) == (BIG, len(note))
    assert lfs.stat().st_mtime == git.stat().st_mtime == 1
    assert hub.requests() == []
    with open(lfs, "rb", buffering=0) as file:
        assert os.pread(file.fileno(), 100, BIG - 100) == big[-100:]
    assert hub.content_bytes() < BIG
    assert lfs.read_bytes() == big and git.read_bytes() == note
    wait_until(lambda: os.getxattr(lfs, "user.hub.verified") == b"1", what="verified")
    assert hub.content_bytes() == BIG + len(note)
    main = shared.mount / "models" / name / "main"
    assert (main / "w/a.bin").read_bytes() == big
    assert os.getxattr(main / "w/a.bin", "user.hub.verified") == b"1"
    assert hub.content_bytes() == BIG + len(note)
    assert sorted(os.listxattr(lfs)) == ["user.hub.cached", "user.hub.etag", "user.hub.sha256",
                                         "user.hub.verified"]
    assert os.getxattr(git, "user.hub.oid").decode() == git.name
    assert os.getxattr(lfs, f"user.hub.held.0-{BIG - 1}") == b"1"
    assert errno_of(open, lfs, "r+b") == errno.EROFS


def test_one_of_two_repositories_turns_private_and_the_content_stays(make, hub, repos):
    """P56, P35."""
    first, second = repos(2)
    with make({"freshness.state": "1s"}) as fs:
        for name in (first, second):
            use(fs, name)
        lfs, git = blobs_of(fs, first)
        assert len(lfs.read_bytes()) == BIG
        hub.set_state(second, private=True)
        main = fs.mount / "models" / second / "main"
        # Anonymous users are told that it does not exist.
        wait_until(lambda: errno_of(os.listdir, main) != 0, what="the withdrawal by the path")
        assert len(lfs.read_bytes()) == BIG  # cached
        wait_until(lambda: errno_of(git.read_bytes) == 0, what="the other repository")  # cold
        note = git.read_bytes()
        assert git_sha1(note) == git.name

        keeper = open(lfs, "rb", buffering=0)
        with keeper:
            hub.set_state(first, private=True)
            wait_until(lambda: errno_of(open, lfs) == errno.EACCES, what="EACCES of the cached one")
            wait_until(lambda: errno_of(os.stat, git) == errno.EACCES, what="EACCES of the other")
            assert errno_of(os.getxattr, lfs, "user.hub.etag") == errno.EACCES
            assert lfs.name not in os.listdir(lfs.parent)
            assert len(os.pread(keeper.fileno(), 100, BIG - 100)) == 100
            assert os.fstat(keeper.fileno()).st_size == BIG
        hub.set_state(second, private=False)
        wait_until(lambda: errno_of(lfs.read_bytes) == 0, what="public again")


def test_bytes_that_one_repository_refuses_come_from_another(fs, hub, repos):
    """P56: Nobody knew yet that its state had changed."""
    first, second = repos(2)
    for name in (first, second):
        use(fs, name)
    lfs, _ = blobs_of(fs, first)
    hub.set_state(second, gated="manual")  # of the newest location
    hub.clear()
    assert hashlib.sha256(lfs.read_bytes()).hexdigest() == lfs.name
    asked = hub.requests(match="/resolve/")
    assert any(second in row["target"] for row in asked)
    assert any(first in row["target"] for row in asked)


def test_a_withdrawal_drops_the_names_that_the_kernel_keeps(fs, hub, repos):
    """P35, P56."""
    (name,) = repos()
    use(fs, name)
    lfs, git = blobs_of(fs, name)
    assert len(git.read_bytes()) > 0 and lfs.stat().st_size == BIG
    hub.set_state(name, gated="manual")
    assert git.stat().st_size > 0  # nobody has noticed
    assert errno_of(lfs.read_bytes) == errno.EACCES
    wait_until(lambda: errno_of(os.stat, git) == errno.EACCES, what="EACCES of a kept name")
    assert errno_of(open, git) == errno.EACCES


def test_a_gated_repository_shows_no_content(shared, hub, repos):
    """P33, P55: What was never public here is unknown."""
    (name,) = repos(gated="manual")
    assert errno_of(os.listdir, shared.mount / "models" / name / "main") == errno.EACCES
    assert errno_of(os.listdir, shared.mount / "models" / name) == errno.EACCES
    oid = git_sha1(note_of(name))
    assert errno_of(os.stat, shared.mount / ".blobs/git-sha1" / oid) == errno.ENOENT


def test_an_unknown_or_malformed_hash_is_absent_and_asks_nobody(shared, hub, repos):
    """P55, P9."""
    (name,) = repos()
    use(shared, name)
    hub.clear()
    blobs = shared.mount / ".blobs"
    upper = blobs_of(shared, name)[0].name.upper()
    for path in ("sha256/" + "0" * 64, "git-sha1/" + "0" * 40, "sha256/" + "0" * 40, "sha256/x",
                 f"sha256/{upper}", "xet"):
        assert errno_of(os.stat, blobs / path) == errno.ENOENT, path
    assert sorted(os.listdir(shared.mount)) == ["datasets", "models"]
    assert hub.requests() == []


def test_only_whole_contents_are_listed_and_they_open_without_upstream(make, hub, repos):
    """P57, P32, P54: After a restart as well."""
    (name,) = repos()
    with make() as fs:
        use(fs, name)
        lfs, git = blobs_of(fs, name)
        assert sorted(os.listdir(fs.mount / ".blobs")) == ["git-sha1", "sha256"]
        assert os.listdir(lfs.parent) == [] and os.listdir(git.parent) == []
        with open(lfs, "rb", buffering=0) as file:
            os.pread(file.fileno(), 10, 0)
        assert os.listdir(lfs.parent) == []
        big = lfs.read_bytes()
        wait_until(lambda: os.listdir(lfs.parent) == [lfs.name], what="the name")
        number = lfs.stat().st_ino
        fs.stop()
        hub.down()
        fs.sets["upstream.offline"] = "true"
        fs.start()
        assert os.listdir(lfs.parent) == [lfs.name]
        assert lfs.read_bytes() == big
        assert lfs.stat().st_ino == number
        assert git.stat().st_size > 0
        assert errno_of(git.read_bytes) == errno.EHOSTUNREACH
        hub.down(False)


def test_a_whole_content_is_read_by_the_kernel_itself(fs, hub, repos):
    """P42, P55."""
    (name,) = repos()
    use(fs, name)
    lfs, _ = blobs_of(fs, name)
    data = lfs.read_bytes()
    wait_until(lambda: os.getxattr(lfs, "user.hub.verified") == b"1", what="verified")
    path = fs.mount / "models" / name / "main/w/a.bin"

    def opens():
        stats = json.loads((fs.mount / ".status/stats.json").read_text())
        return stats["fuse"]["passthrough_opens"]

    before = opens()
    with open(lfs, "rb", buffering=0) as by_hash, open(path, "rb", buffering=0) as by_path:
        if opens() == before:
            pytest.skip("this kernel has no passthrough")
        assert opens() == before + 2
        assert os.pread(by_hash.fileno(), BIG, 0) == os.pread(by_path.fileno(), BIG, 0) == data
