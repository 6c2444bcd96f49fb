# SPDX-License-Identifier: Apache-2.0
# Repositories that become gated, private, disabled, or vanish while clients are at work: every
# address tells the same story at once, and listings are masked for those without access.
import base64
import json
import shutil

import pytest

from hub.headers import weak_etag

ID = "gen/mood"
MASK = "*" * 64
FILES = [{"path": "README.md", "text": "# read me\n"}, {"path": "config.json", "text": "{}\n"},
         {"path": "sub/model.bin", "size": 5000, "lfs": True}]
ADDRESSES = [
    "/{p}{id}/resolve/main/config.json", "/{p}{id}/resolve/main/sub/model.bin",
    "/{p}{id}/raw/main/config.json", "/api/resolve-cache/{a}/{id}/{sha}/config.json",
    "/api/{a}/{id}/auth-check", "/api/{a}/{id}/xet-read-token/main",
    "/api/{a}/{id}/lfs-files", "/api/{a}/{id}/compare/main..main"]
METADATA = [
    "/api/{a}/{id}", "/api/{a}/{id}/revision/main", "/api/{a}/{id}/tree/main?recursive=true",
    "/api/{a}/{id}/refs", "/api/{a}/{id}/commits/main", "/api/{a}/{id}/treesize/main", "/{p}{id}"]


class Mood:
    """One repository and everything one can ask of it."""

    def __init__(self, hub, get, kind):
        self.hub, self.get, self.kind = hub, get, kind
        self.sha = hub.create_repo(ID, FILES, kind)["sha"]
        self._names = {"p": "" if kind == "model" else kind + "s/", "a": kind + "s", "id": ID,
                       "sha": self.sha}

    def set(self, **state):
        self.hub.set_state(ID, self.kind, **state)

    def target(self, pattern):
        return pattern.format(**self._names)

    def statuses(self, patterns, token=None):
        return {self.get(self.target(p), token=token).status for p in patterns}

    def api(self, path="", token=None, **options):
        return self.get(self.target("/api/{a}/{id}" + path), token=token, **options)


@pytest.fixture(params=["model", "dataset", "space"])
def mood(request, hub, get):
    made = Mood(hub, get, request.param)
    yield made
    for repo in hub.repos():
        if repo["id"] == ID:
            hub.set_state(ID, request.param, delete=True)


def lfs_of(answer):
    """(LFS SHA-256, Xet hash, git id, size) of the one LFS file of a listing."""
    entry = next(e for e in json.loads(answer.body) if "lfs" in e)
    return entry["lfs"]["oid"], entry["xetHash"], entry["oid"], entry["size"]


def test_a_gate_closes_and_opens_again(mood):
    location = mood.get(mood.target(ADDRESSES[1])).headers["location"]
    mood.set(gated="manual", members=["granted-user"], pending=["pending-user"])
    assert mood.statuses(ADDRESSES) == {401}
    assert mood.statuses(ADDRESSES, "pending") == mood.statuses(ADDRESSES, "stranger") == {403}
    assert mood.statuses(ADDRESSES, "granted") <= {200, 302}
    assert mood.statuses(METADATA) == {200}
    assert mood.get(mood.target("/{p}{id}/resolve/main/README.md")).status == 200
    assert json.loads(mood.api().body)["gated"] == "manual"
    # An address given out before lives until it expires, as on the Hub.
    assert mood.get(location).status == 200
    mood.set(gated="auto")
    assert json.loads(mood.api().body)["gated"] == "auto"
    mood.set(gated=False)
    assert mood.statuses(ADDRESSES) <= {200, 302, 307}
    assert json.loads(mood.api().body)["gated"] is False


def test_listings_are_masked_the_moment_the_gate_closes(mood):
    paths = {"body": "paths=sub/model.bin", "method": "POST"}
    ways = [("/tree/main/sub", {}), ("/tree/main?recursive=true", {}),
            ("/tree/main/sub?expand=true", {}), ("/paths-info/main", paths)]
    true = [mood.api(path, **options) for path, options in ways]
    mood.set(gated="manual", members=["granted-user"], pending=["pending-user"])
    for before, (path, options) in zip(true, ways):
        seen = {t: mood.api(path, token=t, **options)
                for t in (None, "stranger", "pending", "granted")}
        assert lfs_of(seen[None]) == (MASK, MASK, *lfs_of(before)[2:])
        assert seen[None].body == seen["stranger"].body == seen["pending"].body
        assert seen["granted"].body == before.body
        assert seen["granted"].headers["etag"] == before.headers["etag"]
        assert seen[None].headers["etag"] == weak_etag(seen[None].body)
    blobs = json.loads(mood.api("?blobs=true").body)["siblings"][-1]
    assert blobs["lfs"]["sha256"] == MASK and blobs["blobId"] == lfs_of(true[0])[2]
    granted = json.loads(mood.api("?blobs=true", token="granted").body)["siblings"][-1]
    assert granted["lfs"]["sha256"] == lfs_of(true[0])[0]
    mood.set(gated=False)
    assert mood.api("/tree/main/sub").body == true[0].body


def test_access_is_granted_and_taken_away(mood):
    mood.set(gated="manual", pending=["pending-user"])
    target = mood.target(ADDRESSES[0])
    assert "awaiting a review" in mood.get(target, token="pending").text
    mood.set(members=["pending-user"], pending=[])
    assert mood.get(target, token="pending").status == 200
    mood.set(members=[])
    refused = mood.get(target, token="pending")
    assert refused.status == 403 and "authorized list" in refused.text


