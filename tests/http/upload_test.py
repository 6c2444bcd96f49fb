# SPDX-License-Identifier: Apache-2.0
"""Uploads through the mirror: upstream's refusal comes before the body is through, and nobody is
told to send a body that upstream did not ask for."""
import select
import threading

import pytest
from program import read_all
from proxy_test import certificate, serve, tls  # noqa: F401 - fixtures

SIZE = 1_000_000
REFUSED = (b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n"
           b"Connection: close\r\n\r\nbig")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
QUIET_SECONDS = 0.3     # far below the second that a silent upstream is given


def put(more=b"", size=SIZE):
    return (b"PUT /api/models/acme/new/upload HTTP/1.1\r\nHost: m\r\nContent-Length: %d\r\n" % size
            + more + b"\r\n")


def refuse(_, sock):
    """Says no, and reads nothing until the other side goes."""
    sock.sendall(REFUSED)
    while sock.recv(65536):
        pass


@pytest.fixture
def through(repo, start, serve):  # noqa: F811
    def begin(function):
        server = serve(function)
        httpd = start(http__passthrough="true", upstream__url=f"http://127.0.0.1:{server.port}",
                      upstream__deadline="10s")
        return httpd, server
    return begin


@pytest.mark.parametrize("sent", [0, 1000])
def test_a_client_that_pauses_gets_the_refusal_at_once(through, sent):
    httpd, _ = through(refuse)
    with httpd.connect() as sock:
        sock.sendall(put() + bytes(sent))
        got = read_all(sock)
    assert got.startswith(b"HTTP/1.1 413 ") and got.endswith(b"\r\n\r\nbig")
    assert b"Connection: close\r\n" in got


def test_a_refusal_comes_at_once_through_tls_as_well(repo, start, serve, certificate):  # noqa: F811
    server = serve(refuse, tls(certificate))
    httpd = start(http__passthrough="true", upstream__url=f"https://localhost:{server.port}",
                  upstream__ca_file=str(certificate / "cert.pem"))
    with httpd.connect() as sock:
        sock.sendall(put() + bytes(1000))
        got = read_all(sock)
    assert got.startswith(b"HTTP/1.1 413 ") and got.endswith(b"\r\n\r\nbig")


def test_an_upload_that_upstream_never_reads_is_let_go_with_its_answer(through):
    """The mirror's write is stuck when the answer comes, and must not keep the connection."""
    gone = threading.Event()
    full = threading.Event()

    def stuck(_, sock):
        assert full.wait(20)
        sock.sendall(REFUSED)
        while sock.recv(65536):
            pass
        gone.set()

    httpd, _ = through(stuck)
    with httpd.connect() as sock:
        sock.sendall(put(size=1 << 30))
        while select.select([], [sock], [], QUIET_SECONDS)[1]:
            sock.send(bytes(65536))
        full.set()
        assert sock.recv(12) == b"HTTP/1.1 413"
    assert gone.wait(20)


def test_a_client_that_goes_on_sending_can_read_the_refusal(through):
    httpd, _ = through(refuse)
    with httpd.connect() as sock:
        sock.sendall(put())
        assert sock.recv(12) == b"HTTP/1.1 413"     # first the answer, then the body
        sock.sendall(bytes(SIZE))
        assert read_all(sock).endswith(b"big")


def test_a_chunked_body_is_given_up_as_well(through):
    httpd, _ = through(refuse)
    with httpd.connect() as sock:
        sock.sendall(b"POST /api/repos/create HTTP/1.1\r\nHost: m\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        assert read_all(sock).startswith(b"HTTP/1.1 413 ")


def taken(head, sock, size=SIZE):
    """The body of a request whose head this is."""
    body = head.partition(b"\r\n\r\n")[2]
    while len(body) < size:
        piece = sock.recv(65536)
        assert piece
        body += piece
    return body


def test_an_answer_that_is_no_refusal_still_gets_the_whole_body(through):
    def echo(head, sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
        sock.sendall(b"%d" % len(taken(head, sock)))

    httpd, _ = through(echo)
    got = httpd.ask("PUT", "/api/models/acme/new/upload", {}, bytes(SIZE))
    assert (got.status, got.body) == (200, b"%d" % SIZE)


def test_a_refusal_instead_of_100_is_all_that_the_client_hears(through):
    httpd, server = through(refuse)
    with httpd.connect() as sock:
        sock.sendall(put(b"Expect: 100-continue\r\n"))
        got = read_all(sock)
    assert got.startswith(b"HTTP/1.1 413 ") and b"100 Continue" not in got
    assert b"Expect: 100-continue\r\n" in server.heads[0]


def test_our_100_follows_upstreams(through):
    word = threading.Event()

    def agree(head, sock):
        assert word.wait(20)
        sock.sendall(CONTINUE)
        size = len(taken(head, sock, 4))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % size)

    httpd, _ = through(agree)
    with httpd.connect() as sock:
        sock.sendall(put(b"Expect: 100-continue\r\nConnection: close\r\n", 4))
        assert not select.select([sock], [], [], QUIET_SECONDS)[0]
        word.set()
        assert sock.recv(len(CONTINUE)) == CONTINUE
        sock.sendall(b"body")
        got = read_all(sock)
    assert got.startswith(b"HTTP/1.1 200 ") and got.endswith(b"\r\n\r\n4")


def test_a_silent_upstream_gets_the_body_after_a_moment(through):
    def silent(head, sock):
        size = len(taken(head, sock, 4))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % size)

    httpd, _ = through(silent)
    with httpd.connect() as sock:
        sock.sendall(put(b"Expect: 100-continue\r\nConnection: close\r\n", 4))
        assert sock.recv(len(CONTINUE)) == CONTINUE
        sock.sendall(b"body")
        assert read_all(sock).endswith(b"\r\n\r\n4")


def test_a_client_that_breaks_off_ends_the_question_to_upstream(through):
    ended = threading.Event()

    def listen(_, sock):
        while sock.recv(65536):
            pass
        ended.set()

    httpd, _ = through(listen)
    with httpd.connect() as sock:
        sock.sendall(put() + bytes(1000))
    assert ended.wait(20)
