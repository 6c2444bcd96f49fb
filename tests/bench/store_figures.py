# SPDX-License-Identifier: Apache-2.0
"""The store's figures: cold files over an upstream of 100 MB/s per connection, beside nginx slice.

  /usr/bin/python3 tests/bench/store_figures.py [--runs N] [--only NAME[,NAME]] [--json FILE]
      [--rate BYTES_PER_SECOND] [--size MIB] [--large MIB] [--prefetch MIB]

Upstream is paced_hub.py. The peer is a second nginx with `slice 1m` before the same paced content;
unlike us it needs no /resolve/, it is given the address of the bytes. Each measurement has a node
or an nginx of its own with an empty cache; ours and the peer's take turns. A figure is the median,
a ratio the median of the rounds' ratios. Roads: the mount, and the node's HTTP.
Progress goes to the standard error, the table (markdown) to the standard output.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support"), str(ROOT / "tests/e2e")]

import peers  # noqa: E402
from mirror import Mirror, children  # noqa: E402
from paced_hub import PacedHub  # noqa: E402
from peers import MIB, curl  # noqa: E402

GIB = 1 << 30
READERS = 8
ROADS = ("mount", "HTTP")
RANGE_BYTES_MAX = 2 * MIB
FIRST_BYTE_EXTRA = 0.005  # seconds
READERS_BAR = 2.0         # times as fast as nginx slice
SEQUENTIAL_BAR = 6.0      # times one connection
FAIR_BAR = 2.0            # times as long as alone
FIRST_FILES = 8           # cold files of one round of `first`
SMALL_FILES = 7           # cold files of one round of `fair`
JOB_SECONDS = 60

SLICE = """
  access_log off; proxy_cache_path {folder}/cache keys_zone=c:10m max_size=8g;
  server {{
    listen 127.0.0.1:{port};
""" + peers.NGINX_SLICE + """
  }}
}}
"""


class File:
    """A file of upstream and its addresses."""

    def __init__(self, upstream, repo, sha, name, size):
        self.repo, self.sha, self.name, self.size = repo, sha, name, size
        self.resolve = upstream.resolve(repo, sha, name)
        self.content = upstream.content(repo, sha, name)

    def url(self, node):
        return f"{node.http}/{self.repo}/resolve/{self.sha}/{self.name}"

    def path(self, node):
        return node.path("models", self.repo, self.sha, self.name)

    def behind(self, slice_url):
        return slice_url + urllib.parse.urlsplit(self.content).path


def pread(path, first, size):
    """Seconds to open a file and read a range of it."""
    start = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        done = 0
        while done < size:
            piece = os.pread(file.fileno(), size - done, first + done)
            if not piece:
                raise RuntimeError(f"{path} ends early")
            done += len(piece)
    return time.perf_counter() - start


def dd(path):
    return ["dd", f"if={path}", "of=/dev/null", "bs=1M", "status=none"]


def whole(url):
    return ["curl", "-sSf", "-o", "/dev/null", url]


def together(command, count):
    """Seconds until `count` of these, started at once, have ended well."""
    start = time.perf_counter()
    running = [subprocess.Popen(command) for _ in range(count)]
    codes = [process.wait() for process in running]
    if any(codes):
        raise RuntimeError(f"{' '.join(map(str, command))}: exit codes {codes}")
    return time.perf_counter() - start


def first_byte(url):
    """Seconds until the first byte of the body is here, redirects followed."""
    start = time.perf_counter()
    while True:
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
            answer = connection.getresponse()
            if answer.status in (302, 307):
                url = urllib.parse.urljoin(url, answer.getheader("Location"))
                continue
            if answer.status != 200 or not answer.read(1):
                raise RuntimeError(f"{url}: {answer.status}")
            return time.perf_counter() - start


class Table:
    """Rows of the result; each says whether its bar was reached."""

    def __init__(self):
        self.rows = []

    def add(self, what, road, ours, peer, bar="", missed=None):
        """`missed`: None without a bar, "" when it was reached, else by how much it was not."""
        verdict = {None: "", "": "reached"}.get(missed, f"not reached: {missed}")
        self.rows.append({"what": what, "road": road, "ours": ours, "peer": peer, "bar": bar,
                          "verdict": verdict})
        print(f"{what}, {road}: {ours}; {peer}; {bar} {verdict}", file=sys.stderr, flush=True)

    def markdown(self):
        head = ["| figure | road | hf-mirror | beside it | bar | verdict |", "|---" * 6 + "|"]
        return "\n".join(head + ["| " + " | ".join(row.values()) + " |" for row in self.rows])


def at_least(ratio, bar):
    return "" if ratio >= bar else f"{ratio:.2f} x"


def at_most(value, bar, shown):
    return "" if value <= bar else shown


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"


def mib(size):
    return f"{size / MIB:.1f} MiB"


def mbs(rate):
    return f"{rate / 1e6:.0f} MB/s"


def middle(values):
    return statistics.median(values)


def ratios(above, below):
    return middle(a / b for a, b in zip(above, below))


class Bench:
    def __init__(self, folder, upstream, words):
        self.folder, self.upstream, self.words = folder, upstream, words
        self.table = Table()
        self.made = {}

    def files(self, repo, sizes):
        """The files of a repository, made when first asked for: name -> size."""
        if repo not in self.made:
            sha = self.upstream.create(f"bench/{repo}", {"warm.bin": 4096, **sizes})
            self.made[repo] = {name: File(self.upstream, f"bench/{repo}", sha, name, size)
                               for name, size in {"warm.bin": 4096, **sizes}.items()}
        return self.made[repo]

    def file(self, repo, size):
        return self.files(repo, {"file.bin": size})["file.bin"]

    @contextlib.contextmanager
    def node(self, file):
        """A node with an empty cache, its metadata of the file's repository warm."""
        folder = self.folder / "node"
        host = urllib.parse.urlsplit(self.upstream.address).netloc
        try:
            with Mirror(folder, self.upstream.hub.url, [host], rsync=False) as node:
                warm = self.made[file.repo.removeprefix("bench/")]["warm.bin"]
                os.listdir(file.path(node).parent)
                curl(warm.url(node))
                self.upstream.clear()
                yield node
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def slice(self, file):
        """nginx slice with an empty cache; yields (its address, its process ids)."""
        folder, port = self.folder / "slice", peers.free_port()
        text = SLICE.format(folder=folder, port=port, upstream=self.upstream.address)
        try:
            with peers.nginx(folder, text, port) as process:
                url = f"http://127.0.0.1:{port}"
                curl(self.made[file.repo.removeprefix("bench/")]["warm.bin"].behind(url))
                self.upstream.clear()
                yield url, [process.pid, *children(process.pid)]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def range(self):
        """A cold 1 MiB range far inside a file."""
        file = self.file("range", self.words.size * MIB)
        first = file.size * 200 // 256 // MIB * MIB
        words = ("-r", f"{first}-{first + MIB - 1}")
        found = {key: [] for key in (*ROADS, "slice", "resolve")}
        taken = {key: [] for key in (*ROADS, "slice")}
        for _ in range(self.words.runs):
            for road in ROADS:
                with self.node(file) as node:
                    found[road].append(pread(file.path(node), first, MIB) if road == "mount"
                                       else curl(file.url(node), *words)[0])
                    taken[road].append(self.upstream.taken())
            with self.slice(file) as (url, _):
                found["slice"].append(curl(file.behind(url), *words)[0])
                taken["slice"].append(self.upstream.taken())
            found["resolve"].append(curl(file.resolve, "--no-location")[0])
        what = f"cold 1 MiB range at {first // MIB} MiB of {self.words.size}"
        for road in ROADS:
            ratio = ratios(found["slice"], found[road])
            self.table.add(f"{what}, time", road, ms(middle(found[road])),
                           f"nginx slice {ms(middle(found['slice']))}; "
                           f"/resolve/ alone {ms(middle(found['resolve']))}",
                           ">= 1 x nginx slice", at_least(ratio, 1.0))
            self.table.add(f"{what}, fetched", road, mib(max(taken[road])),
                           f"nginx slice {mib(max(taken['slice']))}", "<= 2 MiB",
                           at_most(max(taken[road]), RANGE_BYTES_MAX, mib(max(taken[road]))))

    def readers(self):
        """Several cold readers of one file."""
        file = self.file("range", self.words.size * MIB)
        found = {key: [] for key in (*ROADS, "slice")}
        taken = {key: [] for key in (*ROADS, "slice")}
        for _ in range(self.words.runs):
            for road in ROADS:
                with self.node(file) as node:
                    command = dd(file.path(node)) if road == "mount" else whole(file.url(node))
                    found[road].append(together(command, READERS))
                    taken[road].append(self.upstream.taken())
            with self.slice(file) as (url, _):
                found["slice"].append(together(whole(file.behind(url)), READERS))
                taken["slice"].append(self.upstream.taken())
        what = f"{READERS} cold readers of {self.words.size} MiB"
        for road in ROADS:
            ratio = ratios(found["slice"], found[road])
            self.table.add(f"{what}, time", road, f"{middle(found[road]):.2f} s",
                           f"nginx slice {middle(found['slice']):.2f} s",
                           f">= {READERS_BAR:.0f} x nginx slice", at_least(ratio, READERS_BAR))
            self.table.add(f"{what}, fetched", road, mib(max(taken[road])),
                           f"nginx slice {mib(max(taken['slice']))}", f"{mib(file.size)} once",
                           at_most(max(taken[road]), file.size, mib(max(taken[road]))))

    def first(self):
        """The first byte of a cold file, beside upstream's own (its redirect included)."""
        names = [f"{number}.bin" for number in range(FIRST_FILES)]
        files = self.files("first", {name: 16 * MIB for name in names})
        found = {key: [] for key in (*ROADS, "upstream")}
        for _ in range(self.words.runs):
            for road in ROADS:
                with self.node(files[names[0]]) as node:
                    for name in names:
                        found[road].append(pread(files[name].path(node), 0, 1) if road == "mount"
                                           else first_byte(files[name].url(node)))
                        self.upstream.wait_idle()
            found["upstream"] += [first_byte(files[name].resolve) for name in names]
        for road in ROADS:
            extra = middle(found[road]) - middle(found["upstream"])
            self.table.add("first byte of a cold file", road, ms(middle(found[road])),
                           f"upstream itself {ms(middle(found['upstream']))}", "+ 5 ms",
                           at_most(extra, FIRST_BYTE_EXTRA, f"+ {ms(extra)}"))

    def sequential(self):
        """One cold reader beside one connection, and the processor's time beside nginx slice."""
        sizes = sorted({self.words.size, self.words.large})
        sources = {size: self.file("range" if size == self.words.size else "large", size * MIB)
                   for size in sizes}
        found = {(key, size): [] for key in (*ROADS, "slice", "one") for size in sizes}
        cpu = {key: [] for key in found}
        for _ in range(self.words.runs):
            for size, file in sources.items():
                for road in ROADS:
                    with self.node(file) as node:
                        command = dd(file.path(node)) if road == "mount" else whole(file.url(node))
                        self.sequential_one(found, cpu, (road, size), descendants(node), command)
                with self.slice(file) as (url, pids):
                    self.sequential_one(found, cpu, ("slice", size), pids,
                                        whole(file.behind(url)))
                self.sequential_one(found, cpu, ("one", size), [], whole(file.content))
        for size in sizes:
            for road in ROADS:
                self.sequential_row(found, road, size)
        for size in sizes:
            for road in ROADS:
                ratio = ratios(cpu[("slice", size)], cpu[(road, size)])
                self.table.add(f"processor's time, cold {size} MiB", road,
                               f"{middle(cpu[(road, size)]):.2f} s/GiB",
                               f"nginx slice {middle(cpu[('slice', size)]):.2f} s/GiB "
                               f"({ratio:.2f} x)")

    def sequential_one(self, found, cpu, key, pids, command):
        before = peers.cpu_seconds(pids)
        found[key].append(key[1] * MIB / together(command, 1))
        self.upstream.wait_idle()
        cpu[key].append((peers.cpu_seconds(pids) - before) * GIB / (key[1] * MIB))

    def sequential_row(self, found, road, size):
        one = found[("one", size)]
        ratio = ratios(found[(road, size)], one)
        beside = ratios(found[("slice", size)], one)
        self.table.add(f"one cold sequential reader of {size} MiB", road,
                       f"{mbs(middle(found[(road, size)]))} ({ratio:.1f} x one connection)",
                       f"one connection {mbs(middle(one))}; nginx slice {beside:.1f} x",
                       f">= {SEQUENTIAL_BAR:.0f} x one connection",
                       at_least(ratio, SEQUENTIAL_BAR))

    def fair(self):
        """Small cold files alone, and while a large repository is prefetched."""
        names = [f"{number}.bin" for number in range(SMALL_FILES)]
        small = self.files("small", {name: MIB for name in names})
        large = self.file("prefetch", self.words.prefetch * MIB)
        found = {(road, beside): [] for road in ROADS for beside in (False, True)}
        for _ in range(self.words.runs):
            for road, beside in found:
                with self.node(small[names[0]]) as node:
                    if beside:
                        start_prefetch(node, large.repo)
                    each = [pread(small[name].path(node), 0, MIB) if road == "mount"
                            else curl(small[name].url(node))[0] for name in names]
                    if beside and job_of(node)["state"] != "running":
                        raise RuntimeError("the prefetch ended first: give a larger --prefetch")
                    found[(road, beside)].append(middle(each))
        for road in ROADS:
            ratio = ratios(found[(road, True)], found[(road, False)])
            self.table.add(f"1 MiB cold file beside a prefetch of {self.words.prefetch} MiB", road,
                           ms(middle(found[(road, True)])),
                           f"alone {ms(middle(found[(road, False)]))} ({ratio:.2f} x)",
                           f"<= {FAIR_BAR:.0f} x", at_most(ratio, FAIR_BAR, f"{ratio:.2f} x"))


