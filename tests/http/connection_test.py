# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as bytes: keep-alive, pipelining, refusals, slow clients, broken bodies, the stop."""
import os
import socket
import threading

import pytest
from conftest import BIG, FILES, SHA
from program import read_all, read_response

CONFIG = "/acme/tiny/resolve/main/config.json"


def request(target=CONFIG, *extra, method="GET", version="HTTP/1.1", host="Host: h"):
    lines = [f"{method} {target} {version}", *([host] if host else []), *extra, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def test_a_connection_carries_many_requests(httpd):
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        for _ in range(5):
            sock.sendall(request())
            status, headers, body = read_response(stream)
            assert (status, body) == (200, FILES["config.json"])
            assert headers["connection"] == "keep-alive"


def test_pipelined_requests_are_answered_in_order(httpd):
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(request() + request("/acme/tiny/resolve/main/model.safetensors")
                     + request("/acme/tiny/resolve/main/nope", method="HEAD") + request("/healthz"))
        assert read_response(stream)[2] == FILES["config.json"]
        assert read_response(stream)[2] == BIG
        assert stream.readline().startswith(b"HTTP/1.1 404")
        while stream.readline().strip():
            pass
        assert read_response(stream)[2] == b"ok\n"


def test_a_head_may_come_in_single_bytes(httpd):
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        for byte in request():
            sock.sendall(bytes([byte]))
        assert read_response(stream)[0] == 200


def test_connection_close_and_http_1_0_end_the_connection(httpd):
    for text in (request(CONFIG, "Connection: close"), request(version="HTTP/1.0", host=None),
                 request(CONFIG, "Connection: keep-alive", version="HTTP/1.0")):
        answer = httpd.raw(text)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(FILES["config.json"])
        assert b"\r\nConnection: close\r\n" in answer


def test_the_absolute_form_is_understood(httpd):
    answer = httpd.raw(request("http://mirror.example" + CONFIG, "Connection: close"))
    assert answer.endswith(FILES["config.json"])


@pytest.mark.parametrize("text,status", [
    (request(host=None), 400),
    (request(CONFIG, "Host: other"), 400),
    (request(host="Host: "), 400),
    (request(CONFIG, "Content-Length: 3", "Transfer-Encoding: chunked"), 400),
    (request(CONFIG, "Content-Length: 3", "Content-Length: 3"), 400),
    (request(CONFIG, "Content-Length: +3"), 400),
    (request(CONFIG, "Content-Length: 3, 3"), 400),
    (request(CONFIG, "Content-Length:"), 400),
    (request(CONFIG, "Transfer-Encoding: gzip, chunked"), 501),
    (request(CONFIG, "Transfer-Encoding: chunked, chunked"), 400),
    (request(CONFIG, "Transfer-Encoding: chunked", version="HTTP/1.0"), 400),
    (request(CONFIG, "X: a", " folded"), 400),
    (request(CONFIG, "X : a"), 400),
    (request(CONFIG, "X: a\0b"), 400),
    (request(CONFIG, "X: a\rb"), 400),
    (request(CONFIG, "nonsense"), 400),
    (request("/a\tb"), 400),
    (request("relative"), 400),
    (request(version="HTTP/2.0"), 505),
    (request(method="G(T"), 400),
    (request("a.example:443", method="CONNECT"), 405),
    (b"GET / HTTP/1.1\nHost: h\n\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 400),
    (request("/" + "x" * 9000), 414),
    (request(CONFIG, *[f"X-{i}: y" for i in range(101)]), 431),
    (request(CONFIG, "X: " + "y" * 40000), 431),
])
def test_a_doubtful_head_is_refused_and_the_connection_closed(httpd, text, status):
    answer = httpd.raw(text + request())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    head = answer.split(b"\r\n\r\n")[0].lower()
    for field in (b"x-cache: miss", b"connection: close", b"access-control-allow-origin: *"):
        assert field in head


@pytest.mark.parametrize("chunks", [
    b"5\nabcde\r\n0\r\n\r\n", b"11111111111111111\r\n", b"x\r\n", b"5\r\nabcdeXX0\r\n\r\n",
    b"-1\r\n", b"0x5\r\nabcde\r\n",
])
def test_a_broken_chunked_body_is_refused(httpd, chunks):
    text = request("/api/models/acme/tiny/paths-info/main", "Transfer-Encoding: chunked",
                   method="POST")
    answer = httpd.raw(text + chunks)
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1 ") == 1


def test_a_chunked_body_is_read(httpd):
    text = request("/api/models/acme/tiny/paths-info/main", "Transfer-Encoding: chunked",
                   method="POST")
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(text + b"6;x=y\r\npaths=\r\nb\r\nconfig.json\r\n0\r\nTrailer: x\r\n\r\n"
                     + request())
        assert b'"path":"config.json"' in read_response(stream)[2]
        assert read_response(stream)[2] == FILES["config.json"]


def test_expect_100_continue_is_answered_before_the_body(httpd):
    text = request("/api/models/acme/tiny/paths-info/main", "Content-Length: 17",
                   "Expect: 100-continue", method="POST")
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(text)
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert stream.readline() == b"\r\n"
        sock.sendall(b"paths=config.json")
        assert read_response(stream)[0] == 200


def test_an_unread_body_ends_the_connection(httpd):
    answer = httpd.raw(request(CONFIG, "Content-Length: 5", method="PUT") + b"abcde" + request())
    assert answer.startswith(b"HTTP/1.1 405 ") and answer.count(b"HTTP/1.1 ") == 1


def test_a_body_on_a_get_is_not_taken_for_a_request(httpd):
    inner = request("/healthz")
    answer = httpd.raw(request(CONFIG, f"Content-Length: {len(inner)}") + inner)
    assert answer.count(b"HTTP/1.1 ") == 1 and answer.endswith(FILES["config.json"])


def test_a_slow_client_does_not_stop_the_others(mount, start):
    big = os.urandom(1 << 20) * 32
    mount.repo("acme/big").commit_files(SHA, {"big": big}, lfs={"big"}).ref("main")
    httpd = start()
    target = "/acme/big/resolve/main/big"
    slow = []
    for _ in range(40):                      # more than there are threads for held content
        sock = httpd.connect()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        sock.sendall(request(target))
        slow.append(sock)
    assert httpd.get("/healthz").status == 200
    assert httpd.get(target).body == big
    slow[0].settimeout(60)
    with slow[0].makefile("rb") as stream:   # and a slow one still gets every byte
        assert read_response(stream)[2] == big
    for sock in slow:
        sock.close()


def test_cold_bytes_stream_and_are_a_miss(mount, repo, start):
    repo.add_file(repo.file("model.safetensors"), BIG, True, verified=False)
    httpd = start()
    target = "/acme/tiny/resolve/main/model.safetensors"
    answer = httpd.get(target)
    assert (answer.body, answer["X-Cache"]) == (BIG, "MISS")
    repo.held("model.safetensors", 10, 19)
    answer = httpd.get(target, {"Range": "bytes=10-19"})
    assert (answer.status, answer.body, answer["X-Cache"]) == (206, BIG[10:20], "HIT")
    answer = httpd.get(target, {"Range": "bytes=10-20"})
    assert (answer.body, answer["X-Cache"]) == (BIG[10:21], "MISS")
    assert httpd.head(target)["X-Cache"] == "HIT"


def test_a_file_that_ends_early_is_cut_and_never_padded(mount, start):
    big = os.urandom(1 << 20) * 32
    repo = mount.repo("acme/big").commit_files(SHA, {"big": big}, verified=False)
    repo.ref("main")
    httpd = start()
    with httpd.connect() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        sock.sendall(request("/acme/big/resolve/main/big", "Connection: close"))
        first = sock.recv(1000)
        os.truncate(repo.file("big"), 1000)
        data = first + read_all(sock)
    head, body = data.split(b"\r\n\r\n", 1)
    assert b"Content-Length: 33554432" in head
    assert len(body) < len(big) and body == big[:len(body)]


def test_a_running_body_ends_when_its_repository_is_withdrawn(mount, start):
    big = bytes(64 << 20)
    repo = mount.repo("acme/big").commit_files(SHA, {"big": big}).ref("main")
    httpd = start()
    with httpd.connect() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        sock.sendall(request("/acme/big/resolve/main/big"))
        got = len(sock.recv(100))
        repo.state("private")
        mount.epoch(2)
        threading.Event().wait(0.3)          # the epoch may be 250 ms old
        got += len(read_all(sock))
    assert got < len(big)


def test_sigterm_lets_running_answers_end_and_exits_0(mount, start):
    big = os.urandom(1 << 20) * 16
    mount.repo("acme/big").commit_files(SHA, {"big": big}).ref("main")
    httpd = start()
    with httpd.connect() as sock, sock.makefile("rb") as stream, httpd.connect() as idle:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        sock.sendall(request("/acme/big/resolve/main/big"))
        stream.peek(1)
        process = httpd.process
        process.terminate()
        assert idle.recv(1) == b""           # idle connections end at once
        with pytest.raises(OSError):
            httpd.connect()
        assert read_response(stream)[2] == big
        assert process.wait(20) == 0
