# SPDX-License-Identifier: Apache-2.0
# The CDN host: signed addresses and their end, its own ETag, ranges, files from before Xet.
import hashlib
import re

import pytest

from hub.content import GeneratedContent

BIG = "/demo/big/resolve/main/blob-8m.bin"


@pytest.fixture
def address(get):
    return get(BIG, "HEAD").headers["location"]


def test_the_bytes_are_those_promised(get, address):
    answer = get(address)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert f'"{hashlib.sha256(answer.body).hexdigest()}"' == \
        get(BIG, "HEAD").headers["x-linked-etag"]


def test_an_address_ends_after_its_lifetime(hub, get, address):
    hub.move_clock(3590)
    assert get(address, "HEAD").status == 200
    hub.move_clock(3610)
    refused = get(address)
    assert refused.status == 403 and b"<Error>" in refused.body
    assert get(get(BIG).headers["location"], "HEAD").status == 200


@pytest.mark.parametrize("spoil", [
    lambda a: a.split("?")[0],
    lambda a: re.sub(r"Expires=(\d+)", lambda m: f"Expires={int(m[1]) + 1}", a),
    lambda a: re.sub(r"Signature=.", "Signature=~", a),
    lambda a: a.replace("/xet-bridge-us/", "/xet-bridge-us/0")])
def test_a_changed_address_is_refused(spoil, get, address):
    assert get(spoil(address)).status == 403


@pytest.mark.parametrize("asked, start, stop", [
    ("bytes=0-0", 0, 1), ("bytes=1048570-1048580", 1048570, 1048581),
    ("bytes=-5", (8 << 20) - 5, 8 << 20), ("bytes=8388600-99999999", 8388600, 8 << 20)])
def test_ranges_are_slices(asked, start, stop, get, address):
    answer = get(address, headers={"Range": asked})
    whole = GeneratedContent("demo/big/blob-8m.bin", 8 << 20)
    assert answer.status == 206 and answer.body == whole.read(start, stop)
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{8 << 20}"


def test_a_range_beyond_the_end(get, address):
    answer = get(address, headers={"Range": "bytes=8388608-"})
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */8388608")


def test_conditions_use_the_etag_of_the_cdn(get, address):
    etag = get(address, "HEAD").headers["etag"]
    assert get(address, headers={"If-None-Match": etag}).status == 304
    ranged = {"Range": "bytes=0-9"}
    assert get(address, headers={**ranged, "If-Range": etag}).status == 206
    assert get(address, "HEAD", headers={**ranged, "If-Range": '"other"'}).status == 200


def test_files_from_before_xet(hub, get):
    first = get("/demo/legacy/resolve/main/old.bin")
    assert first.status == 302
    assert "x-xet-hash" not in first.headers and "link" not in first.headers
    assert first.headers["location"].startswith(hub.cdn_url + "/repos/")
    answer = get(first.headers["location"])
    assert f'"{hashlib.sha256(answer.body).hexdigest()}"' == first.headers["x-linked-etag"]
    assert answer.headers["etag"] != first.headers["x-linked-etag"]


def test_a_signed_address_needs_no_token_and_gets_none_of_the_gate(get):
    location = get("/gated-org/gated-model/resolve/main/model.safetensors",
                   token="granted").headers["location"]
    assert len(get(location).body) == 200_000


def test_the_disposition_of_the_address_is_echoed(get, address):
    assert get(address, "HEAD").headers["content-disposition"] == \
        "inline; filename*=UTF-8''blob-8m.bin; filename=\"blob-8m.bin\";"
