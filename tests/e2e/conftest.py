# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the end-to-end tests: the emulated Hub, a node in front of it, and client runners.

Clients that come from PyPI run in virtual environments of their own (build/venv-<name>, made by
tests/run from requirements-<name>.txt); where one is missing its tests skip and say so.
"""

import hashlib
import itertools
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support")]

from isolated import Isolated  # noqa: E402
from mirror import Mirror  # noqa: E402
from true_hub import TrueHub  # noqa: E402

CLIENT_SECONDS = 300
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def content_dir():
    """Where tests/run left the real content of the registry packages."""
    return pathlib.Path(os.environ.get("HFM_CONTENT_DIR", ROOT / "build/content"))


@pytest.fixture(scope="session")
def hub(content_dir):
    with TrueHub(content=content_dir if content_dir.is_dir() else None) as running:
        yield running


def content_host(hub):
    """The CDN's "host:port", as upstream.content_hosts wants it."""
    return hub.cdn_url.removeprefix("http://")


def make_mirror(hub, folder, **sets):
    sets = {key.replace("__", "."): value for key, value in sets.items()}
    return Mirror(folder, hub.url, [content_host(hub)], sets)


@pytest.fixture(scope="session")
def mirror(hub, tmp_path_factory):
    """One node that ordinary clients share; its cache fills as the tests go on."""
    with make_mirror(hub, tmp_path_factory.mktemp("node")) as node:
        yield node


@pytest.fixture
def fresh(hub, tmp_path):
    """A node of this test's own, for faults, kills and restarts."""
    hub.clear_faults()
    node = make_mirror(hub, tmp_path / "node")
    with node:
        yield node
    hub.clear_faults()


@pytest.fixture
def net(mirror):
    """Where nothing but the shared node is reached; nothing else may have been tried."""
    with Isolated(mirror) as inside:
        yield inside
        assert inside.attempts == []


@pytest.fixture
def cold(fresh):
    """The same before a node that holds nothing yet."""
    with Isolated(fresh) as inside:
        yield inside
        assert inside.attempts == []


@pytest.fixture
def repo(hub):
    """Makes a repository with new content: repo([("name", size), …], **options) -> id, sha."""

    def make(files, lfs=True, **options):
        name = f"gen/r{next(_numbers)}"
        hub.create_repo(name, [{"path": path, "size": size, "seed": str(next(_numbers)),
                                "lfs": lfs} for path, size in files], **options)
        sha = hub.refs("models", name)["main"]
        for path, _ in files:  # known before anything is counted
            hub.sha256("models", name, sha, path)
        hub.clear()
        return name, sha

    return make


class Client:
    """Runs Python snippets in one virtual environment, away from the user's own caches; with
    `net`, inside that namespace."""

    def __init__(self, name, home, net=None):
        self.venv = ROOT / f"build/venv-{name}"
        self.home = pathlib.Path(home)
        self.net = net
        if not (self.venv / "bin/python").exists():
            pytest.skip(f"no virtual environment {self.venv.name} (PyPI not reached?)")

    def environment(self, **more):
        env = {"PATH": f"{self.venv}/bin:/usr/bin:/bin", "HOME": str(self.home),
               "HF_HOME": str(self.home / "hf"), "LANG": "C.UTF-8",
               "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1",
               "TOKENIZERS_PARALLELISM": "false"}
        env.update({key: str(value) for key, value in more.items() if value is not None})
        return env

    def run(self, code, check=True, **env):
        """The snippet's standard output; its errors are shown when it fails."""
        return self.execute([str(self.venv / "bin/python"), "-c", code], check, **env)

    def execute(self, command, check=True, **env):
        env = self.environment(**env)
        if self.net:
            done = self.net.run(command, env=env, cwd=self.home, timeout=CLIENT_SECONDS)
        else:
            done = subprocess.run(command, env=env, cwd=self.home, text=True,
                                  capture_output=True, timeout=CLIENT_SECONDS, check=False)
        if check:
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture
def client(tmp_path):
    """client("hub") -> Client with an empty home; client("hub", net) runs inside."""

    def make(name, inside=None):
        home = tmp_path / f"home-{name}-{next(_numbers)}"
        home.mkdir()
        return Client(name, home, inside)

    return make


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def has_model(content_dir):
    return (content_dir / "minilm").exists() or any(content_dir.glob("**/model.safetensors"))
