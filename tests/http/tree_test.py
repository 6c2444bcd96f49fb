# SPDX-License-Identifier: Apache-2.0
"""/tree/ and /paths-info/ from .trees (hub-api 2.4, 2.5)."""
import json
from urllib.parse import quote

import pytest
from conftest import FILES, SHA
from fake_mount import in_, set_attribute

TREE = "/api/models/acme/tiny/tree/main"


def paths(answer):
    assert answer.status == 200, answer.text
    return [entry["path"] for entry in json.loads(answer.body)]


def test_the_root_lists_directories_first_then_files_in_byte_order(httpd):
    answer = httpd.get(TREE)
    assert paths(answer) == ["sub dir", "README.md", "config.json", "empty.txt",
                             "model.safetensors"]
    assert b"xetHash" not in answer.body
    model = json.loads(answer.body)[-1]
    assert list(model) == ["type", "size", "oid", "lfs", "path"]
    assert answer["X-Cache"] == "HIT"


@pytest.mark.parametrize("word", ["true", "True", "1"])
def test_recursive_lists_everything_below(httpd, word):
    assert set(paths(httpd.get(f"{TREE}?recursive={word}&expand=False"))) == {
        *FILES, "sub dir", "sub dir/deep"}
    assert paths(httpd.get(f"{TREE}/sub%20dir?recursive={word}")) == [
        "sub dir/deep", "sub dir/deep/näme.txt", "sub dir/z #1.txt"]


def test_every_spelling_of_revision_and_path_is_understood(httpd):
    for spelling in (f"{SHA}/sub%20dir", "main/sub%20dir/", "refs%2Fpr%2F1/sub%20dir",
                     "refs/pr/1/sub%20dir", "HEAD/sub%20dir"):
        assert paths(httpd.get(f"/api/models/acme/tiny/tree/{spelling}")) == [
            "sub dir/deep", "sub dir/z #1.txt"], spelling
    assert paths(httpd.get(f"{TREE}/sub%20dir%2Fdeep")) == ["sub dir/deep/näme.txt"]
    assert paths(httpd.get("/api/models/acme/tiny/tree/refs/pr/1"))[0] == "sub dir"


@pytest.mark.parametrize("path", ["nope", "config.json", "sub%20dir/z%20%231.txt", "sub"])
def test_what_is_no_directory_is_404(httpd, path):
    for query in ("", "?recursive=true"):
        answer = httpd.get(f"{TREE}/{path}{query}")
        assert (answer.status, answer["X-Error-Code"]) == (404, "EntryNotFound")


def test_a_missing_revision_is_named(httpd):
    answer = httpd.get("/api/models/acme/tiny/tree/nope")
    assert (answer.status, answer["X-Error-Code"]) == (404, "RevisionNotFound")
    assert json.loads(answer.body) == {"error": "Invalid rev id: nope"}
    assert httpd.get(f"/api/models/acme/tiny/tree/{'9' * 40}")["X-Error-Code"] == (
        "RevisionNotFound")


def follow(httpd, target):
    pages = []
    while target:
        answer = httpd.get(target)
        pages.append(paths(answer))
        link = answer["Link"]
        target = None
        if link:
            assert link.startswith("<" + httpd.base) and link.endswith('>; rel="next"')
            target = link[1 + len(httpd.base):link.index(">")]
    return pages


@pytest.mark.parametrize("recursive", ["true", "false"])
def test_pages_follow_each_other_by_link(mount, start, recursive):
    files = {f"d{i % 3}/f{i:04}.bin": b"%d" % i for i in range(40)}
    files |= {f"top{i:03}": b"x" for i in range(30)}
    repo = mount.repo("acme/wide").commit_files("a" * 40, files).ref("main")
    httpd = start()
    target = f"/api/models/acme/wide/tree/main?recursive={recursive}&limit=7&x=%20"
    pages = follow(httpd, target)
    everything = [path for page in pages for path in page]
    assert len(everything) == len(set(everything)) == (73 if recursive == "true" else 33)
    assert all(len(page) == 7 for page in pages[:-1])
    # The branch moves between two pages: the listing stays with its commit.
    first = httpd.get(target)
    repo.path.joinpath("b" * 40).mkdir()
    repo.trees.joinpath("b" * 40).write_text("")
    repo.ref("main", "b" * 40)
    link = first["Link"]
    assert paths(httpd.get(link[1 + len(httpd.base):link.index(">")])) == pages[1]


def test_a_thousand_entries_are_a_page(mount, start):
    mount.repo("acme/wide").commit_files(
        "a" * 40, {f"f{i:05}": b"" for i in range(2500)}).ref("main")
    pages = follow(start(), "/api/models/acme/wide/tree/main?recursive=true&limit=5000")
    assert [len(page) for page in pages] == [1000, 1000, 500]


@pytest.mark.parametrize("cursor", ["x", "r" + SHA, "r" + SHA + "3", "d" + SHA + "5",
                                    "r" + "z" * 40 + "0", "r" + SHA + "99999999999999999999"])
def test_a_cursor_of_somebody_elses_is_refused(httpd, cursor):
    answer = httpd.get(f"{TREE}?recursive=true&cursor={cursor}")
    assert answer.status == 400


def test_a_tree_that_was_fetched_for_this_request_is_a_miss(repo, httpd):
    """user.hub.checked of the commit's directory, where the mount has it."""
    set_attribute(repo.path / SHA, "checked", in_(seconds=50))
    assert httpd.get(f"/api/models/acme/tiny/tree/{SHA}")["X-Cache"] == "MISS"
    assert httpd.get(f"/api/models/acme/tiny/tree/{SHA}")["X-Cache"] == "HIT"


def test_paths_info_takes_a_form_and_json(httpd):
    where = "/api/models/acme/tiny/paths-info/main"
    wanted = ["config.json", "nope", "sub dir", "sub dir/z #1.txt"]
    form = "&".join("paths=" + quote(path).replace("%20", "+") for path in wanted)
    answer = httpd.ask("POST", where, {"Content-Type": "application/x-www-form-urlencoded"},
                       form + "&expand=False")
    assert paths(answer) == ["config.json", "sub dir", "sub dir/z #1.txt"]
    answer = httpd.ask("POST", where, {"Content-Type": "application/json"},
                       json.dumps({"paths": wanted, "expand": False}))
    assert paths(answer) == ["config.json", "sub dir", "sub dir/z #1.txt"]
    assert answer["X-Cache"] == "HIT"


def test_paths_info_with_expand_answers_without_upstream(httpd):
    answer = httpd.ask("POST", "/api/models/acme/tiny/paths-info/main",
                       {"Content-Type": "application/json"},
                       '{"paths":["model.safetensors"],"expand":true}')
    assert paths(answer) == ["model.safetensors"] and b"xetHash" not in answer.body


def test_paths_info_has_limits(httpd):
    where = "/api/models/acme/tiny/paths-info/main"
    many = "&".join("paths=x" for _ in range(2001))
    assert httpd.ask("POST", where, body=many).status == 413
    assert httpd.ask("POST", where, body="x" * 5_000_000).status == 413
    assert httpd.ask("POST", where, {"Content-Type": "application/json"}, "[1]").status == 400
    assert paths(httpd.ask("POST", where, body="")) == []
