# SPDX-License-Identifier: Apache-2.0
# Spellings of revisions and names: shortened hashes, wrong letter case; and the weak ETags of
# every sort of answer, byte by byte.
import base64
import hashlib
import json
import re

import pytest

from hub.repos import Repo

SMALL = "/api/models/demo/small"
PATHS = {"method": "POST", "body": "paths=config.json"}


@pytest.fixture
def sha(hub):
    return hub.repo("demo/small")["refs"]["tags"]["v1.0"]


@pytest.mark.parametrize("length", [5, 6, 7, 8, 12, 39, 40])
def test_a_hash_of_five_or_more_characters_is_enough(length, sha, get):
    short = sha[:length]
    for target in ("/demo/small/resolve/{}/config.json", "/demo/small/raw/{}/config.json"):
        assert get(target.format(short)).headers["x-repo-commit"] == sha
    assert json.loads(get(f"{SMALL}/revision/{short}").body)["sha"] == sha
    assert get(f"{SMALL}/tree/{short}?recursive=true").body == \
        get(f"{SMALL}/tree/v1.0?recursive=true").body
    assert get(f"{SMALL}/tree/{short}/nested/a").body == get(f"{SMALL}/tree/{sha}/nested/a").body
    assert json.loads(get(f"{SMALL}/commits/{short}").body)[0]["id"] == sha
    assert get(f"{SMALL}/paths-info/{short}", **PATHS).body == \
        get(f"{SMALL}/paths-info/{sha}", **PATHS).body
    assert get(f"{SMALL}/treesize/{short}/pytorch").status == 200
    assert get(f"{SMALL}/xet-read-token/{short}").status == 200
    missing = get(f"/demo/small/resolve/{short}/absent")
    assert (missing.status, missing.headers["x-repo-commit"]) == (404, sha)


def test_shorter_longer_and_other_hashes_do_not_resolve(sha, get):
    other = sha[:6] + ("0" if sha[6] != "0" else "1")
    for revision in (sha[:4], sha[:1], sha + "0", other, "00000", sha[:7] + "g"):
        answer = get(f"/demo/small/resolve/{revision}/config.json")
        assert (answer.status, answer.headers["x-error-code"]) == (404, "RevisionNotFound")
        assert answer.headers["x-error-message"] == f"Invalid rev id: {revision}"
    assert get(f"/api/resolve-cache/models/demo/small/{sha[:7]}/config.json").status == 400


def test_an_ambiguous_short_hash_does_not_resolve():
    repo = Repo("model", "x/y")
    for commit_id in ("abcde0" + "0" * 34, "abcde1" + "0" * 34):
        repo.commits[commit_id] = commit_id
    assert repo.find_revision("abcde") is None
    assert repo.find_revision("abcde1") == "abcde1" + "0" * 34


def test_a_branch_goes_before_a_hash(hub, get, sha):
    main = hub.repo("demo/small")["sha"]
    hub.move_ref("demo/small", sha[:7], main)
    assert get(f"/demo/small/resolve/{sha[:7]}/config.json").headers["x-repo-commit"] == main
    hub.move_ref("demo/small", sha[:7], delete=True)
    assert get(f"/demo/small/resolve/{sha[:7]}/config.json").headers["x-repo-commit"] == sha


@pytest.mark.parametrize("wrong, right", [
    ("Demo/small", "demo/small"), ("demo/Small", "demo/small"), ("DEMO/SMALL", "demo/small"),
    ("sentence-TRANSFORMERS/Paraphrase-ALBERT-small-v2",
     "sentence-transformers/paraphrase-albert-small-v2"), ("TinyBERT", "tinybert")])
def test_wrong_letters_in_a_name_are_redirected(wrong, right, get):
    for pattern in ("/api/models/{}", "/api/models/{}?blobs=true&expand=sha",
                    "/api/models/{}/tree/main?recursive=true", "/api/models/{}/refs",
                    "/{}/resolve/main/config.json?download=true", "/{}/raw/main/a%20b%2Fc",
                    "/{}/resolve/refs%2Fpr%2F1/x", "/{}"):
        for method in ("GET", "HEAD"):
            answer = get(pattern.format(wrong), method)
            assert (answer.status, answer.headers["location"]) == (307, pattern.format(right))
            assert "etag" not in answer.headers and "x-repo-commit" not in answer.headers
    posted = get(f"/api/models/{wrong}/paths-info/main", **PATHS)
    assert (posted.status, posted.headers["location"]) == (
        307, f"/api/models/{right}/paths-info/main")


