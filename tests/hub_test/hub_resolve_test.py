# SPDX-License-Identifier: Apache-2.0
# Files over /resolve/, /api/resolve-cache/ and /raw/: which status, which headers, which bytes.
import hashlib
import json
from urllib.parse import quote

import pytest

from hub.catalog import LONG_NAME
from hub.git_objects import blob_id

SMALL = "/demo/small/resolve/main/"
AWKWARD = {
    "name with spaces.txt": "a name with spaces\n", "hash#tag.txt": "a name with a hash sign\n",
    "100%.txt": "a name with a percent sign\n",
    "percent%20escape.txt": "a name that looks escaped\n",
    "plus+plus.txt": "a name with plus signs\n",
    "grüße-名前.txt": "a name in UTF-8: grüße, 名前\n",
    "dir with space/inner file.txt": "below a directory with a space\n",
    "nested/a/b/c/deep.txt": "deep\n", LONG_NAME: "a name of 200 bytes\n",
}


def test_a_git_file_is_redirected_to_the_resolve_cache(get):
    first = get(SMALL + "config.json", "HEAD")
    assert first.status == 307 and "etag" not in first.headers
    location = first.headers["location"]
    commit = first.headers["x-repo-commit"]
    assert location.startswith(f"/api/resolve-cache/models/demo/small/{commit}/config.json?")
    for method in ("HEAD", "GET"):
        for target in (location, location.split("?")[0]):
            second = get(target, method)
            assert second.status == 200 and second.headers["x-repo-commit"] == commit
            assert second.headers["content-length"] == "48"
    assert second.headers["etag"] == f'"{blob_id(second.body)}"'
    assert get(SMALL + "config.json").text == f"Temporary Redirect. Redirecting to {location}"


@pytest.mark.parametrize("path", AWKWARD)
def test_awkward_names_arrive_whole(path, get):
    answer = get.follow(SMALL + quote(path))
    assert (answer.status, answer.text) == (200, AWKWARD[path])
    assert get("/demo/small/raw/main/" + quote(path)).text == AWKWARD[path]
    assert get.follow(SMALL + quote(path, safe="")).text == AWKWARD[path]


@pytest.mark.parametrize("target", [
    "/demo/small/resolve/main/empty.txt", "/tinybert/resolve/main/config.json"])
def test_empty_files_and_one_segment_repositories_are_answered_at_once(target, get):
    answer = get(target, "HEAD")
    assert answer.status == 200 and answer.headers["x-repo-commit"]
    assert int(answer.headers["content-length"]) == len(get(target).body)


def test_an_empty_file_refuses_every_range(get):
    answer = get(SMALL + "empty.txt", headers={"Range": "bytes=0-0"})
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */0")


def test_an_lfs_file_is_redirected_with_its_facts(hub, get):
    answer = get(SMALL + "weights.bin")
    assert answer.status == 302 and "etag" not in answer.headers
    location = answer.headers["location"]
    assert location.startswith(hub.cdn_url + "/xet-bridge-us/")
    assert answer.text == f"Found. Redirecting to {location}"
    file = get(location)
    assert file.headers["etag"] == f'"{answer.headers["x-xet-hash"]}"'
    assert not [h for h in file.headers if h.startswith(("x-repo", "x-linked", "x-hf-warning"))]
    assert answer.headers["x-linked-size"] == file.headers["content-length"]
    assert answer.headers["x-linked-etag"] == f'"{hashlib.sha256(file.body).hexdigest()}"'
    assert 'rel="xet-auth"' in answer.headers["link"]


def test_xet_can_be_hidden(hub, get):
    hub.settings(xet=False)
    answer = get(SMALL + "weights.bin")
    assert answer.status == 302
    assert "link" not in answer.headers and "x-xet-hash" not in answer.headers
    assert "xetHash" not in get("/api/models/demo/small/tree/main").text
    assert get("/api/models/demo/small/xet-read-token/main").status == 404


