# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the HTTP tests: hub-httpd over a plain directory with extended attributes. No mount,
no network; tests that need a whole node start one of their own (tests/support/mirror.py).
HFM_BIN_DIR names the folder of the programs (build/dev/bin without it)."""
import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parents[2])]

from fake_mount import FakeMount  # noqa: E402
from program import Httpd  # noqa: E402

SHA = "5bb9fc53add422c252f7351a8e28c438cb98ea21"
BIG = bytes(i * 7 % 251 for i in range(300_000))
FILES = {
    "README.md": b"# tiny\n",
    "config.json": b'{"model_type": "tiny"}\n',
    "empty.txt": b"",
    "model.safetensors": BIG,
    "sub dir/z #1.txt": b"spaces\n",
    "sub dir/deep/n\xc3\xa4me.txt".encode("latin-1").decode(): b"umlaut\n",
}


@pytest.fixture
def mount(tmp_path):
    return FakeMount(tmp_path / "mnt")


@pytest.fixture
def repo(mount):
    made = mount.repo("acme/tiny").commit_files(SHA, FILES, lfs={"model.safetensors"})
    return made.ref("main").ref("refs/pr/1").ref("v1.0")


@pytest.fixture
def start(mount, tmp_path):
    """start(**sets) -> a running hub-httpd; double underscores in names are dots."""
    running = []

    def begin(**sets):
        sets = {name.replace("__", "."): value for name, value in sets.items()}
        httpd = Httpd(mount.root, tmp_path / f"log{len(running)}", sets).start()
        running.append(httpd)
        return httpd

    yield begin
    for httpd in running:
        httpd.stop()


@pytest.fixture
def httpd(start, repo):
    return start()