def test_wrong_letters_in_data_sets_and_caches_and_where_they_matter(get, sha):
    for wrong, right in (("/api/datasets/Demo/Tiny", "/api/datasets/demo/tiny"),
                         ("/datasets/DEMO/tiny/resolve/main/README.md",
                          "/datasets/demo/tiny/resolve/main/README.md"),
                         ("/api/spaces/Demo/space", "/api/spaces/demo/space"),
                         (f"/api/resolve-cache/models/Demo/small/{sha}/config.json",
                          f"/api/resolve-cache/models/demo/small/{sha}/config.json")):
        assert get(wrong).headers["location"] == right
    # Paths, branches and types are case-sensitive.
    assert get("/demo/small/resolve/main/Config.json").headers["x-error-code"] == "EntryNotFound"
    assert get("/demo/small/resolve/Main/config.json").headers["x-error-code"] == \
        "RevisionNotFound"
    assert get("/API/models/demo/small").status in (401, 404)


@pytest.mark.parametrize("wrong", ["Private-org/private-model", "PRIVATE-ORG/PRIVATE-MODEL"])
def test_wrong_letters_do_not_tell_of_private_repositories(wrong, get):
    assert get(f"/api/models/{wrong}").status == 401
    assert get(f"/api/models/{wrong}", token="stranger").status == 404
    assert get(f"/api/models/{wrong}", token="private_owner").status == 307


ETAGGED = [
    (SMALL, {}), (SMALL + "?blobs=true", {}), (SMALL + "?expand=sha", {}),
    (SMALL + "/tree/main", {}), (SMALL + "/tree/main?expand=true&recursive=true", {}),
    (SMALL + "/paths-info/main", PATHS), (SMALL + "/refs?include_prs=1", {}),
    (SMALL + "/commits/main?limit=2&expand[]=formatted", {}), (SMALL + "/treesize/main", {}),
    ("/api/datasets/demo/versioned/parquet", {}), ("/api/spaces/demo/space/runtime", {}),
    ("/api/datasets/demo/versioned/compare/v1..main", {}),
    ("/api/models/demo/sharded/safetensors-metadata/model.safetensors.index.json", {}),
    ("/v2/demo/gguf/manifests/latest", {}), ("/api/models?limit=3&full=true", {}),
    ("/api/datasets", {}), ("/api/quicksearch?q=demo", {}), ("/api/models-tags-by-type", {}),
    ("/api/whoami-v2", {"token": "granted"}), ("/api/whoami-v2", {}),
    ("/api/models/no/such", {}), ("/api/models/no/such", {"token": "granted"}),
    (SMALL + "/tree/absent", {}), ("/demo/small/resolve/main/absent", {}),
    ("/demo/small/resolve/absent/x", {}), ("/gated-org/gated-model/resolve/main/x", {}),
    ("/gated-org/gated-model/raw/main/x", {"token": "pending"}), ("/api/nonsense", {}),
    ("/demo/small/nonsense", {}), ("/demo/disabled/resolve/main/x", {}),
    ("/v2/demo/gguf/manifests/absent", {}), ("/demo/small", {})]


@pytest.mark.parametrize("target, options", ETAGGED)
def test_weak_etags_are_computed_from_the_bytes_sent(target, options, get):
    answer = get(target, **options)
    digest = base64.b64encode(hashlib.sha1(answer.body).digest()).decode()[:27]
    assert answer.headers["etag"] == f'W/"{len(answer.body):x}-{digest}"'
    again = get(target, **options)
    if "xet-read" not in target:
        assert again.headers["etag"] == answer.headers["etag"]
    if "method" not in options:
        head = get(target, "HEAD", **options)
        assert head.headers["etag"] == answer.headers["etag"]
        assert head.headers["content-length"] == str(len(answer.body))
        packed = get(target, headers={"Accept-Encoding": "gzip"}, **options)
        assert packed.headers["etag"] == answer.headers["etag"]     # of the text before gzip
    if answer.status == 200 and "method" not in options:
        unchanged = get(target, headers={"If-None-Match": answer.headers["etag"]}, **options)
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert unchanged.headers["etag"] == answer.headers["etag"]


def test_json_is_written_as_the_hub_writes_it(get):
    """No spaces, UTF-8 as it is: else no ETag would be the live Hub's."""
    body = get(SMALL + "/tree/main").body
    assert "grüße-名前.txt".encode() in body and b"\\u" not in body
    outside = re.sub(rb'"(?:[^"\\]|\\.)*"', b'""', body)
    assert not re.search(rb"\s", outside)