def test_going_private_hides_everything(mood, hub):
    lists = [mood.target("/api/{a}"), mood.target("/api/{a}?search=mood"),
             mood.target("/api/{a}?author=gen&full=true"), "/api/quicksearch?q=mood"]
    assert all(ID in mood.get(target).text for target in lists)
    mood.set(private=True, members=["granted-user"])
    everything = ADDRESSES + METADATA
    assert mood.statuses(everything) == {401}
    assert mood.statuses(everything, "stranger") == {404}
    assert mood.get(mood.target(METADATA[0])).headers.get("x-error-code") is None
    assert mood.get(mood.target(METADATA[0]), token="stranger").headers["x-error-code"] == \
        "RepoNotFound"
    # Git files of a private repository come at once, without the resolve cache.
    assert mood.statuses(everything, "granted") <= {200, 302}
    assert not any(ID in mood.get(target).text for target in lists)
    assert all(ID in mood.get(target, token="granted").text for target in lists)
    mood.set(private=False)
    assert mood.statuses(everything) <= {200, 302, 307}


def test_a_disabled_repository_refuses_everybody(mood):
    mood.set(members=["granted-user"], disabled=True)
    for token in (None, "stranger", "granted"):
        assert mood.statuses(ADDRESSES + METADATA, token) == {403}
    answer = mood.api()
    assert answer.headers["x-error-message"] == "Access to this resource is disabled."
    assert "x-error-code" not in answer.headers
    mood.set(disabled=False)
    assert mood.api().status == 200


def test_a_deleted_repository_is_gone_and_another_takes_its_name(mood, hub):
    old = json.loads(mood.api().body)
    mood.set(delete=True)
    assert mood.statuses(ADDRESSES + METADATA) == {401}
    assert mood.statuses(ADDRESSES + METADATA, "stranger") == {404}
    assert ID not in mood.get(mood.target("/api/{a}")).text
    hub.create_repo(ID, [{"path": "config.json", "text": "other\n"}], mood.kind, _id="f" * 24)
    new = json.loads(mood.api().body)
    assert new["_id"] == "f" * 24 != old["_id"] and new["sha"] != old["sha"]
    assert mood.get.follow(mood.target(ADDRESSES[0])).text == "other\n"
    assert mood.get(mood.target("/{p}{id}/resolve/{sha}/config.json")).headers["x-error-code"] \
        == "RevisionNotFound"


def test_renaming_leads_old_addresses_to_the_new_name(mood, hub):
    mood.set(rename="gen/new-mood")
    for pattern in [METADATA[0], METADATA[2], ADDRESSES[0], ADDRESSES[2]]:
        answer = mood.get(mood.target(pattern))
        assert answer.status == 307 and "etag" not in answer.headers
        assert answer.headers["location"] == mood.target(pattern).replace(ID, "gen/new-mood")
    assert json.loads(mood.get.follow(mood.target(METADATA[0])).body)["id"] == "gen/new-mood"
    hub.set_state("gen/new-mood", mood.kind, private=True)
    assert mood.statuses(METADATA) == {401}         # not even the redirect tells
    hub.set_state("gen/new-mood", mood.kind, delete=True)
    assert mood.statuses(METADATA, "stranger") == {404}


def test_a_branch_vanishes_and_comes_back(mood, hub):
    hub.move_ref(ID, "side", mood.sha, kind=mood.kind)
    assert mood.api("/revision/side").status == 200
    hub.move_ref(ID, "side", delete=True, kind=mood.kind)
    assert mood.api("/revision/side").headers["x-error-code"] == "RevisionNotFound"
    assert mood.api("/revision/" + mood.sha).status == 200


def test_a_token_as_password_is_a_token(mood):
    """Git and Ollama use Basic; the log still shows no more than a name."""
    mood.set(private=True, members=["granted-user"])
    value = mood.get.tokens["granted"]
    for pair in (f"me:{value}", f"{value}:", f":{value}"):
        basic = "Basic " + base64.b64encode(pair.encode()).decode()
        assert mood.get(mood.target(METADATA[0]), headers={"Authorization": basic}).status == 200
    for wrong in ("Basic ====", "Basic " + base64.b64encode(b"me:no").decode(), "Basic \xff"):
        assert mood.get(mood.target(METADATA[0]), headers={
            "Authorization": wrong}).status == 401
    assert value not in json.dumps(mood.hub.requests())


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_and_lfs_follow_the_state(mood):
    refs = mood.target("/{p}{id}.git/info/refs?service=git-upload-pack")
    batch = mood.target("/{p}{id}.git/info/lfs/objects/batch")
    body = json.dumps({"operation": "download", "objects": []})
    for state, wanted, member in (({"gated": "auto"}, 401, 200), ({"private": True}, 401, 200),
                                  ({"disabled": True}, 403, 403), ({"delete": True}, 401, 404)):
        assert mood.get(refs).status == mood.get(batch, "POST", body=body).status == 200
        mood.set(members=["granted-user"], **state)
        assert mood.get(refs).status == mood.get(batch, "POST", body=body).status == wanted
        assert mood.get(refs, token="granted").status == member
        if "delete" not in state:
            mood.set(**{name: False for name in state})
