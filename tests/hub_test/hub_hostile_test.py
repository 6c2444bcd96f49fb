# SPDX-License-Identifier: Apache-2.0
# Answers no honest Hub gives, switched on per repository: that they are sent as described, stay
# within the repository, and cost the emulator nothing.
import gzip
import http.client
import json
import zlib
from urllib.parse import urlsplit

import pytest

from hub import hostile, hostile_entries
from hub.client import HubError
from hub.headers import weak_etag
from hub_asking import ask

REPO = "demo/small"
TREE = f"/api/models/{REPO}/tree/main"
INFO = f"/api/models/{REPO}"


def paths(answer):
    return [e["path"] for e in json.loads(answer.body) if isinstance(e, dict) and "path" in e]


@pytest.mark.parametrize("kind, expected", [
    ("traversal", ["../x", "..", "a/../../x", "."]), ("absolute", ["/etc/passwd", "", "a//b"]),
    ("nul", ["nul\0byte.txt"]), ("control_characters", ["new\nline"]),
    ("not_utf8", ["lone\ud800.txt"]), ("long_names", ["n" * 256, "p" * 1_000_000]),
    ("deep_path", ["d/" * 5000 + "f.txt"]), ("file_and_directory", ["both", "both/inner.txt"]),
    ("duplicate_paths", ["twice.txt"]), ("wrong_types", ["good-after-bad.txt"])])
def test_hostile_names_follow_the_honest_ones(kind, expected, hub, get):
    honest = paths(get(TREE))
    hub.hostile(REPO, kind)
    answer = get(TREE)
    found = paths(answer)
    assert found[:len(honest)] == honest and set(expected) <= set(map(str, found[len(honest):]))
    assert answer.headers["etag"] == weak_etag(answer.body)
    info = json.loads(get(INFO).body)
    names = [s.get("rfilename") for s in info["siblings"] if isinstance(s, dict)]
    assert set(expected) <= set(filter(lambda n: isinstance(n, str), names))
    branches = json.loads(get(INFO + "/refs").body)["branches"]
    assert branches[0]["name"] == "main" and len(branches) > 3
    asked = get(INFO + "/paths-info/main", "POST", body="paths=config.json")
    assert paths(asked)[0] == "config.json" and len(paths(asked)) > 1
    hub.hostile(REPO, None)
    assert paths(get(TREE)) == honest and len(get(INFO).body) < 5000


def test_every_kind_of_entry_is_valid_json_of_its_sort(hub, get):
    kinds = hub.control("GET", "/hostile")["entries"]
    assert kinds == sorted(hostile_entries.NAMED)
    for kind in kinds:
        hub.hostile(REPO, kind)
        for target in (TREE, INFO, INFO + "/revision/main", INFO + "/refs"):
            json.loads(get(target).body)


def test_keys_and_paths_are_there_twice(hub, get):
    hub.hostile(REPO, "duplicate_keys")
    text = get(TREE).text
    assert '{"path":"first.txt","size":1,"type":"file"' in text and '"path":"last.txt"' in text
    assert '{"rfilename":"first.txt","size":1,"rfilename":"last.txt"' in get(INFO).text
    hub.hostile(REPO, "duplicate_paths")
    assert paths(get(TREE)).count("twice.txt") == 2


def test_sizes_are_negative_huge_broken_or_no_numbers(hub, get):
    hub.hostile(REPO, "sizes")
    text = get(TREE).text
    for raw in ("-1", "18446744073709551616", "1.5", "1e400", '"12"', "null", "1" + "0" * 400):
        assert f'"size":{raw},' in text
    assert '"pointerSize":130}' in text


def test_ids_that_would_leave_a_cache(hub, get):
    hub.hostile(REPO, "object_ids", where=["tree"])
    found = json.loads(get(TREE).body)
    assert "../../etc/passwd" in [e["oid"] for e in found]
    assert "../../x" in [e["lfs"]["oid"] for e in found if isinstance(e.get("lfs"), dict)]
    assert "passwd" not in get(INFO).text


def test_only_the_repository_named_is_spoiled_and_gates_stay(hub, get):
    hub.hostile("gated-org/gated-model", "traversal")
    assert "../x" not in get(TREE).text
    masked = get("/api/models/gated-org/gated-model/tree/main").text
    assert '"../x"' in masked and "*" * 64 in masked
    assert get("/gated-org/gated-model/resolve/main/config.json").status == 401
    assert get("/api/models/gated-org/gated-model/tree/absent").status == 404
    hub.hostile("private-org/private-model", "bomb")
    assert get("/api/models/private-org/private-model").status == 401


def test_later_pages_are_honest(hub, get):
    hub.hostile("demo/wide", "traversal")
    first = get("/api/models/demo/wide/tree/main/files")
    assert "../x" in paths(first)
    link = first.headers["link"]
    assert "../x" not in paths(get(link[1:link.index(">")]))


@pytest.mark.parametrize("kind, start, whole", [
    ("deep_json", "[[[[", False), ("deep_objects", '{"a":{"a"', False),
    ("not_json", "<html>", False), ("truncated", "[{", False), ("trailing", "[{", False),
    ("empty_body", "", False), ("other_type", '{"error"', True), ("scalar", "null", True)])
