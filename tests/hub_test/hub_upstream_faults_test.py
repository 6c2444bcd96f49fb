# SPDX-License-Identifier: Apache-2.0
# What an upstream does to a mirror: errors once and for ever, rate limits, addresses that
# expire, redirects abroad and in circles, and silence.
import json
import socket
import threading
from urllib.parse import urlsplit

import pytest

from hub_asking import ask
from hub.client import Hub

FILE = "/tinybert/resolve/main/config.json"
BLOB = "/demo/big/resolve/main/blob-1m.bin"
INFO = "/api/models/demo/small"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("target", [FILE, INFO, INFO + "/tree/main"])
def test_errors_once_and_always(status, target, hub, get):
    once = hub.fault("status", "", listener="hub", status=status, times=1)
    assert [get(target).status for _ in range(3)] == [status, 200, 200]
    assert hub.faults()[0]["struck"] == 1
    hub.remove_fault(once)
    hub.fault("status", "", listener="hub", status=status)
    assert [get(target, method).status for method in ("GET", "HEAD") * 3] == [status] * 6
    hub.remove_fault()
    assert get(target).status == 200


def test_the_cdn_fails_alone(hub, get):
    hub.fault("status", "", listener="cdn", status=503, times=2, retry_after=1)
    location = get(BLOB).headers["location"]
    answers = [get(location, "HEAD") for _ in range(3)]
    assert [a.status for a in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "1"


@pytest.mark.parametrize("target, bucket", [(INFO, "api"), (FILE, "resolvers"),
                                            ("/demo/small", "pages")])
def test_a_rate_limit_names_its_bucket_and_when_it_ends(target, bucket, hub, get):
    hub.fault("status", "", listener="hub", status=429, seconds=7, retry_after=9, times=1)
    answer = get(target)
    assert answer.status == 429 and answer.text.startswith("We had to rate limit")
    assert answer.headers["ratelimit"] == f'"{bucket}";r=0;t=7'
    assert answer.headers["ratelimit-policy"] == f'"fixed window";"{bucket}";q=500;w=300'
    assert answer.headers["retry-after"] == "9"
    assert get(target).status == 200
    hub.fault("status", "", status=429, headers={"RateLimit": None, "RateLimit-Policy": None})
    bare = get(target)
    assert bare.status == 429
    assert not {"ratelimit", "ratelimit-policy", "retry-after"} & set(bare.headers)


def test_an_address_expires_by_the_clock_and_by_command(hub, get):
    location = get(BLOB).headers["location"]
    assert get(location, headers={"Range": "bytes=0-9"}).status == 206
    hub.move_clock(3601)
    refused = get(location, headers={"Range": "bytes=10-19"})
    assert refused.status == 403 and refused.headers["content-type"] == "application/xml"
    fresh = get(BLOB).headers["location"]
    assert get(fresh, "HEAD").status == 200
    hub.fault("expired", "xet-bridge", listener="cdn", times=1)
    commanded = get(fresh)
    assert (commanded.status, commanded.body) == (403, refused.body)
    assert get(fresh, "HEAD").status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_foreign_host_shows_who_follows_with_the_token(status, hub, get):
    """The second emulator is the foreign host: its log shows what it was sent."""
    with Hub() as foreign:
        hub.fault("redirect", "tinybert", status=status, location=foreign.url + "{target}")
        answer = get(FILE + "?x=1", token="stranger")
        location = answer.headers["location"]
        assert (answer.status, location) == (status, f"{foreign.url}{FILE}?x=1")
        assert ask(location).status == 200
        assert [r["authorization"] for r in foreign.requests()] == [False]


def test_redirects_in_circles_and_without_end(hub, get):
    hub.fault("redirect", "tinybert", status=307, location="{target}")
    assert get(FILE + "?a=b").headers["location"] == FILE + "?a=b"
    hub.remove_fault()
    hub.fault("redirect", r"config\.json", location="/tinybert/resolve/main/README.md")
    hub.fault("redirect", r"README\.md", location=FILE)
    target, seen = FILE, []
    for _ in range(6):
        target = get(target).headers["location"]
        seen.append(target.rsplit("/", 1)[1])
    assert seen == ["README.md", "config.json"] * 3
    hub.remove_fault()
    hub.fault("redirect", "tinybert", location=hub.url + "{path}?hop={n}")
    target, seen = FILE, set()
    for _ in range(30):
        target = get(target).headers["location"]
        seen.add(target)
    assert len(seen) == 30 and target == f"{hub.url}{FILE}?hop=30"


def connect(url):
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), 20)


def send(sock, target=FILE, method="GET"):
    sock.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def test_a_black_hole_accepts_and_never_answers(hub, get):
    with connect(hub.url) as kept:
        send(kept, method="HEAD")
        assert kept.recv(1 << 16).startswith(b"HTTP/1.1 200")
        hub.down(how="blackhole", listener="hub")
        hub.clear()
        with connect(hub.url) as fresh:
            send(fresh)
            send(kept)
            rows = hub.wait_requests(2, "tinybert")
            assert [(r["status"], r["bytes"], r["done"]) for r in rows] == [(None, 0, False)] * 2
            for sock in (fresh, kept):
                sock.settimeout(0.1)
                with pytest.raises(TimeoutError):
                    sock.recv(1)
            hub.down(False)
            for sock in (fresh, kept):      # the wait was for nothing
                sock.settimeout(20)
                assert sock.recv(1) == b""
    assert get(FILE).status == 200
    assert all(r["aborted"] for r in hub.requests("tinybert")[:2])


def test_a_black_hole_swallows_an_answer_under_way(hub, get):
    location = get(BLOB).headers["location"]
    fault = hub.fault("hold", "xet-bridge", after_bytes=300_000)
    received = bytearray()
    with connect(location) as sock:
        send(sock, location.split(urlsplit(location).netloc, 1)[1])
        hub.wait_held(fault)
        hub.down(how="blackhole", listener="cdn")
        hub.release(fault)
        reader = threading.Thread(target=lambda: read_all(sock, received))
        reader.start()
        hub.down(False)
        reader.join(20)
        assert not reader.is_alive()
    assert 0 < len(received) < 302_000
    assert hub.wait_requests(1, "xet-bridge", done=True)[0]["aborted"]


def read_all(sock, received):
    try:
        while piece := sock.recv(1 << 16):
            received += piece
    except ConnectionResetError:
        pass


@pytest.mark.parametrize("first", ["refuse", "close", "blackhole"])
@pytest.mark.parametrize("second", ["refuse", "close", "blackhole"])
def test_one_way_of_being_down_follows_another(first, second, hub, get):
    for how in (first, second):
        hub.down(how=how, listener="hub")
        if how == "refuse":
            with pytest.raises(ConnectionRefusedError):
                connect(hub.url)
        else:
            with connect(hub.url) as sock:
                send(sock)
                sock.settimeout(0.1 if how == "blackhole" else 20)
                expected = TimeoutError if how == "blackhole" else None
                assert outcome(sock) is expected
    hub.down(False)
    assert get(FILE).status == 200 and json.loads(get(INFO).body)["id"] == "demo/small"


def outcome(sock):
    try:
        assert sock.recv(1) == b""
    except ConnectionResetError:
        return None
    except TimeoutError:
        return TimeoutError
    return None
