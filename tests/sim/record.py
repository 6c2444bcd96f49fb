#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records an access log: a real node over the emulated Hub, asked by the real huggingface_hub.

The requests and the log are true; which repositories are asked for, and how often, is drawn here.
Needs the programs (HFM_BIN_DIR) and build/venv-hub; recordings/README.md says what was committed.
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support"), str(ROOT / "tests/e2e")]

from mirror import Mirror  # noqa: E402
from true_hub import TrueHub  # noqa: E402

# Each session is a client with an empty cache, as a new machine or container is.
CLIENT = """
import shutil, sys, tempfile
from huggingface_hub import hf_hub_download, snapshot_download
for line in sys.stdin:
    kind, repo = line.split()
    with tempfile.TemporaryDirectory() as cache:
        if kind == "snapshot":
            snapshot_download(repo, cache_dir=cache)
        else:
            for name in ("config.json", "tokenizer.json"):
                hf_hub_download(repo, name, cache_dir=cache)
"""
TINY = ["config.json", "tokenizer.json", "README.md"]


def make_repos(hub, rng, count):
    """Some small files and weights of 100 KB to 16 MB each."""
    for number in range(count):
        files = [{"path": path, "size": rng.randint(500, 60_000), "lfs": False,
                  "seed": f"{number}/{path}"} for path in TINY]
        for shard in range(rng.choice([0, 1, 1, 2, 4])):
            path = f"model-{shard + 1:05}.safetensors"
            files.append({"path": path, "size": int(10 ** rng.uniform(5, 7.2)), "lfs": True,
                          "seed": f"{number}/{path}"})
        hub.create_repo(f"rec/r{number}", files)


def sessions(rng, repos, count):
    """Zipf visitors, a crawl through everything in the second third, a CI burst in the last."""
    weights = [1 / (rank + 1) for rank in range(repos)]
    walk = iter(range(repos))
    for at in range(count):
        kind = "snapshot" if rng.random() < 0.7 else "config"
        repo = rng.choices(range(repos), weights)[0]
        if count // 3 <= at < 2 * count // 3 and at % 2:
            kind, repo = "snapshot", next(walk, repo)
        elif at >= 2 * count // 3 and at % 3 == 0:
            kind, repo = "snapshot", repos // 2
        yield kind, f"rec/r{repo}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=150)
    parser.add_argument("--repos", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--python", default=str(ROOT / "build/venv-hub/bin/python"),
                        help="one that has huggingface_hub")
    parser.add_argument("--into", default=".", help="folder for the log")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder, TrueHub() as hub:
        make_repos(hub, rng, options.repos)
        node = Mirror(folder + "/node", hub.url, [hub.cdn_url.removeprefix("http://")],
                      rsync=False)
        lines = "".join(f"{kind} {repo}\n"
                        for kind, repo in sessions(rng, options.repos, options.sessions))
        with node:
            env = {"PATH": os.environ["PATH"], "HOME": folder, "HF_HOME": folder + "/hf",
                   "HF_ENDPOINT": node.http, "HF_HUB_DISABLE_PROGRESS_BARS": "1",
                   "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
            subprocess.run([options.python, "-c", CLIENT], input=lines, text=True, env=env,
                           check=True, stdout=subprocess.DEVNULL)
        for log in pathlib.Path(folder, "node/log").glob("access-*.log"):
            print(shutil.copy(log, options.into))


if __name__ == "__main__":
    main()
