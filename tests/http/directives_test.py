# SPDX-License-Identifier: Apache-2.0
"""What a request may ask of a cache, and what an answer says about itself: Age, only-if-cached,
Repr-Digest, OPTIONS, Expect, Cache-Status, Proxy-Status (RFC 9110, 9111, 9209, 9211, 9530)."""
import base64
import hashlib
import json

import pytest
from conftest import BIG, SHA
from fake_mount import in_, when
from program import read_response

CONFIG = "/acme/tiny/resolve/main/config.json"
PINNED = f"/acme/tiny/resolve/{SHA}/config.json"
MODEL = "/acme/tiny/resolve/main/model.safetensors"
ONLY = {"Cache-Control": "only-if-cached"}


def test_age_counts_from_the_last_word_of_upstream(mount, repo, httpd):
    repo.ref("main", checked=when(seconds=100))
    assert 100 <= int(httpd.get(CONFIG)["Age"]) <= 120
    assert httpd.get(PINNED)["Age"] == "0"               # what a commit is, it is at any time
    mount.document("/api/models/acme/tiny", "{}", checked=when(seconds=30))
    assert 30 <= int(httpd.get("/api/models/acme/tiny")["Age"]) <= 50
    repo.ref("main", checked=in_(seconds=50))            # fetched for this request
    assert httpd.get(CONFIG)["Age"] is None


def test_a_shared_cache_may_keep_an_answer_a_minute_at_most(repo, httpd):
    repo.ref("main", checked=when(seconds=10), expires=in_(seconds=20))
    answer = httpd.get(CONFIG)
    lifetime = int(answer["Cache-Control"].split("max-age=")[1].split(",")[0])
    assert 18 <= lifetime - int(answer["Age"]) <= 20
    assert "must-revalidate" in answer["Cache-Control"] and "Vary" not in answer.headers


def test_a_name_that_leads_to_another_is_a_hit_when_it_was_met_lately(mount, repo, httpd):
    mount.link("models", "old/name", "../acme/tiny")
    words = [httpd.get("/old/name/resolve/main/config.json")["X-Cache"] for _ in range(2)]
    assert words == ["MISS", "HIT"]


def test_no_cache_reads_the_renewed_reference_where_there_is_one(repo, httpd):
    from fake_mount import set_attribute
    nocache = {"Cache-Control": "no-cache"}
    assert httpd.get(CONFIG, nocache).status == 200            # a mount that cannot renew
    set_attribute(repo.path, "renewed.main", f"commit={SHA} checked={in_(seconds=50)} "
                                             f"how=revalidated expires={in_(minutes=5)}")
    answer = httpd.get(CONFIG, nocache)
    assert (answer["X-Cache"], answer["Age"]) == ("REVALIDATED", None)
    assert httpd.get(CONFIG)["X-Cache"] == "HIT"
    assert httpd.get(PINNED, nocache)["X-Cache"] == "HIT"
    assert httpd.get("/acme/tiny/resolve/nope/x", nocache)["X-Error-Code"] == "RevisionNotFound"


def test_only_if_cached_is_504_rather_than_a_question(mount, repo, start):
    repo.add_file(repo.file("model.safetensors"), BIG, True, verified=False)
    httpd = start()
    cold = httpd.get(CONFIG, ONLY)
    assert cold.status == 504 and cold["X-Cache"] == "MISS"   # not known to need no question
    assert httpd.get(CONFIG).status == 200
    assert httpd.get(CONFIG, ONLY).status == 200
    assert httpd.get(MODEL, ONLY).status == 504               # its bytes are not here
    repo.held("model.safetensors", 10, 19)
    part = httpd.get(MODEL, ONLY | {"Range": "bytes=10-19"})
    assert (part.status, part.body, part["X-Cache"]) == (206, BIG[10:20], "HIT")
    assert httpd.get("/api/models/acme/other", ONLY).status == 504


def test_only_if_cached_passes_nothing_through(mount, repo, start):
    httpd = start(http__passthrough="true", upstream__deadline="2s")
    answer = httpd.get("/api/spaces/acme/demo", ONLY)
    assert answer.status == 504 and "only-if-cached" in answer["Cache-Status"]


