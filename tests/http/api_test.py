# SPDX-License-Identifier: Apache-2.0
"""The API from documents: info, revisions, refs, commits, lists, and what is ours."""
import base64
import hashlib
import json

import pytest
from conftest import SHA
from fake_mount import in_, when

INFO = '{"_id":"6ac4","id":"acme/tiny","trendingScore":0.50,"sha":"%s"}' % SHA


def api_etag(body):
    digest = base64.b64encode(hashlib.sha1(body).digest()).decode()[:27]
    return f'W/"{len(body):x}-{digest}"'


def test_info_is_the_hubs_body_and_etag(mount, repo, httpd):
    mount.document("/api/models/acme/tiny", INFO, etag=api_etag(INFO.encode()))
    answer = httpd.get("/api/models/acme/tiny")
    assert (answer.status, answer.text) == (200, INFO)
    assert answer["ETag"] == api_etag(INFO.encode())
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["X-Cache"] == "HIT"
    head = httpd.head("/api/models/acme/tiny")
    assert head.body == b"" and head["Content-Length"] == str(len(INFO))
    again = httpd.get("/api/models/acme/tiny", {"If-None-Match": answer["ETag"]})
    assert again.status == 304 and again.body == b""


@pytest.mark.parametrize("asked,target", [
    ("/api/models/acme/tiny/revision/main", "/api/models/acme/tiny/revision/main"),
    ("/api/models/acme/tiny/revision/refs%2Fpr%2F1",
     "/api/models/acme/tiny/revision/refs%2Fpr%2F1"),
    ("/api/models/acme/tiny/revision/HEAD?expand=sha",
     "/api/models/acme/tiny/revision/main?expand=sha"),
    ("/api/models/acme/tiny/refs?include_prs=1", "/api/models/acme/tiny/refs?include_prs=1"),
    ("/api/models/acme/tiny/commits/refs/pr/1?limit=5",
     "/api/models/acme/tiny/commits/refs%2Fpr%2F1?limit=5"),
    ("/api/models?search=a+b&limit=3", "/api/models?search=a+b&limit=3"),
    ("/api/models-tags-by-type", "/api/models-tags-by-type"),
])
def test_an_address_finds_its_document(mount, repo, httpd, asked, target):
    mount.document(target, '{"ok":1}')
    assert httpd.get(asked).text == '{"ok":1}'


def test_a_long_target_is_cut_into_components(mount, httpd):
    target = "/api/models?search=" + "x" * 700
    mount.document(target, "[]")
    assert httpd.get(target).text == "[]"


def test_xet_is_taken_out_and_the_etag_is_the_new_bodys(mount, repo, httpd):
    target = "/api/models/acme/tiny/tree/main?expand=true"
    body = '[{"type":"file","xetHash":"%s","path":"a","n":1e-5},{"xetHash":"x"}]' % ("f" * 64)
    mount.document(target, body, etag='W/"old"')
    answer = httpd.get(target)
    assert answer.text == '[{"type":"file","path":"a","n":1e-5},{}]'
    assert answer["ETag"] == api_etag(answer.body)


def test_links_lead_to_this_mirror_and_xet_relations_are_dropped(mount, httpd, start):
    link = ('<https://huggingface.co/api/models?limit=2&cursor=abc%3D>; rel="next", '
            '<https://huggingface.co/xet>; rel="xet-auth"')
    mount.document("/api/models?limit=2", "[]", link=link)
    answer = httpd.get("/api/models?limit=2")
    assert answer["Link"] == f'<{httpd.base}/api/models?limit=2&cursor=abc%3D>; rel="next"'
    named = start(http__public_url="https://mirror.example")
    assert named.get("/api/models?limit=2")["Link"] == (
        '<https://mirror.example/api/models?limit=2&cursor=abc%3D>; rel="next"')