def descendants(node):
    """Every process of a node: hf-mirror, hubfs twice, hub-httpd."""
    pids = [node.process.pid]
    for pid in pids:
        pids += children(pid)
    return pids


def job_of(node):
    return json.loads((node.mount / ".status/jobs").read_text())[0]


def start_prefetch(node, repo):
    """`hf-mirror prefetch`, and returns once its bytes have begun to arrive."""
    subprocess.run(node.command("hf-mirror", "prefetch", repo, "--detach"), check=True,
                   capture_output=True)
    end = time.monotonic() + JOB_SECONDS
    while job_of(node)["bytes"] < 16 * MIB:
        if time.monotonic() > end:
            raise RuntimeError(f"the prefetch does not begin: {job_of(node)}")
        time.sleep(0.005)


def disk_bytes(words):
    """Upstream's files, and the largest of them once more in a cache."""
    sizes = [words.size, words.large, words.prefetch, 16 * FIRST_FILES, SMALL_FILES]
    return (sum(sizes) + max(sizes)) * MIB


FIGURES = ("range", "readers", "first", "sequential", "fair")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="rounds of each figure (median)")
    parser.add_argument("--only", default=",".join(FIGURES), help=f"of {', '.join(FIGURES)}")
    parser.add_argument("--rate", type=int, default=100_000_000, help="bytes/s per connection")
    parser.add_argument("--size", type=int, default=256, help="MiB of the file of most figures")
    parser.add_argument("--large", type=int, default=1024, help="MiB of the larger file")
    parser.add_argument("--prefetch", type=int, default=2048, help="MiB of what is prefetched")
    parser.add_argument("--json", help="write the rows there as JSON")
    words = parser.parse_args()
    if unknown := set(words.only.split(",")) - set(FIGURES):
        parser.error(f"--only: no figure is called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started and mounted is ended
    with tempfile.TemporaryDirectory(prefix="hfm-bench-") as temporary:
        folder = pathlib.Path(temporary)
        os.chmod(folder, 0o755)
        if shutil.disk_usage(folder).free < (needs := disk_bytes(words)):
            parser.error(f"{folder}: needs {needs / GIB:.1f} GiB; set TMPDIR to another disk")
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {words.runs} rounds, "
              f"upstream {mbs(words.rate)} per connection", file=sys.stderr)
        with PacedHub(folder / "upstream", words.rate) as upstream:
            bench = Bench(folder, upstream, words)
            for name in FIGURES:
                if name in words.only.split(","):
                    getattr(bench, name)()
    print(bench.table.markdown())
    if words.json:
        pathlib.Path(words.json).write_text(json.dumps(bench.table.rows, indent=1))


if __name__ == "__main__":
    main()