@pytest.mark.parametrize("headers,given", [
    ({}, True), ({"Want-Repr-Digest": "sha-256=3, sha-512=10"}, True),
    ({"Want-Repr-Digest": "sha-512=1, sha-256=0"}, False), ({"Range": "bytes=1-2"}, True),
    ({"Range": "bytes=999999-"}, False), ({"If-Match": '"other"'}, False),
])
def test_a_verified_lfs_file_has_a_digest_of_the_whole(httpd, headers, given):
    digest = base64.b64encode(hashlib.sha256(BIG).digest()).decode()
    answer = httpd.get(MODEL, headers)
    assert answer["Repr-Digest"] == (f"sha-256=:{digest}:" if given else None)


def test_nothing_unverified_has_a_digest(repo, start):
    repo.add_file(repo.file("model.safetensors"), BIG, True, verified=False)
    httpd = start()
    assert httpd.get(MODEL)["Repr-Digest"] is None
    assert httpd.get("/acme/tiny/raw/main/model.safetensors")["Repr-Digest"] is None


def test_cache_status_tells_some_bytes_from_none(repo, start):
    from fake_mount import set_attribute
    repo.add_file(repo.file("model.safetensors"), BIG, True, verified=False)
    set_attribute(repo.file("model.safetensors"), "cached", "none")
    httpd = start()
    assert httpd.get(MODEL)["Cache-Status"] == "hf-mirror; fwd=uri-miss; fwd-status=206; stored"
    set_attribute(repo.file("model.safetensors"), "cached", "0-99")
    assert httpd.get(MODEL)["Cache-Status"] == "hf-mirror; fwd=partial; fwd-status=206; stored"


@pytest.mark.parametrize("target,methods", [
    (CONFIG, {"GET", "HEAD", "OPTIONS"}), ("/", {"GET", "HEAD", "OPTIONS"}),
    ("/api/models/acme/tiny/paths-info/main", {"POST", "OPTIONS"}),
    ("/acme/tiny.git/info/lfs/objects/batch", {"POST", "OPTIONS"}),
    ("/acme/tiny.git/git-upload-pack", {"GET", "HEAD", "OPTIONS"}),
])
def test_options_names_the_methods_of_the_address(httpd, target, methods):
    answer = httpd.ask("OPTIONS", target, {"Origin": "https://a.example",
                                           "Access-Control-Request-Method": "GET"})
    assert answer.status == 204 and answer.body == b""
    assert set(answer["Allow"].split(", ")) == methods
    assert answer["Access-Control-Allow-Methods"] == answer["Allow"]
    assert answer["Access-Control-Max-Age"] == "86400"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_mirror_without_writes_still_answers_questions_asked_by_post(start, repo):
    httpd = start(http__passthrough="true", http__writes="false", upstream__deadline="2s")

    def allowed(target):
        return "POST" in httpd.ask("OPTIONS", target)["Allow"]

    assert allowed("/acme/tiny.git/git-upload-pack")
    assert allowed("/api/spaces/acme/demo/paths-info/main")
    assert not allowed("/acme/tiny.git/git-receive-pack")
    assert not allowed("/acme/tiny.git/info/lfs/locks/verify")
    assert not allowed("/api/repos/create")
    assert httpd.ask("POST", "/acme/tiny.git/git-receive-pack", body=b"x").status == 405


def test_errors_and_redirects_can_be_read_by_a_browser_page(mount, repo, httpd):
    mount.link("models", "old/name", "../acme/tiny")
    for target, status in ((CONFIG, 200), ("/acme/tiny/resolve/main/no", 404),
                           ("/old/name/resolve/main/config.json", 307),
                           ("/acme/nope/resolve/main/x", 401), ("/-/x", 404)):
        answer = httpd.get(target, {"Origin": "https://a.example"})
        assert answer.status == status
        assert answer["Access-Control-Allow-Origin"] == "*"
        exposed = {name.strip().lower() for name in
                   answer["Access-Control-Expose-Headers"].split(",")}
        assert {"content-range", "content-length", "etag", "x-linked-size", "x-linked-etag",
                "x-repo-commit", "x-error-code", "x-error-message", "link", "accept-ranges",
                "x-total-count"} <= exposed


def test_an_unknown_expectation_is_417(httpd):
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(f"GET {CONFIG} HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n".encode())
        status, headers, _ = read_response(stream)
        assert (status, headers["connection"], headers["x-cache"]) == (417, "close", "MISS")
    old = httpd.raw(f"GET {CONFIG} HTTP/1.0\r\nExpect: tea\r\n\r\n".encode())
    assert old.startswith(b"HTTP/1.1 200 ")              # to be ignored there


