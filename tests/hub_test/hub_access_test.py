# SPDX-License-Identifier: Apache-2.0
# Gated, private, disabled and missing repositories: who gets what, in which order of checks.
import json

import pytest

GATED = "gated-org/gated-model"
PRIVATE = "private-org/private-model"
MASK = "*" * 64


def code(answer):
    return answer.status, answer.headers.get("x-error-code")


@pytest.mark.parametrize("target", [
    f"/{GATED}/resolve/main/config.json", f"/{GATED}/resolve/main/absent",
    f"/{GATED}/resolve/absent/config.json", f"/{GATED}/resolve/main/sub/README.md",
    f"/{GATED}/resolve/main/readme.md", f"/{GATED}/raw/main/README.md",
    f"/api/models/{GATED}/auth-check"])
def test_the_gate_comes_before_revision_and_file(target, get):
    for token, wanted in ((None, 401), ("stranger", 403), ("pending", 403)):
        assert code(get(target, token=token)) == (wanted, "GatedRepo")
        assert code(get(target, "HEAD", token=token)) == (wanted, "GatedRepo")


def test_the_texts_differ_for_waiting_and_other_users(get):
    target = f"/{GATED}/resolve/main/config.json"
    assert "is awaiting a review" in get(target, token="pending").text
    assert "not in the authorized list" in get(target, token="stranger").text
    anonymous = get(target)
    assert anonymous.text == anonymous.headers["x-error-message"]
    assert anonymous.headers["www-authenticate"].startswith("Bearer realm=")
    data = get("/datasets/gated-org/gated-data/resolve/main/config.json")
    assert data.text.startswith("Access to dataset gated-org/gated-data is restricted.")


def test_root_readme_and_licence_are_open(get):
    assert get(f"/{GATED}/resolve/main/README.md").status == 200
    assert get(f"/{GATED}/resolve/main/LICENSE").text == "MIT\n"
    assert code(get(f"/{GATED}/resolve/main/LICENSE.txt")) == (404, "EntryNotFound")


@pytest.mark.parametrize("token", ["gated_owner", "granted"])
def test_those_with_access_get_files_at_once(token, get):
    answer = get(f"/{GATED}/resolve/main/config.json", token=token)
    assert (answer.status, answer.text) == (200, '{"model_type": "secret"}\n')
    assert get(f"/{GATED}/resolve/main/model.safetensors", token=token).status == 302
    assert code(get(f"/{GATED}/resolve/main/absent", token=token)) == (404, "EntryNotFound")
    assert get(f"/api/models/{GATED}/auth-check", token=token).text == "OK"


def test_hashes_are_masked_for_those_without_access(get):
    target = f"/api/models/{GATED}/tree/main"
    listings = {token: get(target, token=token) for token in (None, "stranger", "granted")}
    masked = {e["path"]: e for e in json.loads(listings[None].body)}["model.safetensors"]
    true = {e["path"]: e for e in json.loads(listings["granted"].body)}["model.safetensors"]
    assert masked["lfs"]["oid"] == masked["xetHash"] == MASK
    assert true["lfs"]["oid"] != MASK and true["xetHash"] != MASK
    assert (masked["oid"], masked["size"]) == (true["oid"], true["size"])
    assert listings[None].body == listings["stranger"].body
    assert listings[None].headers["etag"] != listings["granted"].headers["etag"]
    assert get(f"/api/models/{GATED}").status == 200


@pytest.mark.parametrize("target", [
    f"/{PRIVATE}/resolve/main/config.json", f"/api/models/{PRIVATE}",
    f"/api/models/{PRIVATE}/tree/main", "/no-such/repository/resolve/main/config.json",
    "/api/models/no-such/repository", "/api/models/Private-Org/Private-Model"])
def test_private_and_missing_look_the_same(target, get):
    anonymous = get(target)
    assert code(anonymous) == (401, None)
    assert anonymous.headers["x-error-message"] == "Invalid username or password."
    assert code(get(target, token="stranger")) == (404, "RepoNotFound")
    wrong = get(target, token="invalid")
    assert code(wrong) == (401, None)
    assert wrong.headers["x-error-message"] == "Invalid credentials in Authorization header"


def test_the_owner_sees_the_private_repository(get):
    answer = get(f"/{PRIVATE}/resolve/main/config.json", token="private_owner")
    assert answer.status == 200
    listed = get("/api/models?author=private-org", token="private_owner")
    assert [m["id"] for m in json.loads(listed.body)] == [PRIVATE]


def test_an_invalid_token_is_refused_on_public_repositories_too(get):
    assert get("/demo/small/resolve/main/config.json", token="invalid").status == 401
    assert get("/api/models/demo/small", token="hf_nobodyknowsme").status == 401


def test_a_disabled_repository(get):
    for target in ("/demo/disabled/resolve/main/config.json", "/api/models/demo/disabled"):
        answer = get(target)
        assert code(answer) == (403, None)
        assert answer.headers["x-error-message"] == "Access to this resource is disabled."


def test_the_owner_reads_the_access_requests(get):
    target = f"/api/models/{GATED}/user-access-request/pending"
    assert get(target).status == 401 and get(target, token="stranger").status == 403
    assert json.loads(get(target, token="gated_owner").body) == [{"username": "pending-user"}]