def test_bodies_that_are_not_what_was_asked(kind, start, whole, hub, get):
    hub.hostile(REPO, kind)
    answer = get(TREE)
    assert answer.status == 200 and answer.text.startswith(start)
    if kind.startswith("deep_"):
        assert answer.body.count(b"[" if kind == "deep_json" else b"{") == hostile.DEPTH
    elif whole:
        assert not isinstance(json.loads(answer.body), list)
    else:
        with pytest.raises(ValueError):
            json.loads(answer.body)


def test_bytes_that_are_no_text(hub, get):
    hub.hostile(REPO, "raw_bytes")
    with pytest.raises(UnicodeDecodeError):
        get(TREE).body.decode()
    hub.hostile(REPO, "byte_order_mark")
    assert get(TREE).body.startswith(b"\xef\xbb\xbf[")
    hub.hostile(REPO, "nan")
    assert b"NaN" in get(TREE).body


def test_links_without_end_in_circles_and_abroad(hub, get):
    hub.hostile(REPO, "endless_pages", count=3)
    target, seen = TREE, set()
    for _ in range(20):
        answer = get(target)
        assert len(json.loads(answer.body)) == 3
        seen |= set(paths(answer))
        target = answer.headers["link"].split(">")[0][1:]
    assert len(seen) == 60
    hub.hostile(REPO, "link_loop")
    assert get(TREE).headers["link"] == f'<{hub.url}{TREE}>; rel="next"'
    hub.hostile(REPO, "link_foreign", location="http://127.0.0.9:1/api/steal")
    assert get(TREE).headers["link"] == '<http://127.0.0.9:1/api/steal>; rel="next"'
    hub.hostile(REPO, "link_garbage")
    assert "rel=next" in get(TREE).headers["link"] and "link" not in get(INFO).headers


def peak_kilobytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


class Streamed:
    """An answer read in pieces, as it comes."""

    def __init__(self, url, headers=None):
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        self._connection.request("GET", url.split(parts.netloc, 1)[1], headers=headers or {})
        self.response = self._connection.getresponse()

    def pieces(self):
        while piece := self.response.read1(1 << 20):
            yield piece

    def close(self):
        self._connection.close()
        self.response.close()


def test_a_million_entries_are_made_as_they_are_sent(hub):
    hub.hostile(REPO, "million")
    before = peak_kilobytes(hub.pid)
    count, size = 0, 0
    for piece in Streamed(hub.url + TREE, {"Accept-Encoding": "gzip"}).pieces():
        count += piece.count(b'{')
        size += len(piece)
    assert count == 1_000_000 and size > 100_000_000
    assert peak_kilobytes(hub.pid) - before < 32 << 10
    hub.hostile(REPO, "million", count=2500)
    found = json.loads(ask(hub.url + TREE).body)
    assert len({e["path"] for e in found}) == 2500
    assert len(json.loads(ask(hub.url + INFO).body)["siblings"]) == 2500


def test_a_gibibyte_of_zeros_in_a_mebibyte(hub):
    hub.hostile(REPO, "bomb")
    before = peak_kilobytes(hub.pid)
    answer = Streamed(hub.url + TREE)
    assert answer.response.getheader("content-encoding") == "gzip"
    unpacker, wire, size = zlib.decompressobj(zlib.MAX_WBITS | 16), 0, 0
    for piece in answer.pieces():
        wire += len(piece)
        size += len(unpacker.decompress(piece))
    assert unpacker.eof and size == 1 << 30 and wire < 2 << 20
    assert peak_kilobytes(hub.pid) - before < 32 << 10


@pytest.mark.parametrize("size", [0, 1, hostile.BLOCK - 1, hostile.BLOCK, 3 * hostile.BLOCK + 7])
def test_a_bomb_is_a_true_gzip_file(size):
    assert gzip.decompress(b"".join(hostile.bomb(size, b" "))) == b" " * size


def test_a_client_that_leaves_ends_the_stream(hub):
    hub.hostile(REPO, "million", count=10**9)
    answer = Streamed(hub.url + TREE)
    assert len(answer.response.read(1000)) == 1000
    answer.close()
    row = hub.wait_requests(1, "tree/main", done=True)[0]
    assert row["aborted"]


def test_a_bomb_can_strike_any_address(hub, get):
    hub.fault("gzip_bomb", "config.json", size=5 << 20, times=1)
    answer = get(f"/{REPO}/resolve/main/config.json")
    assert answer.status == 200 and gzip.decompress(answer.body) == bytes(5 << 20)
    assert get.follow(f"/{REPO}/resolve/main/config.json").status == 200


def test_nonsense_is_refused(hub):
    for rule in ({"hostile": "nonsense"}, {"hostile": "nul", "where": ["nowhere"]},
                 {"hostile": "nul", "unknown": 1}, {"hostile": "link_foreign"}):
        with pytest.raises(HubError):
            hub.hostile(REPO, **rule)
    with pytest.raises(HubError):
        hub.hostile("no/such", "nul")
    assert hub.repo(REPO)["hostile"] is None
