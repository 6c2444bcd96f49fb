# SPDX-License-Identifier: Apache-2.0
"""The `hf` command: download and cache verify, as docs/clients.md writes them."""

import pytest

from clients_doc import snippet
from conftest import sha256_of

MINILM = "sentence-transformers/all-MiniLM-L6-v2"


@pytest.mark.parametrize("version", ["hub", "hub1"])
def test_hf_downloads_and_verifies(hub, net, client, repo, version):
    """The page's lines, with a repository of ours; a second user costs upstream nothing, and
    content that was spoilt is told."""
    name, sha = repo([("model.safetensors", 1_500_000), ("b/part.bin", 70_000)])
    truth = {path: hub.sha256("models", name, sha, path) for path in hub.paths("models", name, sha)}
    script = "set -e\n" + snippet("hf", net.url).replace(MINILM, name)
    for fetched in (1_570_000, 0):
        hub.clear()
        hf = client(version, net)
        out = hf.execute(["bash", "-c", script])
        snapshot = hf.home / f"hf/hub/models--{name.replace('/', '--')}/snapshots/{sha}"
        assert str(snapshot) in out
        assert {path: sha256_of(snapshot / path) for path in truth} == truth
        assert hub.content_bytes() == fetched
    assert hub.requests() == []
    with open((snapshot / "b/part.bin").resolve(), "r+b") as file:
        file.seek(100)
        file.write(b"spoilt")
    done = net.run([hf.venv / "bin/hf", "cache", "verify", name], cwd=hf.home,
                   env=hf.environment(HF_ENDPOINT=net.url))
    assert done.returncode != 0 and "b/part.bin" in done.stdout + done.stderr


@pytest.mark.parametrize("version, command", [("hub", "hf"), ("hub1", "hf"), ("hub036", "hf"),
                                              ("hub024", "huggingface-cli")])
def test_the_command_downloads_into_a_folder(hub, mirror, net, client, tmp_path, version, command):
    hf = client(version, net)
    hf.execute([command, "download", "demo/small", "--local-dir", str(tmp_path / "local")],
               HF_ENDPOINT=mirror.http)
    paths = hub.paths("models", "demo/small", "main")
    assert {path: sha256_of(tmp_path / "local" / path) for path in paths} == {
        path: hub.sha256("models", "demo/small", "main", path) for path in paths}


@pytest.mark.parametrize("version, command", [("hub", "hf"), ("hub024", "huggingface-cli")])
def test_the_command_says_who_a_token_is(hub, mirror, net, client, version, command):
    words = {"hf": ["auth", "whoami"], "huggingface-cli": ["whoami"]}[command]
    out = client(version, net).execute([command, *words], HF_ENDPOINT=mirror.http,
                                       HF_TOKEN=hub.tokens()["stranger"])
    assert "stranger" in out