def test_conditions_hold_for_documents_and_trees_too(mount, repo, httpd):
    mount.document("/api/models/acme/tiny", "{}")
    for target in ("/api/models/acme/tiny", "/api/models/acme/tiny/tree/main"):
        etag = httpd.get(target)["ETag"]
        assert etag.startswith('W/"')
        for headers, status in (({"If-None-Match": etag}, 304), ({"If-None-Match": "*"}, 304),
                                ({"If-None-Match": '"x"'}, 200), ({"If-Match": "*"}, 200),
                                ({"If-Match": '"x"'}, 412), ({"If-Match": etag}, 412)):
            answer = httpd.get(target, headers)           # If-Match compares strongly
            assert answer.status == status, (target, headers)
            assert (answer.body == b"") == (status != 200)


def test_the_total_of_a_list_is_handed_on(mount, repo, httpd):
    target = "/api/models/acme/tiny/commits/main"
    mount.document(target, "[]", total_count="321")
    assert httpd.get(target)["X-Total-Count"] == "321"
    mount.document("/api/models/acme/tiny/refs", "{}")
    assert httpd.get("/api/models/acme/tiny/refs")["X-Total-Count"] is None


def test_a_file_named_like_a_git_address_is_a_file(mount, start):
    mount.repo("acme/odd").commit_files(SHA, {"info/refs": b"a file\n",
                                              "git-upload-pack": b"another\n"}).ref("main")
    httpd = start()
    assert httpd.get("/acme/odd/resolve/main/info/refs").body == b"a file\n"
    assert httpd.get("/acme/odd/raw/main/git-upload-pack").body == b"another\n"


def test_lfs_objects_of_a_tree_need_no_upstream(repo, httpd):
    oid = hashlib.sha256(BIG).hexdigest()

    def batch(**more):
        body = {"operation": "download", "transfers": ["basic"],
                "objects": [{"oid": oid, "size": len(BIG)}, {"oid": "0" * 64, "size": 1}]} | more
        answer = httpd.ask("POST", "/acme/tiny.git/info/lfs/objects/batch",
                           {"Content-Type": "application/vnd.git-lfs+json"}, json.dumps(body))
        return answer, json.loads(answer.body)

    for ref in ({}, {"ref": {"name": "refs/heads/main"}}, {"ref": {"name": "refs/tags/v1.0"}}):
        answer, said = batch(**ref)
        assert (answer.status, answer["X-Cache"]) == (200, "HIT")
        href = said["objects"][0]["actions"]["download"]["href"]
        assert href == f"{httpd.base}/acme/tiny/resolve/{SHA}/model.safetensors"
        assert said["objects"][1]["error"]["code"] == 404
    assert httpd.get(href.removeprefix(httpd.base)).body == BIG
    assert batch(operation="upload")[0].status == 403
    too_many = [{"oid": "0" * 64, "size": 1}] * 10_001
    assert batch(objects=too_many)[0].status == 422


def test_escapes_hide_no_word_of_an_address(repo, httpd):
    """What is ours is answered here however it is spelled; %2F is no slash."""
    for target in ("/api/models/acme/tiny/%78et-read-token/main",
                   "/api/%6dodels/acme/tiny/xet-read-token/main"):
        assert httpd.get(target).status == 404, target
    plain = httpd.get(CONFIG)
    for target in ("/acme/tiny/%72esolve/main/config.json",
                   "/%61cme/tiny/resolve/m%61in/config.json"):
        assert httpd.get(target).body == plain.body and plain.status == 200
    assert httpd.get("/acme%2Ftiny/resolve/main/config.json").status == 404
    assert httpd.get("/api/models/acme%2Ftiny").status == 404
    assert httpd.get("/api/models/acme/tiny//xet-read-token/main").status == 404


def test_a_bare_percent_in_a_name_is_itself(repo, httpd):
    repo.add_file(repo.file("100%.txt"), b"all", False, True)
    for target in ("100%.txt", "100%25.txt"):
        assert httpd.get(f"/acme/tiny/resolve/main/{target}").body == b"all"


def test_methods_that_nobody_knows_are_501(repo, httpd):
    assert httpd.ask("FOO", CONFIG).status == 501
    assert httpd.ask("TRACE", CONFIG).status == 405
