# SPDX-License-Identifier: Apache-2.0
"""Python huggingface_hub while the Hub behind the mirror stumbles: right files or clear errors."""

import pytest

from clients_doc import snippet

MINILM = "sentence-transformers/all-MiniLM-L6-v2"

CODE = """
import hashlib
from huggingface_hub import snapshot_download
path = snapshot_download("{name}") + "/f.bin"
print(hashlib.sha256(open(path, "rb").read()).hexdigest())
"""

ONCE = [("hub", "status", {"status": 503}), ("hub", "reset", {}),
        ("cdn", "status", {"status": 503}), ("cdn", "cut", {"after_bytes": 700_000}),
        ("cdn", "reset", {"after_bytes": 1_500_000})]


@pytest.mark.parametrize("version", ["hub", "hub024"])
def test_what_passes_is_not_noticed(hub, fresh, cold, client, repo, version):
    """An error, a reset, a body that breaks off, once each: the client's files are right."""
    reader = client(version, cold)
    for listener, kind, more in ONCE:
        name, sha = repo([("f.bin", 3 << 20)])
        fault = hub.fault(kind, listener=listener, times=1, **more)
        out = reader.run(CODE.format(name=name), HF_ENDPOINT=fresh.http)
        assert out.split() == [hub.sha256("models", name, sha, "f.bin")]
        assert hub.wait_struck(fault)["struck"] == 1


def test_wrong_bytes_of_the_cdn_end_in_an_error_or_in_the_right_file(
        hub, fresh, cold, client, repo):
    """A large file is passed on while it comes; that it was wrong is known at its end. The mirror
    breaks off, keeps nothing of it, and gives the whole file to a client that resumes."""
    name, sha = repo([("f.bin", 36 << 20)])
    truth = hub.sha256("models", name, sha, "f.bin")
    fault = hub.fault("wrong_bytes", listener="cdn", times=1, after_bytes=100_000)
    script = "set -e\n" + snippet("hf", fresh.http).replace(MINILM, name)
    hf = client("hub", cold)
    first = cold.run(["bash", "-c", script], env=hf.environment(), cwd=hf.home)
    assert hub.wait_struck(fault)["struck"] == 1
    right = client("hub", cold).run(CODE.format(name=name), HF_ENDPOINT=fresh.http).split()
    assert right == [truth]
    own = hf.run(CODE.format(name=name), HF_ENDPOINT=fresh.http).split()
    assert own == [truth] or first.returncode != 0 and "f.bin" in first.stdout + first.stderr


@pytest.mark.parametrize("version", ["hub", "hub1", "hub036", "hub024"])
def test_a_client_that_tries_again_after_wrong_bytes_of_the_cdn_has_the_right_file(
        hub, fresh, client, repo, version):
    name, sha = repo([("f.bin", 36 << 20)])
    truth = hub.sha256("models", name, sha, "f.bin")
    hub.fault("wrong_bytes", listener="cdn", times=1, after_bytes=100_000)
    reader = client(version)
    if version == "hub024":  # it appends the whole file, sees that the size is wrong, and says so
        said = [reader.run(CODE.format(name=name), check=False, HF_ENDPOINT=fresh.http).split()
                for _ in range(2)]
        assert said == [[], []]
        forced = CODE.replace('("{name}")', '("{name}", force_download=True)')
        said = reader.run(forced.format(name=name), HF_ENDPOINT=fresh.http).split()
        assert said == [truth]
        return
    for _ in range(4):
        said = reader.run(CODE.format(name=name), check=False, HF_ENDPOINT=fresh.http).split()
        if said:
            break
    assert said == [truth]
