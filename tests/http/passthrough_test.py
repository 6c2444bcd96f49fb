# SPDX-License-Identifier: Apache-2.0
"""What is passed to upstream: Spaces, private and gated repositories, accounts, writes. Upstream is
the emulator (tests/hub); the mount is a plain directory that says what is public."""
import base64
import hashlib
import json

import pytest
from tests.hub.client import Hub


@pytest.fixture(scope="module")
def hub():
    with Hub() as running:
        yield running


@pytest.fixture
def through(hub, repo, mount, start):
    """hub-httpd with the emulator as upstream; demo/small is unknown to the mount."""
    hub.remove_fault()
    hub.clear()
    for repo_id, state in (("gated-org/gated-model", "gated"), ("demo/disabled", "disabled")):
        mount.repo(repo_id).state(state)
    return start(upstream__url=hub.url, http__passthrough="true", upstream__deadline="5s",
                 upstream__content_hosts=json.dumps([hub.cdn_url.removeprefix("http://")]))


def bearer(hub, name):
    return {"Authorization": "Bearer " + hub.tokens()[name]}


def test_a_space_is_streamed_and_never_a_hit(hub, through):
    for target in ("/api/spaces/demo/space", "/spaces/demo/space/resolve/main/README.md"):
        for _ in range(2):
            answer = through.get(target)
            assert answer.status == 200, target
            assert answer["X-Cache"] == "MISS" and "fwd=bypass" in answer["Cache-Status"]
            assert len(answer.headers.get_all("X-Cache")) == 1
    assert len(hub.requests(match="/api/spaces/demo/space$")) == 2
    assert answer["X-Repo-Commit"] and answer["ETag"]


@pytest.mark.parametrize("name", ["RateLimit", "RateLimit-Policy", "Via", "Set-Cookie",
                                  "X-HF-Warning", "X-Hub-Cache", "Strict-Transport-Security"])
def test_traces_of_upstream_are_stripped(hub, through, name):
    hub.fault("headers", "/api/whoami-v2", headers={
        name: "x", "X-Cache": "Hit from cloudfront", "X-Xet-Hash": "f" * 64, "Link":
        '<https://cas/x>; rel="xet-auth"'})
    answer = through.get("/api/whoami-v2", bearer(hub, "granted"))
    assert answer.status == 200 and answer[name] is None
    assert answer["X-Cache"] == "MISS" and answer["X-Xet-Hash"] is None and answer["Link"] is None


def test_accounts_are_asked_with_the_callers_own_token(hub, through):
    assert json.loads(through.get("/api/whoami-v2", bearer(hub, "granted")).body)["name"]
    answer = through.get("/api/whoami-v2")
    assert answer.status == 401
    assert answer["X-Error-Message"] == "Invalid username or password."


def test_a_private_repository_is_for_its_readers_only(hub, through):
    target = "/private-org/private-model/resolve/main/README.md"
    owner = through.get(target, bearer(hub, "private_owner"))
    assert owner.status == 200 and owner["X-Cache"] == "MISS" and owner["X-Repo-Commit"]
    stranger = through.get(target, bearer(hub, "stranger"))
    assert stranger.status == 404 and stranger["X-Error-Code"] == "RepoNotFound"
    hub.clear()
    anonymous = through.get(target)
    assert anonymous.status == 401 and anonymous["X-Error-Code"] == "RepoNotFound"
    assert hub.requests() == []                      # nothing to be gained by asking upstream


def test_a_gated_repository_is_answered_by_the_hub(hub, through):
    tree = json.loads(hub_get(hub, "/api/models/gated-org/gated-model/tree/main?recursive=true",
                              "granted"))
    file = next(entry for entry in tree if entry["type"] == "file")
    target = "/api/models/gated-org/gated-model"
    assert through.get(target).status == 200         # metadata is public on the Hub
    masked = through.get(target + "/tree/main?recursive=true")
    assert b"xetHash" not in masked.body and b"*" * 64 in masked.body
    seen = through.get(target + "/tree/main?recursive=true", bearer(hub, "granted"))
    assert b"xetHash" not in seen.body and b"*" * 64 not in seen.body
    pending = through.get("/api/models/gated-org/gated-model/paths-info/main")
    assert pending.status == 405
    info = through.ask("POST", target + "/paths-info/main", bearer(hub, "granted") | {
        "Content-Type": "application/json"}, json.dumps({"paths": [file["path"]]}))
    assert info.status == 200 and b"xetHash" not in info.body
    assert json.loads(info.body)[0]["path"] == file["path"]


