# SPDX-License-Identifier: Apache-2.0
"""Rust hf-hub 0.5 (what candle and others use), the program of tests/e2e/rust."""

import pathlib

import pytest

from clients_doc import snippet
from conftest import sha256_of
from foreign import ROOT, Home, cold_and_warm
from isolated import Isolated

PROGRAM = ROOT / "build/rust/hf-hub-client"


@pytest.fixture
def hf_hub():
    if not PROGRAM.exists():
        pytest.skip("no build/rust/hf-hub-client (no cargo, or crates not reached?)")

    def run(home, url, *words, check=True):
        return home.run([PROGRAM, *words], check=check, HF_ENDPOINT=url, HF_HOME=home.folder / "hf")

    return run


def test_files_come_with_the_right_bytes_into_the_clients_cache(hub, mirror, repo, tmp_path,
                                                                hf_hub):
    name, sha = repo([("model.safetensors", 5 << 20), ("sub/config.json", 700)])
    paths = ["model.safetensors", "sub/config.json"]

    def work(home):
        commit, *files = hf_hub(home, mirror.http, name, *paths).splitlines()
        assert [pathlib.Path(file).parts[-len(pathlib.Path(path).parts) - 1]
                for file, path in zip(files, paths)] == [sha, sha]
        return commit, [sha256_of(file) for file in files]

    commit, digests = cold_and_warm(hub, mirror, tmp_path, work, (5 << 20) + 700)
    assert commit == sha
    assert digests == [hub.sha256("models", name, sha, path) for path in paths]


def test_a_dataset_and_what_is_missing(hub, mirror, tmp_path, hf_hub):
    with Isolated(mirror) as net:
        home = Home(net, tmp_path / "home")
        commit, readme = hf_hub(home, mirror.http, "datasets/demo/tiny", "README.md").splitlines()
        assert commit == hub.refs("datasets", "demo/tiny")["main"]
        assert sha256_of(readme) == hub.sha256("datasets", "demo/tiny", "main", "README.md")
        with pytest.raises(AssertionError, match=r"StatusCode\(404\)"):
            hf_hub(home, mirror.http, "demo/small", "absent.txt")
        with pytest.raises(AssertionError, match=r"StatusCode\(401\)"):
            hf_hub(home, mirror.http, "demo/nope", "config.json")
        assert not net.attempts, f"asked past the mirror: {net.attempts}"


def test_the_lines_of_the_page_which_are_the_programs_own(hub, mirror, tmp_path, hf_hub):
    source = (ROOT / "tests/e2e/rust/src/main.rs").read_text()
    for line in snippet("rust").splitlines():
        assert line in source
    with Isolated(mirror) as net:
        out = hf_hub(Home(net, tmp_path / "home"), mirror.http)
        assert not net.attempts, f"asked past the mirror: {net.attempts}"
        assert sha256_of(out.splitlines()[-1]) == hub.sha256("models", "demo/small", "main",
                                                             "config.json")
