# SPDX-License-Identifier: Apache-2.0
"""/resolve/, /raw/ and resolve-cache: headers, bytes, errors (hub-api 1 and 3, design 7)."""
import hashlib

import pytest
from conftest import BIG, FILES, SHA
from fake_mount import blob_sha1, pointer, set_attribute, when


def test_a_git_file_is_answered_directly_with_all_headers(httpd):
    answer = httpd.get("/acme/tiny/resolve/main/config.json")
    data = FILES["config.json"]
    assert (answer.status, answer.body) == (200, data)
    assert answer["ETag"] == f'"{blob_sha1(data)}"'
    assert answer["X-Repo-Commit"] == SHA
    assert answer["Content-Length"] == str(len(data))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Disposition"] == (
        "inline; filename*=UTF-8''config.json; filename=\"config.json\";")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["X-Linked-ETag"] is None
    assert "Content-Encoding" not in answer.headers
    assert answer["X-Cache"] == "HIT"


def test_an_lfs_file_carries_its_sha256_and_no_xet(httpd):
    answer = httpd.get("/acme/tiny/resolve/main/model.safetensors")
    sha256 = hashlib.sha256(BIG).hexdigest()
    assert (answer.status, answer.body) == (200, BIG)
    assert answer["ETag"] == answer["X-Linked-ETag"] == f'"{sha256}"'
    assert answer["X-Linked-Size"] == str(len(BIG))
    assert answer["Content-Type"] == "application/octet-stream"
    assert not [name for name in answer.headers if name.lower().startswith("x-xet")]
    assert answer["Link"] is None


@pytest.mark.parametrize("path", sorted(FILES))
def test_head_says_what_get_does(httpd, path):
    from urllib.parse import quote
    target = "/acme/tiny/resolve/main/" + quote(path)
    get, head = httpd.get(target), httpd.head(target)
    assert head.status == get.status == 200
    assert head.body == b"" and get.body == FILES[path]
    changing = {"date", "cache-status", "cache-control"}
    assert {k: v for k, v in head.headers.items() if k.lower() not in changing} == {
        k: v for k, v in get.headers.items() if k.lower() not in changing}


@pytest.mark.parametrize("target", [
    f"/acme/tiny/resolve/{SHA}/config.json",
    "/acme/tiny/resolve/refs%2Fpr%2F1/config.json",
    "/acme/tiny/resolve/HEAD/config.json",
    f"/api/resolve-cache/models/acme/tiny/{SHA}/config.json?x=&etag=%22y%22",
    "/acme/tiny/raw/v1.0/config.json",
])
def test_every_spelling_of_a_revision_finds_the_file(httpd, target):
    answer = httpd.get(target)
    assert (answer.status, answer.body) == (200, FILES["config.json"])
    assert answer["X-Repo-Commit"] == SHA


def test_datasets_and_one_segment_names_have_their_own_addresses(mount, start):
    mount.repo("gpt2").commit_files("1" * 40, {"a": b"m"}).ref("main")
    mount.repo("acme/set", "datasets").commit_files("2" * 40, {"a": b"d"}).ref("main")
    httpd = start()
    assert httpd.get("/gpt2/resolve/main/a").body == b"m"
    assert httpd.get("/datasets/acme/set/resolve/main/a").body == b"d"
    assert httpd.get(f"/api/resolve-cache/models/gpt2/{'1' * 40}/a").body == b"m"


def test_raw_of_an_lfs_file_is_the_pointer(httpd):
    answer = httpd.get("/acme/tiny/raw/main/model.safetensors")
    assert answer.body == pointer(BIG)
    assert answer["ETag"] == f'"{blob_sha1(pointer(BIG))}"'
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Linked-Size"] is None
    part = httpd.get("/acme/tiny/raw/main/model.safetensors", {"Range": "bytes=0-6"})
    assert (part.status, part.body) == (206, b"version")


def test_download_asks_for_an_attachment(httpd):
    answer = httpd.get("/acme/tiny/resolve/main/sub%20dir/z%20%231.txt?download=true")
    assert answer["Content-Disposition"] == (
        "attachment; filename*=UTF-8''z%20%231.txt; filename=\"z #1.txt\";")


def test_commits_are_immutable_and_branches_are_not(httpd):
    pinned = httpd.get(f"/acme/tiny/resolve/{SHA}/config.json")
    assert "immutable" in pinned["Cache-Control"]
    moving = httpd.get("/acme/tiny/resolve/main/config.json")
    assert "immutable" not in moving["Cache-Control"]
    # A minute more than Age, which counts from the time that upstream was asked.
    lifetime = int(moving["Cache-Control"].split("max-age=")[1].split(",")[0])
    assert int(moving["Age"]) >= 60 and 58 <= lifetime - int(moving["Age"]) <= 60
    assert pinned["Age"] == "0"


def errors(answer):
    return answer.status, answer["X-Error-Code"], answer["X-Error-Message"], answer.text


def test_a_missing_entry_can_be_remembered(httpd):
    for path in ("nope.json", "sub%20dir", "config.json/x", "..%2F..%2Fetc", "a//b", ""):
        answer = httpd.get("/acme/tiny/resolve/main/" + path)
        assert errors(answer) == (404, "EntryNotFound", "Entry not found", "Entry not found"), path
        assert answer["X-Repo-Commit"] == SHA
        assert answer["X-Cache"] == "HIT"


