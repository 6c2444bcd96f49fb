# SPDX-License-Identifier: Apache-2.0
"""Python huggingface_hub, three generations, against a plain-http mirror."""

import json

import pytest

VERSIONS = ["hub", "hub036", "hub024"]

SNAPSHOT = """
import hashlib, json, os
from huggingface_hub import snapshot_download
folder = snapshot_download(repo_id={repo!r}, {more})
print(json.dumps({{os.path.relpath(os.path.join(d, f), folder):
    hashlib.sha256(open(os.path.join(d, f), "rb").read()).hexdigest()
    for d, _, files in os.walk(folder) for f in files}}))
"""


def expected_files(hub, kind, name, rev):
    return {path: hub.sha256(kind, name, rev, path) for path in hub.paths(kind, name, rev)}


@pytest.mark.parametrize("version", VERSIONS)
def test_snapshot_download_by_endpoint_argument(hub, mirror, client, version):
    """The snippet every mirror's front page shows."""
    code = SNAPSHOT.format(repo="demo/small", more=f"endpoint={mirror.http!r}")
    got = json.loads(client(version).run(code).splitlines()[-1])
    assert got == expected_files(hub, "models", "demo/small", "main")


@pytest.mark.parametrize("version", VERSIONS)
def test_snapshot_download_by_environment_fetches_each_byte_once(hub, mirror, client, repo,
                                                                 version):
    """HF_ENDPOINT, large and small files; a second client costs upstream no content."""
    name, sha = repo([("model.safetensors", 5 << 20), ("b/part.bin", 2_000_001)])
    code = SNAPSHOT.format(repo=name, more="")
    hub.clear()
    for _ in range(2):
        got = json.loads(client(version).run(code, HF_ENDPOINT=mirror.http).splitlines()[-1])
        assert got == expected_files(hub, "models", name, sha)
        assert hub.content_bytes() == (5 << 20) + 2_000_001


def test_a_dataset_and_a_pull_request(hub, mirror, client):
    code = SNAPSHOT.format(repo="demo/tiny", more="repo_type='dataset'")
    got = json.loads(client("hub").run(code, HF_ENDPOINT=mirror.http).splitlines()[-1])
    assert got == expected_files(hub, "datasets", "demo/tiny", "main")
    code = SNAPSHOT.format(repo="demo/small", more="revision='refs/pr/1'")
    got = json.loads(client("hub").run(code, HF_ENDPOINT=mirror.http).splitlines()[-1])
    assert got == expected_files(hub, "models", "demo/small", "refs/pr/1")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("token", [None, "stranger"])
def test_error_classes_on_a_plain_http_mirror(hub, mirror, client, version, token):
    """Missing file, revision, repository and a gated repository are told apart."""
    code = """
import json
from huggingface_hub import hf_hub_download
names = []
for repo, rev, file in [("demo/small", None, "nope.txt"), ("demo/small", "nope", "config.json"),
                        ("demo/nope", None, "config.json"),
                        ("gated-org/gated-model", None, "config.json")]:
    try:
        hf_hub_download(repo, file, revision=rev)
        names.append("no error")
    except Exception as error:
        names.append([kind.__name__ for kind in type(error).__mro__])
print(json.dumps(names))
"""
    out = client(version).run(code, HF_ENDPOINT=mirror.http,
                              HF_TOKEN=token and hub.tokens()[token])
    entry, revision, repository, gated = json.loads(out.splitlines()[-1])
    assert "EntryNotFoundError" in entry
    assert "RevisionNotFoundError" in revision
    assert "RepositoryNotFoundError" in repository
    assert "GatedRepoError" in gated


def test_hf_download_command(hub, mirror, client, tmp_path):
    hf = client("hub")
    hf.execute([str(hf.venv / "bin/hf"), "download", "demo/small", "--local-dir",
                str(tmp_path / "local")], HF_ENDPOINT=mirror.http)
    for path, digest in expected_files(hub, "models", "demo/small", "main").items():
        import hashlib
        assert hashlib.sha256((tmp_path / "local" / path).read_bytes()).hexdigest() == digest


def test_private_and_gated_content_goes_through_with_its_token_and_is_not_kept(hub, mirror,
                                                                               client):
    """The owner reads it through the mirror; the next caller without a token does not."""
    tokens = hub.tokens()
    code = """
import hashlib
from huggingface_hub import hf_hub_download
print(hashlib.sha256(open(hf_hub_download({repo!r}, "config.json"), "rb").read()).hexdigest())
"""
    for repo, owner in (("private-org/private-model", "private_owner"),
                        ("gated-org/gated-model", "gated_owner")):
        out = client("hub").run(code.format(repo=repo), HF_ENDPOINT=mirror.http,
                                HF_TOKEN=tokens[owner])
        assert out.split()[-1] == hub.sha256("models", repo, "main", "config.json")
        refused = client("hub").run(code.format(repo=repo) , check=False,
                                    HF_ENDPOINT=mirror.http)
        assert refused.strip() == ""


def test_listing_models_follows_pages_on_the_mirror(hub, mirror, client):
    code = """
from huggingface_hub import HfApi
ids = [m.id for m in HfApi().list_models(author="demo", limit=50)]
print(" ".join(sorted(ids)))
"""
    hub.clear()
    ids = client("hub").run(code, HF_ENDPOINT=mirror.http).split()
    assert "demo/small" in ids and "demo/big" in ids