def test_xet_information_instead_of_the_file(get):
    accept = {"Accept": "application/vnd.xet-fileinfo+json, */*"}
    answer = get(SMALL + "weights.bin", headers=accept)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/vnd.xet-fileinfo+json"
    assert list(json.loads(answer.body)) == ["hash", "refreshUrl", "reconstructionUrl", "etag",
                                             "size"]
    assert get(SMALL + "config.json", headers=accept).status == 307


@pytest.mark.parametrize("revision, file, text", [
    ("dev", "only-on-dev.txt", "dev\n"), ("feature%2Fx", "feature.txt", "a branch with a slash\n"),
    ("refs%2Fpr%2F1", "proposal.txt", "pull request 1\n"), ("HEAD", "nested/a/sibling.txt",
                                                            "less deep\n")])
def test_every_kind_of_revision_resolves(revision, file, text, get):
    assert get.follow(f"/demo/small/resolve/{revision}/{file}").text == text


def test_old_commits_and_short_hashes_resolve(hub, get):
    tagged = hub.repo("demo/small")["refs"]["tags"]["v1.0"]
    assert b'"hidden_size": 32' in get.follow("/demo/small/resolve/v1.0/config.json").body
    for revision in (tagged, tagged[:7]):
        answer = get(f"/demo/small/resolve/{revision}/config.json")
        assert answer.headers["x-repo-commit"] == tagged


def test_data_sets_and_spaces_have_their_prefix(get):
    assert get.follow("/datasets/demo/tiny/resolve/main/data/test.csv").text == \
        "n,square\n20,400\n"
    parquet = "/datasets/demo/tiny/resolve/refs%2Fconvert%2Fparquet/default/train/0000.parquet"
    assert len(get.follow(parquet).body) == 2048
    assert get.follow("/spaces/demo/space/resolve/main/app.py").text == "print('demo')\n"
    assert get("/demo/tiny/resolve/main/data/test.csv").status == 401


@pytest.mark.parametrize("old", ["old-org/old-name", "small-old", "Demo/Small",
                                 "older-org/older-name"])
def test_old_names_and_wrong_case_are_redirected_everywhere(old, get):
    for before, after in ((f"/{old}/resolve/main/config.json?download=true",
                           "/demo/small/resolve/main/config.json?download=true"),
                          (f"/api/models/{old}/tree/main?recursive=true",
                           "/api/models/demo/small/tree/main?recursive=true"),
                          (f"/api/models/{old}", "/api/models/demo/small"),
                          (f"/{old}/raw/main/config.json", "/demo/small/raw/main/config.json")):
        answer = get(before)
        assert (answer.status, answer.headers["location"]) == (307, after)
        assert "etag" not in answer.headers and "x-repo-commit" not in answer.headers


def test_raw_gives_the_pointer_of_an_lfs_file(get):
    answer = get("/demo/small/raw/main/weights.bin")
    assert answer.text.startswith("version https://git-lfs.github.com/spec/v1\noid sha256:")
    assert answer.headers["etag"] == f'"{blob_id(answer.body)}"'
    part = get("/demo/small/raw/main/weights.bin", headers={"Range": "bytes=0-6"})
    assert (part.status, part.text) == (206, "version")


def test_ranges_on_a_git_file(get):
    for target in ("/tinybert/resolve/main/config.json", "/demo/small/raw/main/config.json"):
        whole = get(target).body
        answer = get(target, headers={"Range": "bytes=2-999"})
        assert (answer.status, answer.body) == (206, whole[2:])
        assert answer.headers["content-range"] == f"bytes 2-{len(whole) - 1}/{len(whole)}"
        refused = get(target, headers={"Range": "bytes=900-"})
        assert (refused.status, refused.headers["content-range"]) == (416, f"bytes */{len(whole)}")
        assert get(target, headers={"Range": "bytes=0-1,3-4"}).body == whole


