# SPDX-License-Identifier: Apache-2.0
"""HTTP beside nginx in one run: hot small files (requests/s, wrk) and a hot large file (sendfile).

  /usr/bin/python3 tests/bench/http_figures.py [--rounds N] [--seconds S] [--size MIB] [--json FILE]
                                               [--workers N]

Both serve the same bytes and write an access log to a file. The rounds alternate between the two,
and the figure is the median of the rounds' ratios: on a machine that does other things as well only
ratios of one run mean anything. nginx: sendfile, tcp_nopush, open_file_cache off, as many workers
as hub-httpd has event loops (2) unless --workers says otherwise. Needs nginx, wrk, curl.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support"), str(ROOT / "tests/e2e")]

import peers  # noqa: E402
from mirror import Mirror, children, comm  # noqa: E402
from peers import MIB, cpu_seconds  # noqa: E402
from true_hub import TrueHub  # noqa: E402

KIB = 1 << 10
CONNECTIONS = 32

NGINX = """
  access_log {folder}/access.log; default_type application/octet-stream;
  server {{ listen 127.0.0.1:{port}; root {folder}/static; }}
}}
worker_processes {workers};
"""


@contextlib.contextmanager
def nginx(folder, workers):
    """nginx as a child; yields (its address, its process id)."""
    port = peers.free_port()
    text = NGINX.format(folder=folder, port=port, workers=workers)
    with peers.nginx(folder, text, port) as process:
        yield f"http://127.0.0.1:{port}", process.pid


def requests_per_second(url, seconds):
    """(requests per second, requests)"""
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url], check=True,
                         capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise AssertionError(out)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
            int(re.search(r"(\d+) requests in", out).group(1)))


def download(url):
    """(bytes per second, GiB) of one GET."""
    seconds, size = peers.curl(url)
    return size / seconds, size / (KIB * MIB)


class Pair:
    """The two servers, asked in turn."""

    def __init__(self, rounds, ours, peer):
        self.rounds, self.ours, self.peer = rounds, ours, peer
        self.rows = []

    def compare(self, what, measure, targets, show, show_cpu):
        """`measure(url)` -> (figure, work) alternately; `targets` are (ours, nginx's) paths."""
        found, cpu, work = {0: [], 1: []}, [0.0, 0.0], [0.0, 0.0]
        for _ in range(self.rounds):
            for side, (base, pids) in enumerate((self.ours, self.peer)):
                before = cpu_seconds(pids)
                figure, done = measure(base + targets[side])
                found[side].append(figure)
                cpu[side] += cpu_seconds(pids) - before
                work[side] += done
        mid = [statistics.median(found[side]) for side in (0, 1)]
        each = [cpu[side] / work[side] for side in (0, 1)]
        ratio = statistics.median(ours / peer for ours, peer in zip(found[0], found[1]))
        self.rows.append({"what": what, "ours": mid[0], "nginx": mid[1], "ratio": round(ratio, 2),
                          "cpu_ours": each[0], "cpu_nginx": each[1]})
        print(f"| {what} | {show(mid[0])} | {show(mid[1])} | {ratio:.2f} | "
              f"{show_cpu(each[0])} | {show_cpu(each[1])} | {each[0] / each[1]:.2f} |", flush=True)


def small(pair, node, hub, seconds, static):
    for size, label in ((KIB, "1 KiB"), (64 * KIB, "64 KiB")):
        repo = f"bench/small{size}"
        hub.create_repo(repo, [{"path": "file.bin", "size": size, "seed": "s", "lfs": False}])
        sha = hub.refs("models", repo)["main"]
        shutil.copyfile(node.path("models", repo, sha, "file.bin"), static / f"{size}.bin")
        for revision, words in (("main", "by branch"), (sha, "by commit")):
            path = f"/{repo}/resolve/{revision}/file.bin"
            download(node.http + path)
            pair.compare(f"hot {label} {words}, requests/s, {CONNECTIONS} connections",
                         lambda url: requests_per_second(url, seconds),
                         (path, f"/{size}.bin"), lambda v: f"{v:.0f}",
                         lambda v: f"{v * 1e6:.1f} us/request")


def large(pair, node, hub, size, static):
    hub.create_repo("bench/large", [{"path": "large.bin", "size": size * MIB, "seed": "l",
                                     "lfs": True}])
    sha = hub.refs("models", "bench/large")["main"]
    path = f"/bench/large/resolve/{sha}/large.bin"
    download(node.http + path)
    shutil.copyfile(node.path("models", "bench/large", sha, "large.bin"), static / "large.bin")
    while True:  # "cold" until hubfs has hashed it
        with open(node.path("models", "bench/large", sha, "large.bin"), "rb") as file:
            if os.getxattr(file.fileno(), "user.hub.verified") == b"1":
                break
        time.sleep(0.1)
    pair.compare(f"hot {size} MiB, one connection", download, (path, "/large.bin"),
                 lambda v: f"{v / 1e6:.0f} MB/s", lambda v: f"{v:.2f} s/GiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="of each row")
    parser.add_argument("--seconds", type=int, default=3, help="of each wrk run")
    parser.add_argument("--size", type=int, default=1024, help="MiB of the large file")
    parser.add_argument("--workers", type=int, default=2, help="of nginx")
    parser.add_argument("--only", choices=["small", "large"])
    parser.add_argument("--json", help="write the rows there as JSON")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hfm-bench-") as temporary, TrueHub() as hub:
        folder = pathlib.Path(temporary)
        os.chmod(folder, 0o755)
        static = folder / "nginx/static"
        with nginx(folder / "nginx", words.workers) as (address, pid), \
                Mirror(folder / "node", hub.url, [hub.cdn_url.removeprefix("http://")],
                       rsync=False) as node:
            httpd = [child for child in children(node.process.pid) if comm(child) == "hub-httpd"]
            pair = Pair(words.rounds, (node.http, httpd), (address, children(pid)))
            print("| what | hf-mirror | nginx | ratio | CPU hub-httpd | CPU nginx | ratio |\n"
                  "|---|---|---|---|---|---|---|", flush=True)
            if words.only != "large":
                small(pair, node, hub, words.seconds, static)
            if words.only != "small":
                large(pair, node, hub, words.size, static)
    if words.json:
        pathlib.Path(words.json).write_text(json.dumps(pair.rows, indent=1))


if __name__ == "__main__":
    main()