def weak_etag(body):
    digest = base64.b64encode(hashlib.sha1(body).digest()).decode()
    return f'W/"{len(body):x}-{digest[:27]}"'


@pytest.mark.parametrize("target", ["/api/spaces/demo/space/tree/main?recursive=true",
                                    "/api/models/private-org/private-model/tree/main",
                                    "/api/models/private-org/private-model"])
def test_passed_json_has_the_etag_and_length_of_the_body_that_is_sent(hub, through, target):
    token = bearer(hub, "private_owner")
    get, head = through.get(target, token), through.head(target, token)
    assert get.status == head.status == 200 and b"xetHash" not in get.body
    assert get["ETag"] == head["ETag"] == weak_etag(get.body)
    assert int(head["Content-Length"]) == len(get.body) and head.body == b""
    known = through.get(target, token | {"If-None-Match": get["ETag"]})
    assert (known.status, known["ETag"], known.body) == (304, get["ETag"], b"")


def test_an_etag_that_is_not_of_the_hubs_kind_does_not_outlive_a_change(hub, through):
    token = bearer(hub, "private_owner")
    target = "/api/models/private-org/private-model/tree/main?recursive=true"
    assert b"xetHash" in hub_get(hub, target, "private_owner")
    hub.fault("headers", "/tree/main", headers={"ETag": '"of all bytes"'})
    assert through.get(target, token)["ETag"] is None


def hub_get(hub, target, token):
    import urllib.request
    request = urllib.request.Request(hub.url + target, headers=bearer(hub, token))
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def private_lfs(hub):
    tree = json.loads(hub_get(
        hub, "/api/models/private-org/private-model/tree/main?recursive=true", "private_owner"))
    return next(entry for entry in tree if "lfs" in entry)


def test_lfs_content_is_followed_by_us_and_keeps_the_hubs_headers(hub, through):
    entry = private_lfs(hub)
    target = "/private-org/private-model/resolve/main/" + entry["path"]
    token = bearer(hub, "private_owner")
    get, head = through.get(target, token), through.head(target, token)
    for answer in (get, head):
        assert answer.status == 200, answer.text
        assert answer["ETag"] == answer["X-Linked-ETag"] == f'"{entry["lfs"]["oid"]}"'
        assert answer["X-Linked-Size"] == answer["Content-Length"] == str(entry["size"])
        assert answer["X-Repo-Commit"] and answer["X-Xet-Hash"] is None
        assert answer["Location"] is None
    assert len(get.body) == entry["size"]
    part = through.get(target, token | {"Range": "bytes=2-5"})
    assert (part.status, part.body) == (206, get.body[2:6])
    assert part["Content-Range"] == f"bytes 2-5/{entry['size']}"
    fresh = through.get(target, token | {"Range": "bytes=2-5", "If-Range": get["ETag"]})
    assert fresh.status == 206
    changed = through.get(target, token | {"Range": "bytes=2-5", "If-Range": '"other"'})
    assert changed.status == 200
    cdn = hub.requests(listener="cdn")
    assert cdn and not any(row["authorization"] for row in cdn)  # the token stays with the Hub


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_content_hosts_refusal_is_no_answer_about_the_file(hub, through, status):
    entry, token = private_lfs(hub), bearer(hub, "private_owner")
    target = "/private-org/private-model/resolve/main/" + entry["path"]
    hub.fault("status", listener="cdn", status=status, body="no")
    answer = through.get(target, token)
    assert answer.status == 502 and b"no\n" not in answer.body
    assert f"received-status={status}" in answer["Proxy-Status"]
    assert "error=" in answer["Proxy-Status"] and answer["X-Error-Code"] is None
    assert len(hub.requests(listener="cdn")) == 2
    hub.remove_fault()
    hub.fault("status", "/resolve/main/", listener="hub", status=status, body="no")
    answer = through.get(target, token)                 # the Hub's own word
    assert (answer.status, answer.body) == (status, b"no")


def test_an_address_that_expired_on_the_way_is_asked_for_again(hub, through):
    entry, token = private_lfs(hub), bearer(hub, "private_owner")
    target = "/private-org/private-model/resolve/main/" + entry["path"]
    hub.fault("status", listener="cdn", status=403, times=1)
    whole = through.get(target, token)
    assert whole.status == 200 and len(whole.body) == entry["size"]
    assert whole["ETag"] == f'"{entry["lfs"]["oid"]}"'
    hub.fault("status", listener="cdn", status=403, times=1)
    part = through.get(target, token | {"Range": "bytes=2-5", "If-Range": whole["ETag"]})
    assert (part.status, part.body) == (206, whole.body[2:6])