@pytest.mark.parametrize("file", ["config.json", "weights.bin"])
def test_if_none_match_is_304_even_where_a_redirect_would_come(file, get):
    first = get(SMALL + file, "HEAD")
    etag = first.headers["x-linked-etag"]
    for tag in (etag, "W/" + etag, '"other", ' + etag):
        answer = get(SMALL + file, "HEAD", headers={"If-None-Match": tag})
        assert answer.status == 304 and answer.headers["x-repo-commit"]
    assert get(SMALL + file, "HEAD", headers={"If-None-Match": '"x"'}).status == first.status
    raw = get("/demo/small/raw/main/config.json")
    assert get("/demo/small/raw/main/config.json",
               headers={"If-None-Match": raw.headers["etag"]}).status == 200


def test_the_resolve_cache_wants_a_full_hash_of_this_repository(get):
    assert get("/api/resolve-cache/models/demo/small/main/config.json").status == 400
    other = get("/demo/wide/resolve/main/README.md", "HEAD").headers["x-repo-commit"]
    assert get(f"/api/resolve-cache/models/demo/small/{other}/config.json").status == 404


@pytest.mark.parametrize("target, code", [
    (SMALL + "absent.txt", "EntryNotFound"), (SMALL + "nested", "EntryNotFound"),
    ("/demo/small/resolve/absent/config.json", "RevisionNotFound")])
def test_what_is_absent_is_404_with_its_code(target, code, get):
    for method in ("GET", "HEAD"):
        answer = get(target, method)
        assert (answer.status, answer.headers["x-error-code"]) == (404, code)
        assert ("x-repo-commit" in answer.headers) == (code == "EntryNotFound")


def test_text_is_compressed_where_allowed_and_never_on_head_or_ranges(hub, get):
    gzipped = {"Accept-Encoding": "gzip, deflate"}
    location = get(SMALL + "vocab.txt").headers["location"]
    for target in (location, "/api/models/demo/small"):
        answer, plain = get(target, headers=gzipped), get(target)
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["transfer-encoding"] == "chunked"
        assert "content-length" not in answer.headers and "accept-ranges" not in answer.headers
        assert answer.headers["etag"] == plain.headers["etag"]
        head = get(target, "HEAD", headers=gzipped)
        assert head.headers["content-length"] == str(len(plain.body))
    part = get(location, headers={**gzipped, "Range": "bytes=0-9"})
    assert part.status == 206 and "content-encoding" not in part.headers
    hub.settings(gzip=False)
    assert "content-length" in get("/api/models/demo/small", headers=gzipped).headers


def test_browsers_are_let_in(get):
    for target in (SMALL + "config.json", SMALL + "weights.bin", SMALL + "absent", "/api/nope"):
        answer = get(target, headers={"Origin": "https://example.org"})
        assert answer.headers["access-control-allow-origin"] == "https://example.org"
        assert "X-Linked-ETag" in answer.headers["access-control-expose-headers"]
    preflight = get(SMALL + "config.json", "OPTIONS", headers={
        "Origin": "https://example.org", "Access-Control-Request-Headers": "authorization,range"})
    assert preflight.status == 204
    assert "Range" in preflight.headers["access-control-allow-headers"]


def test_download_is_an_attachment(get):
    head = get("/tinybert/resolve/main/config.json?download=true", "HEAD")
    assert head.headers["content-disposition"].startswith("attachment;")
    location = get(SMALL + "weights.bin?noContentDisposition=1").headers["location"]
    assert "response-content-disposition" not in location


def test_anonymous_callers_are_warned_and_limits_are_told(hub, get):
    assert get("/api/models/demo/small").headers["x-hf-warning"].startswith("unauthenticated; ")
    known = get("/api/models/demo/small", token="stranger")
    assert "x-hf-warning" not in known.headers
    assert known.headers["ratelimit"].startswith('"api";r=')
    assert get(SMALL + "config.json").headers["ratelimit"].startswith('"resolvers";r=')
    assert get("/demo/small").headers["ratelimit"].startswith('"pages";r=')
