# SPDX-License-Identifier: Apache-2.0
"""Python huggingface_hub, four generations: what is downloaded, and what it costs upstream.

Every client has an empty cache and runs where nothing but the mirror is reached. Xet is installed
with three of them and must stay unused.
"""

import json

import pytest

from clients_doc import environment, snippet
from isolated import Isolated

VERSIONS = ["hub", "hub1", "hub036", "hub024"]
MINILM = "sentence-transformers/all-MiniLM-L6-v2"

HASHES = """
import hashlib, json, os
print(json.dumps({os.path.relpath(os.path.join(d, f), folder):
    hashlib.sha256(open(os.path.join(d, f), "rb").read()).hexdigest()
    for d, _, files in os.walk(folder) for f in files}))
"""

SNAPSHOT = """
from huggingface_hub import snapshot_download
folder = snapshot_download(repo_id={repo!r}, {more})
""" + HASHES.replace("{", "{{").replace("}", "}}")


def expected_files(hub, kind, name, rev):
    return {path: hub.sha256(kind, name, rev, path) for path in hub.paths(kind, name, rev)}


def snapshot(client, version, net, code):
    out = client(version, net).run(code + HASHES, **environment("env", net.url))
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_snapshot_fetches_each_byte_once(hub, net, client, repo, version):
    """By HF_ENDPOINT, large and small files; cold, upstream sees one answer about the revision, one
    page of the tree and each file; a second client costs it nothing at all."""
    sizes = {"model.safetensors": 5 << 20, "b/part.bin": 2_000_001}
    name, sha = repo(sizes.items())
    code = snippet("hub-snapshot").replace(MINILM, name)
    truth = expected_files(hub, "models", name, sha)
    hub.clear()
    assert snapshot(client, version, net, code) == truth
    cold = hub.requests()
    assert hub.content_bytes() == sum(sizes.values())
    # Once per namespace the mirror asks whether "gen" itself is a repository (mount_contract.md).
    api = {row["target"] for row in cold} - {"/api/models/gen/revision/main"}
    assert {target for target in api if target.startswith("/api/models/")} == {
        f"/api/models/{name}/revision/main",
        f"/api/models/{name}/tree/{sha}?recursive=true&expand=false"}
    assert snapshot(client, version, net, code) == truth
    assert hub.requests() == cold


@pytest.mark.parametrize("version", VERSIONS)
def test_a_snapshot_by_the_endpoint_argument(hub, mirror, client, version):
    """The snippet every mirror's front page shows. As the page says, the newer ones ask the Hub for
    its list of agent harnesses then, unless telemetry is off, and go on without it."""
    code = snippet("hub-endpoint", mirror.http).replace(MINILM, "demo/small")
    truth = expected_files(hub, "models", "demo/small", "main")
    for more, tried in (({}, ["dns huggingface.co"] if version in ("hub", "hub1") else []),
                        (environment("telemetry"), [])):
        with Isolated(mirror) as net:
            got = json.loads(client(version, net).run(code + HASHES, **more).splitlines()[-1])
            assert got == truth
            assert net.attempts == tried


def test_a_dataset_a_pull_request_a_tag_and_a_hash(hub, mirror, net, client):
    code = SNAPSHOT.format(repo="demo/tiny", more="repo_type='dataset'")
    got = json.loads(client("hub", net).run(code, HF_ENDPOINT=mirror.http).splitlines()[-1])
    assert got == expected_files(hub, "datasets", "demo/tiny", "main")
    for rev in ("refs/pr/1", "v1.0", hub.refs("models", "demo/small")["dev"]):
        code = SNAPSHOT.format(repo="demo/small", more=f"revision={rev!r}")
        got = json.loads(client("hub", net).run(code, HF_ENDPOINT=mirror.http).splitlines()[-1])
        assert got == expected_files(hub, "models", "demo/small", rev)


def test_private_and_gated_content_goes_through_with_its_token_and_is_not_kept(hub, mirror, net,
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
        out = client("hub", net).run(code.format(repo=repo), HF_ENDPOINT=mirror.http,
                                     HF_TOKEN=tokens[owner])
        assert out.split()[-1] == hub.sha256("models", repo, "main", "config.json")
        refused = client("hub", net).run(code.format(repo=repo), check=False,
                                         HF_ENDPOINT=mirror.http)
        assert refused.strip() == ""


def test_a_broken_download_goes_on_where_it_stopped(hub, mirror, net, client, repo):
    """The client's file cut in the middle: the rest comes by a range, the whole is right."""
    name, sha = repo([("model.safetensors", 3_000_000)])
    code = f"""
import glob, hashlib, os
from huggingface_hub import hf_hub_download
path = os.path.realpath(hf_hub_download({name!r}, "model.safetensors"))
os.rename(path, path + ".whole")
for link in glob.glob(os.environ["HF_HOME"] + "/hub/models--*/snapshots/*/*"):
    os.unlink(link)
with open(path + ".whole", "rb") as whole, open(path + ".incomplete", "wb") as part:
    part.write(whole.read(1_234_567))
print(hashlib.sha256(open(hf_hub_download({name!r}, "model.safetensors"), "rb").read()).hexdigest())
"""
    out = client("hub", net).run(code, HF_ENDPOINT=mirror.http)
    assert out.split()[-1] == hub.sha256("models", name, sha, "model.safetensors")


def test_hf_transfer_reads_parallel_ranges(hub, fresh, cold, client):
    """Of the old versions. Its last range ends one behind the last byte, which is no mistake."""
    name, size = "blob-64m.bin", 64 << 20
    truth = hub.sha256("models", "demo/big", "main", name)
    code = f"""
import hashlib
from huggingface_hub import hf_hub_download
print(hashlib.sha256(open(hf_hub_download("demo/big", "{name}"), "rb").read()).hexdigest())
"""
    for fetched in (size, 0):
        hub.clear()
        out = client("hub036", cold).run(code, HF_ENDPOINT=fresh.http, HF_HUB_ENABLE_HF_TRANSFER=1)
        assert out.split()[-1] == truth
        assert fetched <= hub.content_bytes() <= 2 * fetched
    log = "".join(path.read_text() for path in (fresh.folder / "log").glob("access-*.log"))
    statuses = [line.split()[4] for line in log.splitlines()
                if f"GET /demo/big/resolve/main/{name} " in line]
    assert statuses.count("206") >= 2 * size // (10 << 20) and set(statuses) == {"200", "206"}
