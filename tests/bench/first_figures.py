# SPDX-License-Identifier: Apache-2.0
"""First figures: warm and cold reads through mount and HTTP, beside ext4 and nginx, in one run.

  /usr/bin/python3 tests/bench/first_figures.py [--runs N] [--size MIB] [--json FILE]

Upstream is the Hub emulator with generated content, made once before anything is timed. nginx
serves the same bytes: statically for the warm rows, as a caching proxy with
`slice 1m` for the cold ones. Every figure is a median; read the ratios, not the digits.
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
from mirror import Mirror  # noqa: E402
from peers import MIB, curl  # noqa: E402
from true_hub import TrueHub  # noqa: E402

NGINX = """
  access_log off; proxy_cache_path {folder}/cache keys_zone=c:10m max_size=8g;
  server {{ listen 127.0.0.1:{static}; root {folder}/static; }}
  server {{
    listen 127.0.0.1:{slice};
""" + peers.NGINX_SLICE + """
  }}
}}
"""


@contextlib.contextmanager
def nginx(folder, cdn):
    """nginx as a child; yields (static address, slice address)."""
    ports = {"static": peers.free_port(), "slice": peers.free_port()}
    text = NGINX.format(folder=folder, upstream=cdn, **ports)
    with peers.nginx(folder, text, ports["slice"]):
        yield (f"http://127.0.0.1:{ports['static']}", f"http://127.0.0.1:{ports['slice']}")


def read_file(path, size=MIB):
    """Bytes per second of a sequential read."""
    buffer = bytearray(size)
    start, total = time.perf_counter(), 0
    with open(path, "rb", buffering=0) as file:
        while n := file.readinto(buffer):
            total += n
    return total / (time.perf_counter() - start)


def random_4k(path, reads=20000):
    """4 KiB reads per second at pseudo-random places."""
    size, place = os.path.getsize(path) - 4096, 1
    with open(path, "rb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(reads):
            place = (place * 6364136223846793005 + 1442695040888963407) % (1 << 63)
            os.pread(file.fileno(), 4096, place % size)
    return reads / (time.perf_counter() - start)


def download(url, *words):
    seconds, size = curl(url, *words)
    return size / seconds


def requests_per_second(url):
    out = subprocess.run(["wrk", "-t1", "-c32", "-d3s", url], check=True, capture_output=True,
                         text=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def median(runs, measure):
    return statistics.median(measure() for _ in range(runs))


def rate(value):
    return f"{value / 1e6:.0f} MB/s"


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, ours, peer, against, show, lower_is_better=False):
        ratio = peer / ours if lower_is_better else ours / peer
        self.rows.append({"what": what, "ours": ours, "peer": peer, "against": against,
                          "ratio": round(ratio, 2)})
        print(f"| {what} | {show(ours)} | {show(peer)} ({against}) | {ratio:.2f} |", flush=True)


def warm(table, runs, node, hub, name, sha, size, web, folder):
    path = node.path("models", name, sha, "warm.bin")
    plain = folder / "static/warm.bin"
    shutil.copyfile(path, plain)
    read_file(path)
    read_file(plain)
    table.add("warm sequential read, mount", median(runs, lambda: read_file(path)),
              median(runs, lambda: read_file(plain)), "ext4", rate)
    table.add("warm random 4 KiB, mount", median(runs, lambda: random_4k(path)),
              median(runs, lambda: random_4k(plain)), "ext4", lambda v: f"{v:.0f}/s")
    ours = f"{node.http}/{name}/resolve/{sha}/warm.bin"
    table.add(f"warm {size} MiB over HTTP/1.1", median(runs, lambda: download(ours)),
              median(runs, lambda: download(f"{web[0]}/warm.bin")), "nginx static", rate)
    if shutil.which("wrk"):
        (folder / "static/small.json").write_bytes(b"x" * 1024)
        small = f"{node.http}/demo/small/resolve/main/config.json"
        curl(small)
        table.add("hot small file, keep-alive", median(1, lambda: requests_per_second(small)),
                  median(1, lambda: requests_per_second(f"{web[0]}/small.json")),
                  "nginx static", lambda v: f"{v:.0f}/s")


def cold(table, runs, node, hub, size, web):
    """Each run reads a file that nobody has read before."""
    results = {"read": [], "http": [], "slice": [], "direct": [], "range": [], "nrange": [],
               "range_bytes": []}
    for run in range(runs):
        name = f"bench/cold{run}"
        hub.create_repo(name, [{"path": f"{file}.bin", "size": size * MIB,
                                "seed": f"{run}{file}", "lfs": True} for file in "abcd"])
        sha = hub.refs("models", name)["main"]
        os.listdir(node.path("models", name, sha))
        signed = {file: cdn_path(hub, name, sha, file) for file in "abcd"}
        for file in "abcd":  # the emulator makes its bytes once: nobody's figure pays for that
            download(hub.cdn_url + signed[file])
        results["read"].append(read_file(node.path("models", name, sha, "a.bin")))
        results["http"].append(download(f"{node.http}/{name}/resolve/{sha}/b.bin"))
        results["direct"].append(download(hub.cdn_url + signed["a"]))
        results["slice"].append(download(web[1] + signed["a"]))
        hub.clear()
        far = f"{(size - 56) * MIB}-{(size - 55) * MIB - 1}"
        results["range"].append(curl(f"{node.http}/{name}/resolve/{sha}/c.bin", "-r", far)[0])
        results["range_bytes"].append(hub.content_bytes())
        results["nrange"].append(curl(web[1] + signed["d"], "-r", far)[0])
    mid = {key: statistics.median(values) for key, values in results.items()}
    table.add(f"cold sequential {size} MiB, mount", mid["read"], mid["direct"],
              "one connection to upstream", rate)
    table.add(f"cold {size} MiB over HTTP", mid["http"], mid["slice"], "nginx slice", rate)
    table.add(f"cold 1 MiB range at {size - 56} MiB ({mid['range_bytes'] / MIB:.1f} MiB fetched)",
              mid["range"], mid["nrange"], "nginx slice", lambda v: f"{v * 1000:.1f} ms", True)


def cdn_path(hub, name, sha, file):
    """The signed CDN path of a file, as the emulator's redirect gives it."""
    return peers.redirect_of(f"{hub.url}/{name}/resolve/{sha}/{file}.bin").removeprefix(hub.cdn_url)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs per figure (median)")
    parser.add_argument("--size", type=int, default=256, help="MiB of the large files")
    parser.add_argument("--json", help="write the rows there as JSON")
    words = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory(prefix="hfm-bench-") as temporary, TrueHub() as hub:
        folder = pathlib.Path(temporary)
        os.chmod(folder, 0o755)
        with nginx(folder / "nginx", hub.cdn_url) as web, \
                Mirror(folder / "node", hub.url, [hub.cdn_url.removeprefix("http://")]) as node:
            hub.create_repo("bench/warm", [{"path": "warm.bin", "size": words.size * MIB,
                                            "seed": "w", "lfs": True}])
            sha = hub.refs("models", "bench/warm")["main"]
            print("| what | hf-mirror | peer | ratio |\n|---|---|---|---|", flush=True)
            warm(table, words.runs, node, hub, "bench/warm", sha, words.size, web,
                 folder / "nginx")
            cold(table, words.runs, node, hub, words.size, web)
    if words.json:
        pathlib.Path(words.json).write_text(json.dumps(table.rows, indent=1))


if __name__ == "__main__":
    main()
