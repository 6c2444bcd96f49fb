# SPDX-License-Identifier: Apache-2.0
"""Ranges and conditions on the wire (RFC 9110; the tables are tests/httpd/http/*_test.cpp)."""
import email
import hashlib

import pytest
from conftest import BIG, SHA

FILE = "/acme/tiny/resolve/main/model.safetensors"
ETAG = f'"{hashlib.sha256(BIG).hexdigest()}"'


@pytest.mark.parametrize("asked,first,end", [
    ("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=299990-", 299990, 300000),
    ("bytes=-5", 299995, 300000), ("bytes=-999999", 0, 300000), ("bytes=5-999999", 5, 300000),
    ("bytes=100000-300000", 100000, 300000), ("BYTES=1-2", 1, 3),
])
def test_one_range_is_206_without_multipart(httpd, asked, first, end):
    answer = httpd.get(FILE, {"Range": asked})
    assert (answer.status, answer.body) == (206, BIG[first:end])
    assert answer["Content-Range"] == f"bytes {first}-{end - 1}/{len(BIG)}"
    assert answer["Content-Length"] == str(end - first)
    assert (answer["ETag"], answer["X-Repo-Commit"]) == (ETAG, SHA)


@pytest.mark.parametrize("asked", ["bytes=300000-", "bytes=400000-400001", "bytes=-0"])
def test_an_unsatisfiable_range_is_416(httpd, asked):
    answer = httpd.get(FILE, {"Range": asked})
    assert answer.status == 416
    assert answer["Content-Range"] == "bytes */300000"
    assert answer["X-Cache"] == "HIT" and answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=2-1", "bytes=x-y", "bytes", "bytes=1-2,z"])
def test_a_range_that_is_none_is_ignored(httpd, asked):
    assert httpd.get(FILE, {"Range": asked}).status == 200


def test_head_has_no_ranges(httpd):
    answer = httpd.head(FILE, {"Range": "bytes=0-9"})
    assert answer.status == 200 and answer["Content-Length"] == "300000"
    assert answer["Content-Range"] is None


def test_several_ranges_are_multipart(httpd):
    answer = httpd.get(FILE, {"Range": "bytes=0-9, 1000-1009 ,-10"})
    assert answer.status == 206 and answer["Content-Range"] is None
    message = email.message_from_bytes(
        b"Content-Type: " + answer["Content-Type"].encode() + b"\r\n\r\n" + answer.body)
    parts = message.get_payload()
    assert [p["Content-Range"] for p in parts] == [
        "bytes 0-9/300000", "bytes 1000-1009/300000", "bytes 299990-299999/300000"]
    # The body is binary: cut it by its own boundary rather than trust a mail parser with it.
    boundary = answer["Content-Type"].split("boundary=")[1].encode()
    pieces = [piece.split(b"\r\n\r\n", 1)[1][:-2]
              for piece in answer.body.split(b"--" + boundary)[1:-1]]
    assert pieces == [BIG[0:10], BIG[1000:1010], BIG[-10:]]


def test_overlapping_ranges_become_one(httpd):
    answer = httpd.get(FILE, {"Range": "bytes=0-99,50-149,160-199"})
    assert answer["Content-Range"] == "bytes 0-199/300000"


def test_too_many_ranges_are_ignored(httpd):
    many = "bytes=" + ",".join(f"{i * 1000}-{i * 1000}" for i in range(201))
    assert httpd.get(FILE, {"Range": many}).status == 200


def test_an_empty_file_answers_the_probe_of_huggingface_js(httpd):
    answer = httpd.get("/acme/tiny/resolve/main/empty.txt", {"Range": "bytes=0-0"})
    assert (answer.status, answer.body) == (200, b"")
    assert answer["Content-Range"] == "bytes */0" and answer["Content-Length"] == "0"
    assert httpd.get("/acme/tiny/resolve/main/empty.txt", {"Range": "bytes=1-"}).status == 416


@pytest.mark.parametrize("headers,status", [
    ({"If-None-Match": ETAG}, 304), ({"If-None-Match": "W/" + ETAG}, 304),
    ({"If-None-Match": "*"}, 304), ({"If-None-Match": '"a", ' + ETAG}, 304),
    ({"If-None-Match": '"a"'}, 200), ({"If-Match": ETAG}, 200), ({"If-Match": '"a"'}, 412),
    ({"If-Match": "W/" + ETAG}, 412),
    ({"If-Match": '"a"', "If-None-Match": ETAG}, 412),
    ({"If-Range": ETAG, "Range": "bytes=0-1"}, 206),
    ({"If-Range": '"a"', "Range": "bytes=0-1"}, 200),
    ({"If-Range": "W/" + ETAG, "Range": "bytes=0-1"}, 200),
    ({"If-None-Match": ETAG, "Range": "bytes=0-1"}, 304),
])
def test_conditions_in_the_order_of_rfc_9110(httpd, headers, status):
    answer = httpd.get(FILE, headers)
    assert answer.status == status
    assert answer["ETag"] == ETAG and answer["X-Repo-Commit"] == SHA
    if status == 304:
        assert answer.body == b""


def test_304_also_for_head(httpd):
    assert httpd.head(FILE, {"If-None-Match": ETAG}).status == 304
