# SPDX-License-Identifier: Apache-2.0
"""Verified files are read by the kernel itself, and nobody notices but by the speed.

READ requests are counted by the daemon (.status/stats.json); a file that is passed through adds
none (docs/semantics.md).
"""

import hashlib
import json
import mmap
import os
import socket
import threading

import pytest

from hubfs import Hubfs, wait_until

FILE = "models/demo/big/main/blob-1m.bin"
OTHER = "models/demo/big/main/blob-8m.bin"


def stats(fs):
    return json.loads((fs.mount / ".status/stats.json").read_text())["fuse"]


def reads(fs):
    """READ requests so far, but for those that reading the counter itself costs."""
    counted = stats(fs)["ops"]["read"]["requests"]
    return counted


def reads_of(fs, action):
    """How many READs `action` causes: two looks at the counter cost the same each."""
    cost = reads(fs)
    cost = reads(fs) - cost
    before = reads(fs)
    action()
    return reads(fs) - before - cost


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verified(fs, name):
    """The file, read once and verified; its pages are the daemon's business no more."""
    path = fs.mount / name
    path.read_bytes()
    wait_until(lambda: os.getxattr(path, "user.hub.verified") == b"1", what="verification")
    return path


def by_mmap(path):
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        return hashlib.sha256(view).hexdigest()


def by_sendfile(path):
    left, right = socket.socketpair()
    size, digest = path.stat().st_size, hashlib.sha256()

    def take():
        while piece := right.recv(1 << 16):
            digest.update(piece)

    taker = threading.Thread(target=take)
    taker.start()
    with open(path, "rb") as file, left:
        sent = 0
        while sent < size:
            sent += os.sendfile(left.fileno(), file.fileno(), sent, size - sent)
    taker.join()
    right.close()
    return digest.hexdigest()


@pytest.fixture
def passing(fs):
    verified(fs, FILE).read_bytes()
    if stats(fs)["passthrough_opens"] == 0:
        pytest.skip("the kernel or the cache's filesystem has no passthrough")
    return fs


def test_a_verified_file_is_read_without_the_daemon_by_every_way(passing):
    """P42."""
    path = verified(passing, OTHER)
    true = sha256(path)
    assert reads_of(passing, lambda: sha256(path)) == 0
    for way in (by_mmap, by_sendfile):
        found = []
        assert reads_of(passing, lambda way=way, found=found: found.append(way(path))) == 0
        assert found == [true]
    with open(path, "rb", buffering=0) as file:
        file.seek(-100, os.SEEK_END)
        assert len(file.read(1000)) == 100


def test_a_file_that_completes_while_it_is_open_stays_as_it_was_until_it_is_closed(passing):
    """P42."""
    path = passing.mount / OTHER
    with open(path, "rb", buffering=0) as early:
        head = early.read(4096)
        verified(passing, OTHER)
        before = stats(passing)["passthrough_opens"]
        with open(path, "rb", buffering=0) as second:  # the same way, or the kernel says EIO
            assert second.read(4096) == head
        assert stats(passing)["passthrough_opens"] == before
    wait_until(lambda: stats(passing)["open_files"] == 1, what="the release")  # stats.json itself
    with open(path, "rb", buffering=0) as late:
        assert late.read(4096) == head
        assert stats(passing)["passthrough_opens"] == before + 1
        assert stats(passing)["passed_through"] == 1


def test_handles_of_both_kinds_outlive_a_kill_and_nothing_leaks(passing):
    """P43."""
    cached, passed = passing.mount / "models/demo/big/main/blob-64m.bin", verified(passing, FILE)
    true = sha256(passed)
    with open(cached, "rb", buffering=0) as slow, open(passed, "rb", buffering=0) as fast:
        head = slow.read(4096)
        assert stats(passing)["passed_through"] == 1
        passing.kill_daemon()
        assert hashlib.sha256(fast.read()).hexdigest() == true
        slow.seek(0)
        assert slow.read(4096) == head
        with open(cached, "rb", buffering=0) as again:
            assert again.read(4096) == head
        assert sha256(passed) == true
        assert stats(passing)["passed_through"] == 1
    wait_until(lambda: stats(passing)["open_files"] == 1, what="the releases")
    assert stats(passing)["passed_through"] == 0
    assert sha256(passed) == true  # and it can be registered anew
    assert stats(passing)["passthrough_refused"] == 0


def test_without_passthrough_everything_works_through_the_daemon(make):
    """P42."""
    with make({"mount.disable_features": '["passthrough"]'}) as fs:
        path = verified(fs, FILE)
        with open(path, "rb", buffering=0) as file:
            file.read(4096)
            assert stats(fs)["passed_through"] == 0
        assert stats(fs)["passthrough_opens"] == 0


def test_many_threads_open_and_close_the_same_files(passing):
    paths = [verified(passing, FILE), verified(passing, OTHER)]
    true = [sha256(path) for path in paths]
    failures = []

    def work(turn):
        for i in range(100):
            which = (i + turn) % 2
            try:
                with open(paths[which], "rb", buffering=0) as file:
                    file.seek(turn * 4096)
                    file.read(4096)
            except OSError as failure:
                failures.append(failure)

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [sha256(path) for path in paths] == true
    wait_until(lambda: stats(passing)["open_files"] == 1, what="the releases")
    assert stats(passing)["passed_through"] == 0
