# SPDX-License-Identifier: Apache-2.0
"""Python huggingface_hub raises through the mirror what it raises at the Hub, on plain http."""

import json

import pytest

VERSIONS = ["hub", "hub1", "hub036", "hub024"]

CODE = """
import json
from huggingface_hub import HfApi, HfFileSystem, hf_hub_download, snapshot_download
def kinds(call):
    try:
        call()
    except Exception as error:
        return [kind.__name__ for kind in type(error).__mro__]
    return ["no error"]
api = HfApi()
print(json.dumps({
    "file": kinds(lambda: hf_hub_download("demo/small", "nope.txt")),
    "folder": kinds(lambda: list(api.list_repo_tree("demo/small", "nope"))),
    "revision": kinds(lambda: hf_hub_download("demo/small", "config.json", revision="nope")),
    "revision of a listing": kinds(lambda: list(api.list_repo_tree("demo/small", revision="nope"))),
    "revision's info": kinds(lambda: api.model_info("demo/small", revision="nope")),
    "repository": kinds(lambda: hf_hub_download("demo/nope", "config.json")),
    "repository's info": kinds(lambda: api.dataset_info("demo/nope")),
    "repository's tree": kinds(lambda: list(api.list_repo_tree("demo/nope"))),
    "private": kinds(lambda: api.model_info("private-org/private-model")),
    "gated": kinds(lambda: hf_hub_download("gated-org/gated-model", "config.json")),
    "gated snapshot": kinds(lambda: snapshot_download("gated-org/gated-model")),
    "not here and offline": kinds(
        lambda: hf_hub_download("demo/small", "config.json", local_files_only=True)),
    "filesystem": kinds(lambda: HfFileSystem().ls("demo/nope")),
    "no tensors": kinds(lambda: api.get_safetensors_metadata("demo/wide")),
}))
"""

EXPECTED = {
    "file": "EntryNotFoundError", "folder": "EntryNotFoundError",
    "revision": "RevisionNotFoundError", "revision of a listing": "RevisionNotFoundError",
    "revision's info": "RevisionNotFoundError", "repository": "RepositoryNotFoundError",
    "repository's info": "RepositoryNotFoundError", "repository's tree": "RepositoryNotFoundError",
    "private": "RepositoryNotFoundError", "gated": "GatedRepoError",
    "gated snapshot": "GatedRepoError", "not here and offline": "LocalEntryNotFoundError",
    "filesystem": "FileNotFoundError", "no tensors": "NotASafetensorsRepoError",
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("token", [None, "stranger"])
def test_every_refusal_has_its_class(hub, mirror, net, client, version, token):
    out = client(version, net).run(CODE, HF_ENDPOINT=mirror.http,
                                   HF_TOKEN=token and hub.tokens()[token])
    raised = json.loads(out.splitlines()[-1])
    assert {what: want for what, want in EXPECTED.items() if want not in raised[what]} == {}, raised


@pytest.mark.parametrize("version", VERSIONS)
def test_a_disabled_repository_is_told(mirror, net, client, version):
    """0.24 has no class for it; a download wraps it, here as at the Hub."""
    out = client(version, net).run("""
from huggingface_hub import HfApi
try:
    HfApi().model_info("demo/disabled")
except Exception as error:
    print(" ".join(kind.__name__ for kind in type(error).__mro__))
    print(error)
""", HF_ENDPOINT=mirror.http)
    assert ("HfHubHTTPError" if version == "hub024" else "DisabledRepoError") in out.split()
    assert "Access to this resource is disabled." in out


@pytest.mark.parametrize("version", ["hub", "hub024"])
def test_what_upstream_cannot_say_is_no_missing_repository(hub, fresh, cold, client, version):
    """5xx of upstream is an error of the server, never absence."""
    hub.fault("status", "/api/models/demo/small", status=503)
    out = client(version, cold).run("""
from huggingface_hub import HfApi
try:
    HfApi().model_info("demo/small")
except Exception as error:
    print(error.response.status_code, *(kind.__name__ for kind in type(error).__mro__))
""", HF_ENDPOINT=fresh.http)
    status, *kinds = out.split()
    assert status in ("502", "503")
    assert "HfHubHTTPError" in kinds and "RepositoryNotFoundError" not in kinds
