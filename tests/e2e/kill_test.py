# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load: every byte that is served, before and after, is right.

HFM_KILLS (10) is the number of kills, HFM_SEED the order of everything that is random here; the
long form is `HFM_KILLS=200 tests/run --suite e2e` or this file alone with pytest.
"""

import http.client
import json
import os
import random
import subprocess
import threading
import urllib.error
import urllib.request

from conftest import make_mirror
from mirror import wait_gone

KILLS = int(os.environ.get("HFM_KILLS", "10"))
SEED = int(os.environ.get("HFM_SEED", "1"))
READERS = 4
MIB = 1 << 20
SIZES = [0, 1, 700, 4096, 70_000, MIB - 1, MIB, MIB + 1, 3 * MIB + 5, 7 * MIB, 12 * MIB + 17]
QUOTA = 24 * MIB  # less than all of it: eviction is at work as well
BLOCKED_SECONDS = 60  # nobody waits longer than upstream's deadline and a restart


class Readers:
    """Threads that read what they like through the mount and HTTP, and look at every byte."""

    def __init__(self, node, name, sha, truth):
        self.node, self.name, self.sha, self.truth = node, name, sha, truth
        self.reads = self.errors = 0
        self.wrong = []
        self.stopping = False
        self.progress = threading.Condition()
        self.threads = [threading.Thread(target=self._loop, args=(random.Random(SEED + i),))
                        for i in range(READERS)]
        for thread in self.threads:
            thread.start()

    def _loop(self, choice):
        while not self.stopping:
            path = choice.choice(sorted(self.truth))
            first = choice.randrange(len(self.truth[path]) + 1)
            end = min(len(self.truth[path]), first + choice.choice([1, 5000, 300_000, 4 * MIB]))
            way = choice.choice([self._by_mount, self._by_http])
            try:
                got = way(path, first, end)
            except (OSError, http.client.HTTPException, urllib.error.URLError):
                self.errors += 1  # a clear failure is allowed, wrong bytes are not
                continue
            with self.progress:
                if got != self.truth[path][first:end]:
                    self.wrong.append(f"{way.__name__} {path} {first}-{end}: {len(got)} bytes")
                self.reads += 1
                self.progress.notify_all()

    def _by_mount(self, path, first, end):
        with open(self.node.path("models", self.name, self.sha, path), "rb", buffering=0) as file:
            got = b""
            while len(got) < end - first:
                part = os.pread(file.fileno(), end - first - len(got), first + len(got))
                if not part:
                    break
                got += part
            return got

    def _by_http(self, path, first, end):
        if first == end:
            return b""
        request = urllib.request.Request(f"{self.node.http}/{self.name}/resolve/{self.sha}/{path}",
                                         headers={"Range": f"bytes={first}-{end - 1}"})
        with urllib.request.urlopen(request, timeout=BLOCKED_SECONDS) as answer:
            return answer.read()

    def wait_reads(self, more):
        """Until so many reads went well from now on, or a byte was wrong."""
        with self.progress:
            want = self.reads + more
            done = self.progress.wait_for(lambda: self.reads >= want or self.wrong,
                                          BLOCKED_SECONDS)
        assert done, f"nothing is read any more ({self.errors} errors)"

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(timeout=BLOCKED_SECONDS)
            assert not thread.is_alive(), "a reader hangs"


def kill_one(node, whole):
    """kill -9 of the daemon alone, or of every process of the node, which is started again."""
    daemon = None
    if not whole:
        try:
            daemon = node.kill_daemon()
        except (AssertionError, ProcessLookupError, TypeError):
            pass  # it died too often lately: hf-mirror is starting hubfs again
    if daemon:
        wait_gone(daemon)
        return
    node.kill()
    node.start()


def test_after_kills_at_random_moments_every_byte_is_right(hub, repo, tmp_path):
    choice = random.Random(SEED)
    name, sha = repo([(f"f{number}.bin", size) for number, size in enumerate(SIZES)])
    truth = {path: hub.content_of("models", name, sha, path)
             for path in hub.paths("models", name, sha)}
    node = make_mirror(hub, tmp_path / "node", cache__size=QUOTA)
    with node:
        readers = Readers(node, name, sha, truth)
        try:
            for _ in range(KILLS):
                readers.wait_reads(choice.randrange(5, 60))
                kill_one(node, whole=choice.random() < 0.5)
                assert not readers.wrong, readers.wrong
            readers.wait_reads(20)
        finally:
            readers.stop()
        assert not readers.wrong, readers.wrong
        for path, content in truth.items():
            assert node.path("models", name, sha, path).read_bytes() == content, path
        checked = subprocess.run(node.command("hf-mirror", "verify", "--json"), check=True,
                                 capture_output=True, text=True)
        assert json.loads(checked.stdout)["files_damaged"] == 0
