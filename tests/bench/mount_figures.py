# SPDX-License-Identifier: Apache-2.0
"""The mount beside the disk's own filesystem, in one run: warm reads, walks, a takeover.

  /usr/bin/python3 tests/bench/mount_figures.py [--runs N] [--size MIB]

Reads are of one verified file of random bytes, through the mount (by the kernel itself, where it
has passthrough) and of a copy of it beside the cache, both dropped from memory and read once
before, so that both lie in the page cache as the kernel's own read-ahead put them there. Walks are
of one commit of 100,000 files in nested folders and of a plain directory of the same names and
sizes (sparse files), both warm. Every figure is a median; read the ratios, not the digits.
"""

import argparse
import json
import mmap
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support"), str(ROOT / "tests/e2e")]

from hubfs import Hubfs, wait_until  # noqa: E402
from true_hub import TrueHub  # noqa: E402

MIB = 1 << 20
PAGE = 4096
RANDOM_READS = 200_000
TAKEOVERS = 20


def places(size, count):
    """Pseudo-random pages of a file, the same for both."""
    place, pages = 1, size // PAGE
    for _ in range(count):
        place = (place * 6364136223846793005 + 1442695040888963407) % (1 << 63)
        yield (place >> 20) % pages * PAGE


def sequential(path):
    buffer, total = bytearray(MIB), 0
    began = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        while got := file.readinto(buffer):
            total += got
    return total / (time.perf_counter() - began)


def random_reads(path, offsets):
    with open(path, "rb", buffering=0) as file:
        number, buffer = file.fileno(), [bytearray(PAGE)]
        began = time.perf_counter()
        for offset in offsets:
            os.preadv(number, buffer, offset)
        return len(offsets) / (time.perf_counter() - began)


def random_faults(path, offsets):
    with open(path, "rb", buffering=0) as file, \
            mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        view.madvise(mmap.MADV_RANDOM)
        began = time.perf_counter()
        for offset in offsets:
            view[offset]  # pylint: disable=pointless-statement
        return len(offsets) / (time.perf_counter() - began)


def by_sendfile(path):
    left, right = socket.socketpair()
    buffer = bytearray(MIB)

    def take():
        while right.recv_into(buffer):
            pass

    taker = threading.Thread(target=take)
    taker.start()
    sent, size = 0, os.path.getsize(path)
    with open(path, "rb", buffering=0) as file, left:
        began = time.perf_counter()
        while sent < size:
            sent += os.sendfile(left.fileno(), file.fileno(), sent, size - sent)
    taker.join()
    right.close()
    return size / (time.perf_counter() - began)


def timed(*command):
    began = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def rate(value):
    return f"{value / 1e6:.0f} MB/s"


def a_second(value):
    return f"{value:.0f}/s"


def milliseconds(value):
    return f"{value * 1000:.1f} ms"


class Table:
    """Rows as they are measured; runs alternate between the two sides."""

    def __init__(self, runs):
        self.runs = runs
        print("| what | mount | ext4 | ratio | wanted |\n|---|---|---|---|---|", flush=True)

    def compare(self, what, measure, ours, plain, show, wanted, lower=False):
        pairs = [(measure(ours), measure(plain)) for _ in range(self.runs)]
        ratio = statistics.median(b / a if lower else a / b for a, b in pairs)
        mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"| {what} | {show(mine)} | {show(theirs)} | {ratio:.2f} | {wanted} |", flush=True)

    def say(self, what, value, wanted=""):
        print(f"| {what} | {value} | | | {wanted} |", flush=True)


def fuse(fs):
    return json.loads((fs.mount / ".status/stats.json").read_text())["fuse"]