@pytest.mark.parametrize("revision", ["nope", "9" * 40, "x" * 250])
def test_a_missing_revision_has_the_hubs_words(httpd, revision):
    answer = httpd.get(f"/acme/tiny/resolve/{revision}/config.json")
    text = f"Invalid rev id: {revision}"
    assert errors(answer) == (404, "RevisionNotFound", text, text)


def test_a_missing_repository_is_401_with_a_code(httpd):
    answer = httpd.get("/acme/nope/resolve/main/config.json")
    text = "Invalid username or password."
    assert errors(answer) == (401, "RepoNotFound", text, text)
    assert answer["WWW-Authenticate"].startswith("Bearer ")
    known = httpd.get("/acme/nope/resolve/main/config.json", {"Authorization": "Bearer hf_x"})
    assert errors(known)[:3] == (404, "RepoNotFound", "Repository not found")


def test_head_of_an_error_has_the_same_headers(httpd):
    get = httpd.get("/acme/tiny/resolve/main/nope")
    head = httpd.head("/acme/tiny/resolve/main/nope")
    assert head.status == 404 and head.body == b""
    assert head["X-Error-Code"] == get["X-Error-Code"]
    assert head["Content-Length"] == get["Content-Length"]


def test_a_token_on_public_content_changes_nothing(httpd):
    answer = httpd.get("/acme/tiny/resolve/main/config.json", {"Authorization": "Bearer hf_x"})
    assert (answer.status, answer.body) == (200, FILES["config.json"])


def test_a_renamed_repository_is_a_relative_redirect(mount, repo, start):
    mount.link("models", "old/name", "../acme/tiny")
    mount.link("models", "acme/TINY", "tiny")
    mount.link("models", "tiny", "../acme/tiny")
    httpd = start()
    for old in ("old/name", "acme/TINY", "tiny"):
        answer = httpd.get(f"/{old}/resolve/main/config.json?x=1")
        assert answer.status == 307
        assert answer["Location"] == "/acme/tiny/resolve/main/config.json?x=1"
        assert answer["ETag"] is None and answer["X-Repo-Commit"] is None


def test_a_gated_repository_is_refused_without_pass_through(mount, start):
    gated = mount.repo("acme/gated")
    gated.state("gated")
    gated.path.chmod(0o700)
    httpd = start()
    # A plain directory cannot refuse root; the API asks for the state itself.
    answer = httpd.get("/api/models/acme/gated")
    assert answer.status == 401 and answer["X-Error-Code"] == "GatedRepo"
    assert "Access to model acme/gated is restricted" in answer["X-Error-Message"]
    answer = httpd.get("/api/models/acme/gated", {"Authorization": "Bearer x"})
    assert answer.status == 403 and answer["X-Error-Code"] == "GatedRepo"


def test_without_the_mount_everything_of_it_is_503(tmp_path, start, mount):
    mount.root.joinpath(".status/epoch").unlink()
    httpd = start()
    for target in ("/acme/tiny/resolve/main/config.json", "/api/models/acme/tiny", "/healthz",
                   "/api/models/acme/tiny/tree/main", "/api/models?limit=1",
                   f"/acme/tiny/resolve/{SHA}/x"):
        answer = httpd.get(target)
        assert answer.status == 503, target
        assert answer["Retry-After"], target
        assert answer["X-Cache"] == "MISS"
    assert httpd.get("/").status == 200
    mount.epoch(1)
    assert httpd.get("/healthz").status == 200


def test_a_file_that_breaks_the_contract_is_a_bad_gateway(repo, httpd):
    import os
    os.removexattr(repo.file("config.json"), "user.hub.etag")
    answer = httpd.get("/acme/tiny/resolve/main/config.json")
    assert answer.status == 502 and answer["Proxy-Status"]


def test_a_withdrawn_repository_says_so_when_the_epoch_moves(mount, repo, httpd):
    assert httpd.get("/acme/tiny/resolve/main/config.json").status == 200
    repo.state("disabled")
    mount.epoch(2)
    answer = httpd.get("/api/models/acme/tiny")
    assert answer.status == 403
    assert answer["X-Error-Message"] == "Access to this resource is disabled."
    set_attribute(repo.path, "state", "public")


def test_a_stale_ref_is_a_hit_with_a_negative_ttl(repo, httpd):
    repo.ref("main", how="stale", expires=when(minutes=1))
    answer = httpd.get("/acme/tiny/resolve/main/config.json")
    assert answer["X-Cache"] == "HIT"
    assert "ttl=-" in answer["Cache-Status"]


def test_nothing_is_absent_in_a_repository_that_is_not_public_any_more(repo, httpd):
    """The kernel may know the commit's directory when its files are withdrawn already."""
    assert httpd.get("/acme/tiny/resolve/main/nope.json")["X-Error-Code"] == "EntryNotFound"
    repo.state("private")
    for revision in ("main", SHA):
        answer = httpd.get(f"/acme/tiny/resolve/{revision}/nope.json")
        assert (answer.status, answer["X-Error-Code"]) == (401, "RepoNotFound")
