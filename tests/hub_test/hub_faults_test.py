# SPDX-License-Identifier: Apache-2.0
# Each kind of fault as a client sees it on a raw socket.
import http.client
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from hub_asking import ask
from hub.client import HubError
from hub.content import GeneratedContent

TINY = "/tinybert/resolve/main/config.json"
BLOB = GeneratedContent("demo/big/blob-1m.bin", 1 << 20)


@pytest.fixture
def blob(get):
    """A signed address of one mebibyte."""
    return get("/demo/big/resolve/main/blob-1m.bin", "HEAD").headers["location"]


def read_raw(url, method="GET"):
    """(head, body, how the connection ended) without any client library's opinion."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), 20) as sock:
        target = url.split(parts.netloc, 1)[1]
        sock.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                     .encode())
        data, end = b"", "closed"
        try:
            while piece := sock.recv(1 << 16):
                data += piece
        except ConnectionResetError:
            end = "reset"
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode(), body, end


def test_cut_ends_in_the_middle_of_the_body(hub, blob):
    fault = hub.fault("cut", "xet-bridge", listener="cdn", after_bytes=100_000)
    head, body, end = read_raw(blob)
    assert "Content-Length: 1048576" in head and end == "closed"
    assert body == BLOB.read(0, 100_000)
    row = hub.wait_requests(1, "xet-bridge", done=True)[0]
    assert (row["bytes"], row["aborted"], row["faults"]) == (100_000, True, [fault])


def test_reset_before_and_within_an_answer(hub, blob):
    hub.fault("reset", "xet-bridge", times=1)
    assert read_raw(blob) == ("", b"", "reset")
    hub.fault("reset", "xet-bridge", after_bytes=5000, times=1)
    _, body, end = read_raw(blob)
    assert end == "reset" and len(body) <= 5000
    assert read_raw(blob)[1:] == (BLOB.read(), "closed")


def test_wrong_bytes_keep_the_length(hub, blob):
    hub.fault("wrong_bytes", "xet-bridge", after_bytes=700_000, length=3)
    _, body, _ = read_raw(blob)
    true = BLOB.read()
    differing = [n for n in range(len(true)) if body[n] != true[n]]
    assert len(body) == len(true) and differing == [700_000, 700_001, 700_002]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_statuses_and_their_headers(status, hub, get):
    hub.fault("status", "tinybert", status=status, headers={"Retry-After": "7"}, times=2)
    for _ in range(2):
        answer = get(TINY)
        assert (answer.status, answer.headers["retry-after"]) == (status, "7")
    assert get(TINY).status == 200


def test_429_speaks_as_the_hub_does(hub, get):
    hub.fault("status", "/api/", status=429)
    answer = get("/api/models/demo/small")
    assert answer.status == 429 and answer.text.startswith("We had to rate limit your IP")
    assert answer.headers["ratelimit"] == '"api";r=0;t=55'
    assert answer.headers["ratelimit-policy"] == '"fixed window";"api";q=500;w=300'


@pytest.mark.parametrize("kind, delta", [("wrong_length_short", -10), ("wrong_length_long", 10)])
def test_wrong_lengths_are_consistent_answers_of_the_wrong_size(kind, delta, hub, blob):
    hub.fault(kind, "xet-bridge", length=10)
    answer = ask(blob)
    assert int(answer.headers["content-length"]) == len(answer.body) == (1 << 20) + delta
    assert ask(blob, "HEAD").headers["content-length"] == str((1 << 20) + delta)


def test_slow_limits_the_rate(hub, blob):
    hub.fault("slow", "xet-bridge", bytes_per_second=2_000_000)
    before = time.monotonic()
    assert read_raw(blob)[1] == BLOB.read()
    assert time.monotonic() - before > 0.4


def test_redirect_and_delay(hub, get):
    hub.fault("redirect", "tinybert", status=308, location="https://example.org/x", times=1)
    answer = get(TINY)
    assert (answer.status, answer.headers["location"]) == (308, "https://example.org/x")
    hub.fault("delay", "tinybert", seconds=0.2)
    before = time.monotonic()
    assert get(TINY).status == 200 and time.monotonic() - before >= 0.2


def test_headers_can_be_changed_and_taken_away(hub, get):
    hub.fault("headers", "tinybert", headers={"X-Repo-Commit": None, "ETag": '"other"'})
    answer = get(TINY)
    assert "x-repo-commit" not in answer.headers and answer.headers["etag"] == '"other"'


def test_ranges_can_be_ignored(hub, get):
    hub.fault("no_range", "tinybert")
    answer = get(TINY, headers={"Range": "bytes=0-0"})
    assert answer.status == 200 and "content-range" not in answer.headers


class Background:
    """A request on a thread of its own."""

    def __init__(self, url):
        self.answer = None
        self._thread = threading.Thread(target=self._run, args=(url,))
        self._thread.start()

    def _run(self, url):
        try:
            self.answer = ask(url)
        except (OSError, http.client.HTTPException) as error:
            self.answer = error

    def join(self):
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.answer


def test_hold_keeps_answers_until_released(hub):
    fault = hub.fault("hold", "tinybert")
    waiting = [Background(hub.url + TINY) for _ in range(3)]
    assert hub.wait_held(fault, 3)["struck"] == 3
    assert all(row["status"] is None for row in hub.requests("tinybert"))
    hub.release(fault, count=1)
    hub.wait_requests(1, "tinybert", done=True)
    assert hub.faults()[0]["held"] == 2
    hub.release(fault)
    assert [w.join().status for w in waiting] == [200, 200, 200]
    assert ask(hub.url + TINY).status == 200


def test_hold_in_the_middle_of_a_body(hub, blob):
    fault = hub.fault("hold", "xet-bridge", after_bytes=300_000)
    waiting = Background(blob)
    hub.wait_held(fault)
    assert hub.requests("xet-bridge")[0]["bytes"] == 300_000
    hub.remove_fault(fault)
    assert waiting.join().body == BLOB.read()


def test_a_client_that_leaves_is_no_longer_held(hub):
    fault = hub.fault("hold", "tinybert")
    parts = urlsplit(hub.url)
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        sock.sendall(f"GET {TINY} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        hub.wait_held(fault)
    row = hub.wait_requests(1, "tinybert", done=True)[0]
    assert row["aborted"] and hub.faults()[0]["held"] == 0


def test_waiting_for_what_does_not_come_is_an_error(hub):
    fault = hub.fault("hold", "tinybert")
    with pytest.raises(HubError):
        hub.wait_held(fault, 1, timeout=0.05)


def test_a_fault_strikes_only_what_it_names(hub, get):
    hub.fault("status", "tinybert", method="HEAD", listener="hub", status=500)
    assert get(TINY).status == 200 and get(TINY, "HEAD").status == 500
    assert get("/demo/small/resolve/main/empty.txt", "HEAD").status == 200
    hub.remove_fault()
    hub.fault("status", "tinybert", skip=1, times=1, status=502)
    assert [get(TINY).status for _ in range(3)] == [200, 502, 200]
    assert [f["struck"] for f in hub.faults()] == [1]


def test_nonsense_is_refused(hub):
    for rule in ({"kind": "nonsense"}, {"kind": "cut", "afterbytes": 1}):
        with pytest.raises(HubError):
            hub.control("POST", "/faults", rule)