def forget_pages(path):
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def reads(table, fs, folder, size, kind):
    ours = fs.mount / "models/bench/warm/main/warm.bin"
    plain = folder / "plain.bin"
    shutil.copyfile(ours, plain)
    os.sync()
    wait_until(lambda: os.getxattr(ours, "user.hub.verified") == b"1", what="verification")
    stored = next(path for path in (fs.folder / "cache").rglob("*")
                  if path.is_file() and path.stat().st_size == size * MIB)
    for path in (stored, plain):
        forget_pages(path)
    sequential(ours)
    sequential(plain)
    offsets = list(places(size * MIB, RANDOM_READS))
    before = fuse(fs)["ops"]["read"]["requests"]
    table.compare(f"sequential, {kind}", sequential, ours, plain, rate, 0.90)
    table.compare(f"random 4 KiB, {kind}", lambda path: random_reads(path, offsets), ours, plain,
                  a_second, 0.90)
    table.compare(f"sendfile to a socket, {kind}", by_sendfile, ours, plain, rate, 0.85)
    table.compare(f"random page faults (mmap), {kind}",
                  lambda path: random_faults(path, offsets), ours, plain, a_second, 0.75)
    table.say(f"READ requests meanwhile, {kind}", fuse(fs)["ops"]["read"]["requests"] - before)


def walks(table, fs, hub, folder):
    ours = fs.mount / "datasets/demo/files-100k" / hub.refs("datasets", "demo/files-100k")["main"]
    began = time.perf_counter()
    listed = subprocess.run(["find", str(ours), "-type", "f", "-printf", "%P %s\\n"], check=True,
                            capture_output=True, text=True).stdout.splitlines()
    files = len(listed)
    table.say(f"first find of {files} files", milliseconds(time.perf_counter() - began))
    plain = folder / "tree"
    for line in listed:
        path, size = line.rsplit(" ", 1)
        target = plain / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "wb") as file:
            file.truncate(int(size))
    hub.clear()
    for what, command in (
            ("find", lambda path: timed("find", path)),
            ("find -size (stat of each)", lambda path: timed("find", path, "-size", "+1k")),
            ("ls -lR", lambda path: timed("ls", "-lR", path)),
            ("rsync -n", lambda path: timed("rsync", "-an", f"{path}/", folder / "nowhere"))):
        for path in (ours, plain):
            command(path)
        table.compare(f"{what} of {files} files", command, ours, plain, milliseconds, "0.50",
                      lower=True)
    table.say("questions to upstream meanwhile", len(hub.requests()), 0)
    table.say("content fetched meanwhile", hub.content_bytes(), 0)
    status = pathlib.Path(f"/proc/{fs.daemon}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    table.say("daemon's resident memory", resident.split(None, 1)[1])


def takeovers(table, fs):
    """The longest time that one read of a file's page takes, with and without kills beside it."""
    path = fs.mount / "models/bench/warm/main/warm.bin"
    longest = {"with": 0.0, "without": 0.0}
    state = {"now": "without", "stop": False}

    def reader():
        while not state["stop"]:
            began = time.perf_counter()
            with open(path, "rb", buffering=0) as file:
                file.read(PAGE)
            took = time.perf_counter() - began
            longest[state["now"]] = max(longest[state["now"]], took)

    thread = threading.Thread(target=reader)
    thread.start()
    for _ in range(TAKEOVERS):
        fuse(fs)
    state["now"] = "with"
    for _ in range(TAKEOVERS):
        fs.kill_daemon()
        fuse(fs)  # answered by the new one
    state["stop"] = True
    thread.join()
    table.say(f"longest open and read, {TAKEOVERS} deaths of the daemon",
              milliseconds(longest["with"]))
    table.say("longest open and read, no death", milliseconds(longest["without"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="runs per figure (median)")
    parser.add_argument("--size", type=int, default=512, help="MiB of the large file")
    parser.add_argument("--folder", default="/var/tmp", help="where, on a disk's own filesystem")
    words = parser.parse_args()
    table = Table(words.runs)
    with tempfile.TemporaryDirectory(prefix="hfm-bench-", dir=words.folder) as temporary, \
            TrueHub() as hub:
        folder = pathlib.Path(temporary)
        os.chmod(folder, 0o755)
        hub.create_repo("bench/warm", [{"path": "warm.bin", "size": words.size * MIB, "seed": "w",
                                        "lfs": True}])
        with Hubfs(folder / "node", hub) as fs:
            reads(table, fs, folder, words.size, "passthrough")
            walks(table, fs, hub, folder)
            takeovers(table, fs)
        with Hubfs(folder / "node", hub,
                   {"mount.disable_features": '["passthrough"]'}) as fs:
            reads(table, fs, folder, words.size, "through the daemon")


if __name__ == "__main__":
    main()