def test_errors_of_the_hub_are_documents_too(mount, repo, httpd):
    body = '{"error":"Invalid rev id: nope"}'
    mount.document("/api/models/acme/tiny/revision/nope", body, status=404,
                   error_code="RevisionNotFound", error_message="Invalid rev id: nope")
    answer = httpd.get("/api/models/acme/tiny/revision/nope")
    assert (answer.status, answer.text) == (404, body)
    assert answer["X-Error-Code"] == "RevisionNotFound"
    assert answer["X-Error-Message"] == "Invalid rev id: nope"


def test_a_bare_401_gets_the_code_that_clients_understand(mount, httpd):
    mount.document("/api/trending", "{}", status=401)
    assert httpd.get("/api/trending")["X-Error-Code"] == "RepoNotFound"


def test_missing_repositories_are_json_errors(httpd):
    answer = httpd.get("/api/models/acme/nope")
    assert answer.status == 401 and answer["X-Error-Code"] == "RepoNotFound"
    assert json.loads(answer.body) == {"error": "Invalid username or password."}


def test_a_renamed_repository_redirects_its_api(mount, repo, httpd):
    mount.link("models", "tiny", "../acme/tiny")
    answer = httpd.get("/api/models/tiny/revision/main?expand=sha")
    assert answer.status == 307
    assert answer["Location"] == "/api/models/acme/tiny/revision/main?expand=sha"


def test_x_cache_tells_what_happened_for_this_request(mount, repo, httpd):
    target = "/api/models/acme/tiny"
    for how, checked, expected in (
            ("fetched", when(seconds=5), "HIT"), ("revalidated", when(seconds=5), "HIT"),
            ("fetched", in_(seconds=50), "MISS"), ("revalidated", in_(seconds=50), "REVALIDATED"),
            ("stale", in_(seconds=50), "HIT")):
        mount.document(target, INFO, how=how, checked=checked)
        answer = httpd.get(target)
        assert answer["X-Cache"] == expected, (how, checked)
        assert len(answer.headers.get_all("X-Cache")) == 1


def test_what_is_ours_is_answered_at_once(httpd):
    answer = httpd.get("/api/agent-harnesses")
    assert json.loads(answer.body) == {"standardEnvVars": ["AI_AGENT", "AGENT"], "harnesses": {}}
    assert httpd.head("/api/telemetry/x/y").status == 200
    assert httpd.get(f"/api/models/acme/tiny/xet-read-token/{SHA}").status == 404
    assert httpd.get("/healthz").text == "ok\n"
    page = httpd.get("/")
    assert page["Content-Type"].startswith("text/html") and httpd.base in page.text
    assert httpd.get("/api/models/acme/tiny/auth-check").text == "OK"


@pytest.mark.parametrize("target", ["/nope", "/-/x", "/acme/tiny", "/a/b/c/d", "//x"])
def test_unknown_pages_are_the_hubs_404(httpd, target):
    answer = httpd.get(target)
    assert answer.status == 404
    assert answer["X-Error-Message"] == "Sorry, we can't find the page you are looking for."


def test_nothing_is_passed_through_when_that_is_off(httpd):
    for target in ("/spaces/acme/demo", "/api/spaces/acme/demo", "/api/whoami-v2"):
        assert httpd.get(target).status == 404, target
    assert httpd.ask("POST", "/api/repos/create", body=b"{}").status == 405


def test_a_preflight_allows_what_browsers_need(httpd):
    answer = httpd.ask("OPTIONS", "/acme/tiny/resolve/main/x", {
        "Origin": "https://a.example", "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization,range,x-new"})
    assert answer.status == 204
    allowed = answer["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "range", "x-new"))
    assert "GET" in answer["Access-Control-Allow-Methods"]
    assert answer["X-Cache"] == "MISS"


def test_other_methods_are_405_with_allow(httpd):
    answer = httpd.ask("DELETE", "/acme/tiny/resolve/main/config.json")
    assert answer.status == 405 and "GET" in answer["Allow"]
    assert httpd.get("/api/models/acme/tiny/paths-info/main").status == 405
