# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the filesystem's daemon beside everybody at once, again and again: nobody notices.

HFM_TAKEOVERS (10) is the number of kills; the long form is 50.
"""

import hashlib
import json
import os
import subprocess
import threading
import time

from conftest import make_mirror
from hubfs import wait_until
from mirror import wait_gone

TAKEOVERS = int(os.environ.get("HFM_TAKEOVERS", "10"))
MIB = 1 << 20
SIZES = [1, 4096, 70_000, MIB, MIB + 1, 3 * MIB + 5, 7 * MIB, 12 * MIB + 17]
QUOTA = 24 * MIB  # less than all of it: the readers fetch and evict all the time
READERS = 16
PIECE = 256 << 10
PROGRESS_SECONDS = 60


class Workers:
    """Threads that do one thing each over and over; an exception of any is a failure."""

    def __init__(self):
        self.done = {}
        self.failures = []
        self.stopping = False
        self.progress = threading.Condition()
        self.threads = []
        self.longest = {}

    def add(self, name, work):
        self.done[name] = 0
        self.longest[name] = 0.0
        self.threads.append(threading.Thread(target=self._loop, args=(name, work)))

    def _loop(self, name, work):
        while not self.stopping:
            began = time.monotonic()
            try:
                work()
            except Exception as failure:  # whatever it is, a user would have seen it
                with self.progress:
                    self.failures.append(f"{name}: {failure!r}")
                    self.progress.notify_all()
                return
            with self.progress:
                self.done[name] += 1
                self.longest[name] = max(self.longest[name], time.monotonic() - began)
                self.progress.notify_all()

    def start(self):
        for thread in self.threads:
            thread.start()

    def wait_all_once(self):
        """Until each of them has done its thing once more, or one has failed."""
        with self.progress:
            before = dict(self.done)
            moved = self.progress.wait_for(
                lambda: self.failures or all(self.done[name] > before[name] for name in before),
                PROGRESS_SECONDS)
            late = [name for name in before if self.done[name] == before[name]]
        assert moved, f"nothing more from {late}"
        assert not self.failures, self.failures

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(timeout=PROGRESS_SECONDS)
            assert not thread.is_alive(), "a worker hangs"


def digest_by_pread(path):
    digest, offset = hashlib.sha256(), 0
    with open(path, "rb", buffering=0) as file:
        while piece := os.pread(file.fileno(), PIECE, offset):
            digest.update(piece)
            offset += len(piece)
    return digest.hexdigest()


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          timeout=PROGRESS_SECONDS).stdout


def add_workers(workers, node, name, sha, truth, folder):
    root = node.path("models", name, sha)
    names = sorted(truth)

    def reader(number):
        turn = iter(range(number, 1 << 30))

        def work():
            path = names[next(turn) % len(names)]
            assert digest_by_pread(root / path) == truth[path], path
        return work

    def walk():
        listed = run("find", root, "-type", "f", "-printf", "%f\n").decode().split()
        assert sorted(listed) == names

    def sync():
        copy = folder / "copy"
        run("rm", "-rf", copy)
        run("rsync", "-a", "--no-motd", f"{node.rsync}/models/{name}/{sha}/", copy)
        assert {path: digest_by_pread(copy / path) for path in names} == truth

    def download():
        got = run("curl", "-sSf", f"{node.http}/{name}/resolve/{sha}/{names[-1]}")
        assert hashlib.sha256(got).hexdigest() == truth[names[-1]]

    for number in range(READERS):
        workers.add(f"reader {number}", reader(number))
    workers.add("find", walk)
    workers.add("rsync", sync)
    workers.add("HTTP", download)


def kill_beside_a_held_lookup(hub, repo, node):
    """The question of a lookup is under way at upstream when the daemon dies."""
    name, sha = repo([("held.bin", 77)])
    fault = hub.fault(listener="hub", kind="hold", match=name)
    sizes = []
    asker = threading.Thread(
        target=lambda: sizes.append(os.stat(node.path("models", name, sha, "held.bin")).st_size))
    asker.start()
    hub.wait_held(fault, 1)
    wait_gone(node.kill_daemon())
    hub.release(fault)
    hub.clear_faults()
    asker.join(timeout=PROGRESS_SECONDS)
    assert sizes == [77]


def fuse_stats(node):
    return json.loads(node.path(".status/stats.json").read_text())["fuse"]


def cache_bytes(node):
    return sum(os.stat(os.path.join(folder, name)).st_blocks * 512
               for folder, _, names in os.walk(node.folder / "cache") for name in names)


def test_nobody_notices_that_the_daemon_is_killed(hub, repo, tmp_path):
    """P41, P43: readers, find, rsync, HTTP and a held lookup see no error, and nothing leaks."""
    name, sha = repo([(f"f{number}.bin", size) for number, size in enumerate(SIZES)])
    truth = {path: hub.sha256("models", name, sha, path)
             for path in hub.paths("models", name, sha)}
    kept, kept_sha = repo([("cached.bin", 9 * MIB), ("passed.bin", 2 * MIB)])
    node = make_mirror(hub, tmp_path / "node", cache__size=QUOTA + 12 * MIB)
    with node:
        passed = node.path("models", kept, kept_sha, "passed.bin")
        cached = node.path("models", kept, kept_sha, "cached.bin")
        assert digest_by_pread(passed) == hub.sha256("models", kept, kept_sha, "passed.bin")
        workers = Workers()
        add_workers(workers, node, name, sha, truth, tmp_path)
        with open(passed, "rb", buffering=0) as fast, open(cached, "rb", buffering=0) as slow:
            head = slow.read(4096)
            workers.start()
            try:
                for _ in range(TAKEOVERS):
                    workers.wait_all_once()
                    kill_beside_a_held_lookup(hub, repo, node)
                workers.wait_all_once()
            finally:
                workers.stop()
            assert not workers.failures, workers.failures
            for path, file in ((passed, fast), (cached, slow)):
                whole = digest_by_pread(path)  # a second handle, of the same kind or EIO
                assert whole == hub.sha256("models", kept, kept_sha, path.name)
                assert digest_by_pread(f"/proc/self/fd/{file.fileno()}") == whole
            assert os.pread(slow.fileno(), 4096, 0) == head
            before = fuse_stats(node)
        wait_until(lambda: fuse_stats(node)["open_files"] == 1, what="the releases")  # its own
        after = fuse_stats(node)
        assert after["passed_through"] == 0, (before, after)
        assert after["passthrough_refused"] == 0
        used = cache_bytes(node)
        for repository in (name, kept):
            run(*node.command("hf-mirror", "evict", repository))
        print("longest", {name: round(took, 2) for name, took in workers.longest.items()})
        assert cache_bytes(node) < used / 10, "what was evicted is still held by somebody"