def test_a_redirect_elsewhere_is_refused_or_returned_by_the_list(hub, through):
    token = bearer(hub, "private_owner")
    target = "/private-org/private-model/resolve/main/README.md"
    fault = hub.fault("redirect", "README", status=302, location="https://evil.example/x")
    answer = through.get(target, token)
    assert answer.status == 502 and answer["Proxy-Status"] and answer["Location"] is None
    hub.remove_fault(fault)
    for location in ("https://cdn-lfs.huggingface.co/x?sig=1", "https://huggingface.co/y"):
        fault = hub.fault("redirect", "README", status=302, location=location)
        answer = through.get(target, token)
        assert (answer.status, answer["Location"]) == (302, location)
        assert answer["X-Cache"] == "MISS"
        hub.remove_fault(fault)
    fault = hub.fault("redirect", "README", status=302,
                      location="http://cdn-lfs.huggingface.co/x")
    assert through.get(target, token).status == 502   # not https
    hub.remove_fault(fault)
    fault = hub.fault("redirect", "README", status=302, location="{target}")
    assert through.get(target, token).status == 502   # for ever
    hub.remove_fault(fault)


def test_upstreams_trouble_is_5xx_with_proxy_status(hub, through):
    for fault, statuses in (({"kind": "reset"}, (502,)), ({"kind": "hold"}, (504,)),
                            ({"kind": "status", "status": 503}, (503,))):
        number = hub.fault(match="whoami", **fault)
        answer = through.get("/api/whoami-v2", bearer(hub, "granted"))
        assert answer.status in statuses and answer["X-Cache"] == "MISS", fault
        if fault["kind"] != "status":
            assert "error=" in answer["Proxy-Status"]
        hub.remove_fault(number)


def test_an_unreachable_upstream_is_504(repo, start):
    httpd = start(http__passthrough="true", upstream__deadline="2s")
    answer = httpd.get("/spaces/acme/demo")
    assert answer.status == 504 and "connection_refused" in answer["Proxy-Status"]
    assert httpd.get("/acme/tiny/resolve/main/config.json").status == 200


def test_a_body_that_breaks_upstream_is_cut_here(hub, through):
    import http.client
    hub.fault("cut", "README", after_bytes=5)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        through.get("/spaces/demo/space/resolve/main/README.md")


def test_public_content_is_never_asked_of_upstream(hub, through):
    through.get("/acme/tiny/resolve/main/config.json", bearer(hub, "granted"))
    through.get("/api/models/acme/tiny/tree/main", bearer(hub, "granted"))
    assert hub.requests() == []


def test_expanded_paths_info_falls_back_to_the_tree(hub, through):
    """acme/tiny is unknown upstream: its 404 is an answer; a failure is not."""
    where = "/api/models/acme/tiny/paths-info/main"
    body = '{"paths":["config.json"],"expand":true}'
    kind = {"Content-Type": "application/json"} | bearer(hub, "granted")
    hub.fault("status", "paths-info", status=503)
    answer = through.ask("POST", where, kind, body)
    assert answer.status == 200 and json.loads(answer.body)[0]["path"] == "config.json"
    rows = hub.requests(match="paths-info")
    assert rows and not any(row["authorization"] for row in rows)   # public: without the token


def test_writes_are_passed_with_their_body(hub, through, start):
    token = bearer(hub, "granted") | {"Content-Type": "application/json"}
    answer = through.ask("POST", "/api/repos/create", token, b'{"name":"x"}')
    rows = hub.requests(match="/api/repos/create")
    assert len(rows) == 1 and rows[0]["method"] == "POST" and rows[0]["token"] == "granted"
    assert answer["X-Cache"] == "MISS"
    chunked = through.ask("POST", "/api/repos/create", token, iter([b'{"name"', b':"x"}']))
    assert chunked.status == answer.status
    readonly = start(upstream__url=hub.url, http__passthrough="true", http__writes="false")
    assert readonly.ask("POST", "/api/repos/create", token, b"{}").status == 405
    assert readonly.get("/api/whoami-v2", bearer(hub, "granted")).status == 200


def test_git_speaks_through_us(hub, through):
    answer = through.get("/demo/small/info/refs?service=git-upload-pack")
    assert answer.status in (200, 501)               # 501: no git on this machine


def test_the_token_is_not_in_the_access_log(hub, through):
    token = hub.tokens()["private_owner"]
    through.get("/private-org/private-model/resolve/main/README.md?token=" + token,
                bearer(hub, "private_owner"))
    assert through.stop() == 0
    assert token not in "".join(through.log_lines())
