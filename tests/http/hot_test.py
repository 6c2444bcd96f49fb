# SPDX-License-Identifier: Apache-2.0
"""Hot small files: answers from memory stay true. Every loop ends by what it waits for; a hang is
ended by the sockets' deadlines."""
import time
from datetime import datetime, timezone

import pytest
from conftest import FILES, SHA
from fake_mount import in_
from program import read_response

CONFIG = "/acme/tiny/resolve/main/config.json"
OTHER = "c" * 40
WITHDRAWAL_SECONDS = 1.0  # docs/http.md: less than a second; the epoch is seen in 250 ms
ROUNDS = 300


def request(target=CONFIG, *extra, method="GET"):
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: h", *extra, "", ""]).encode()


class Hammer:
    """One keep-alive connection that asks the same again and again."""

    def __init__(self, httpd, text):
        self.sock = httpd.connect()
        self.stream = self.sock.makefile("rb")
        self.text = text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.sock.close()

    def ask(self):
        """(when it was asked, status, headers, body)"""
        asked = time.time()
        self.sock.sendall(self.text)
        return (asked, *read_response(self.stream))

    def until(self, wanted):
        """Asks until an answer is wanted(status, headers); the last time it was not, and it."""
        last = 0.0
        while True:
            asked, status, headers, body = self.ask()
            if wanted(status, headers):
                return last, (status, headers, body)
            last = asked


@pytest.mark.parametrize("target", [CONFIG, f"/acme/tiny/resolve/{SHA}/config.json",
                                    f"/api/resolve-cache/models/acme/tiny/{SHA}/config.json"])
def test_answers_from_memory_are_the_same_and_say_hit(httpd, target):
    with Hammer(httpd, request(target)) as client:
        _, status, first, body = client.ask()
        assert (status, body) == (200, FILES["config.json"])
        for _ in range(ROUNDS):
            _, status, headers, body = client.ask()
            assert (status, body, headers["x-cache"]) == (200, FILES["config.json"], "HIT")
            assert set(headers) == set(first) and headers["etag"] == first["etag"]


def test_requests_that_want_something_else_get_it(httpd):
    texts = [request(), request(CONFIG, "Range: bytes=2-5"),
             request(CONFIG, "Authorization: Bearer hf_x"),
             request(CONFIG, "If-None-Match: *"), request(CONFIG + "?download=true")]
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        for _ in range(ROUNDS):
            for text in texts:
                sock.sendall(text)
            answers = [read_response(stream) for _ in texts]
            assert [status for status, _, _ in answers] == [200, 206, 200, 304, 200]
            assert answers[1][2] == FILES["config.json"][2:6]
            assert "attachment" in answers[4][1]["content-disposition"]
            assert "attachment" not in answers[0][1]["content-disposition"]


def test_a_head_from_memory_has_the_length_and_no_body(httpd):
    with Hammer(httpd, request(method="HEAD")) as client:
        for _ in range(ROUNDS):
            client.sock.sendall(client.text)
            lines = []
            while line := client.stream.readline().strip():
                lines.append(line)
            assert lines[0] == b"HTTP/1.1 200 OK"
            assert f"Content-Length: {len(FILES['config.json'])}".encode() in lines


def test_dates_are_less_than_two_seconds_old(httpd):
    """The header counts whole seconds, and an answer is given for less than one."""
    with Hammer(httpd, request()) as client:
        end = time.time() + 2.5
        while time.time() < end:
            asked, _, headers, _ = client.ask()
            at = datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT")
            assert asked - at.replace(tzinfo=timezone.utc).timestamp() < 2


def test_a_branch_that_moved_is_followed_when_its_time_is_over(httpd, repo):
    repo.ref("main", expires=in_(seconds=2))
    expires = time.time() + 2
    with Hammer(httpd, request()) as client:
        client.until(lambda status, headers: headers["x-repo-commit"] == SHA)
        repo.commit_files(OTHER, {"config.json": b"new"})
        repo.ref("main", commit=OTHER)
        last, answer = client.until(lambda status, headers: headers["x-repo-commit"] == OTHER)
        assert last < expires
        assert answer[2] == b"new"


def test_a_withdrawn_repository_is_gone_for_a_client_that_never_stops_asking(httpd, repo, mount):
    with Hammer(httpd, request()) as client:
        for _ in range(ROUNDS):
            assert client.ask()[1] == 200
        repo.path.rename(mount.root / "withdrawn")
        mount.epoch(2)
        withdrawn = time.time()
        last, answer = client.until(lambda status, headers: status != 200)
        assert last < withdrawn + WITHDRAWAL_SECONDS
        assert (answer[0], answer[1]["x-error-code"]) == (401, "RepoNotFound")


def test_without_a_mount_nothing_is_answered_from_memory(httpd, mount):
    with Hammer(httpd, request()) as client:
        for _ in range(ROUNDS):
            assert client.ask()[1] == 200
        (mount.root / ".status").rename(mount.root / ".gone")
        gone = time.time()
        last, answer = client.until(lambda status, headers: status != 200)
        assert last < gone + WITHDRAWAL_SECONDS
        assert answer[0] == 503
