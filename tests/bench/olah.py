# SPDX-License-Identifier: Apache-2.0
"""Olah (PyPI) and hf-mirror side by side on the same emulated Hub, in one run.

  /usr/bin/python3 tests/bench/olah.py [--runs N] [--size MIB] [--json FILE]

snapshot_download by the client of build/venv-hub, cold (nothing cached by the mirror) and warm
(cached, the client starts empty); one cold range of 1 MiB; small files by wrk. Olah comes from
tests/bench/requirements-olah.txt into build/venv-olah, made here when it is missing. Each figure
is a median; higher ratios are better for us.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support"), str(ROOT / "tests/e2e")]

from mirror import Mirror  # noqa: E402
from true_hub import TrueHub  # noqa: E402

MIB = 1 << 20
START_SECONDS = 60
SNAPSHOT = """
import sys, time
from huggingface_hub import snapshot_download
began = time.perf_counter()
snapshot_download(sys.argv[1])
print(time.perf_counter() - began)
"""


def olah_venv():
    """build/venv-olah, made as tests/run makes the environments of the clients."""
    script = ('repo=$1; program=olah.py; . "$repo/packaging/lib/say.sh"; '
              '. "$repo/packaging/lib/venvs.sh"; '
              'ensure_venv "$repo/tests/bench/requirements-olah.txt"')
    subprocess.run(["bash", "-c", script, "-", str(ROOT)], check=True)
    return ROOT / "build/venv-olah"


def wait_for_port(port, process):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    raise RuntimeError("olah did not start")


@contextlib.contextmanager
def olah(folder, hub):
    """Olah with an empty cache; yields its address."""
    folder.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = f"127.0.0.1:{port}"
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [str(olah_venv() / "bin/olah-cli"), "--host", "127.0.0.1", "--port", str(port),
             "--hf-scheme", "http", "--hf-netloc", hub.url.removeprefix("http://"),
             "--hf-lfs-netloc", hub.cdn_url.removeprefix("http://"), "--mirror-scheme", "http",
             "--mirror-netloc", here, "--mirror-lfs-netloc", here,
             "--repos-path", str(folder / "repos"), "--log-path", str(folder / "logs")],
            stdout=log, stderr=log, cwd=folder)
    try:
        wait_for_port(port, process)
        yield f"http://{here}"
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def ours(folder, hub):
    with Mirror(folder, hub.url, [hub.cdn_url.removeprefix("http://")]) as node:
        yield node.http


def snapshot_seconds(url, name, home):
    """What the client itself measures, in a home of its own."""
    home.mkdir()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "HF_HOME": str(home / "hf"),
           "HF_ENDPOINT": url, "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run([str(ROOT / "build/venv-hub/bin/python"), "-c", SNAPSHOT, name],
                          env=env, check=True, capture_output=True, text=True, timeout=600)
    shutil.rmtree(home)
    return float(done.stdout.split()[-1])


def range_seconds(url, size):
    first = (size - 56) * MIB
    out = subprocess.run(["curl", "-sS", "-L", "--fail", "-o", "/dev/null", "-w", "%{time_total}",
                          "-r", f"{first}-{first + MIB - 1}", url], check=True,
                         capture_output=True, text=True).stdout
    return float(out)


def requests_per_second(url):
    subprocess.run(["curl", "-sS", "-L", "--fail", "-o", "/dev/null", url], check=True)
    out = subprocess.run(["wrk", "-t1", "-c2", "-d4s", url], check=True, capture_output=True,
                         text=True).stdout
    if failed := re.search(r"Non-2xx.*", out):
        print(f"  {url}: {failed.group(0)}", file=sys.stderr)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def measure(start, folder, hub, runs, size):
    """name of a figure -> median over the runs, each with an empty mirror."""
    model = "sentence-transformers/all-MiniLM-L6-v2"
    found = {}
    for run in range(runs):
        with start(folder / f"{run}", hub) as url:
            def note(what, value):
                found.setdefault(what, []).append(value)

            note("cold snapshot", snapshot_seconds(url, model, folder / "home"))
            note("warm snapshot", snapshot_seconds(url, model, folder / "home"))
            hub.clear()
            note("cold range", range_seconds(f"{url}/bench/range/resolve/main/r.bin", size))
            note("range bytes", hub.content_bytes() / MIB)
            note("requests/s", requests_per_second(f"{url}/{model}/resolve/main/config.json"))
    return {what: statistics.median(values) for what, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs per figure (median)")
    parser.add_argument("--size", type=int, default=256, help="MiB of the file of the cold range")
    parser.add_argument("--json", help="write the figures there as JSON")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hfm-bench-") as temporary, \
            TrueHub(content=ROOT / "build/content") as hub:
        hub.create_repo("bench/range", [{"path": "r.bin", "size": words.size * MIB, "seed": "r",
                                         "lfs": True}])
        sha = hub.refs("models", "bench/range")["main"]
        hub.sha256("models", "bench/range", sha, "r.bin")  # made before anything is timed
        folder = pathlib.Path(temporary)
        mine = measure(ours, folder / "ours", hub, words.runs, words.size)
        theirs = measure(olah, folder / "olah", hub, words.runs, words.size)
    print("| what | hf-mirror | Olah | ratio |\n|---|---|---|---|")
    for what, value in mine.items():
        other = theirs[what]
        better, worse = (value, other) if what == "requests/s" else (other, value)
        ratio = better / worse if worse else float("inf")
        print(f"| {what} | {value:.3f} | {other:.3f} | {ratio:.2f} |")
    if words.json:
        pathlib.Path(words.json).write_text(json.dumps({"ours": mine, "olah": theirs}, indent=1))


if __name__ == "__main__":
    main()
