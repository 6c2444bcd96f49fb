# SPDX-License-Identifier: Apache-2.0
"""Clients, upstreams and mounts that behave badly: the others notice nothing. Bounds that depend on
the machine are constants here, and each figure is printed (pytest -s)."""
import concurrent.futures
import os
import pathlib
import resource
import selectors
import signal
import socket
import statistics
import threading
import time

import pytest
from conftest import FILES, SHA
from program import read_all, read_response
from tests.hub.client import Hub
from tests.support.mirror import Mirror

CONFIG = "/acme/tiny/resolve/main/config.json"
# Sanitizers keep shadow memory and freed memory, and are some times slower.
SANITIZED = 5 if "ASAN_OPTIONS" in os.environ else 1
IDLE = 10_000
IDLE_RSS_MIB = 200 * SANITIZED  # design: 10,000 idle connections
FILES_MAX = 12_000          # of this process and of the server, while they hold them
HELD = 2_000
HOT_FILES = 8
HOT_SECONDS = 4              # long enough for answers kept in memory to be renewed
# The promise is 10 ms; a machine that builds on both cores at the same time needs more.
HOT_P99_MS = float(os.environ.get("HFM_HOT_P99_MS", "10")) * SANITIZED
SLOW_BODY_MIB = 40 * SANITIZED  # growth while a client does not read what is passed through
HEAD_SECONDS = 20           # docs/http.md, "HTTP/1.1"
RECOVER_SECONDS = 30


def get(target=CONFIG, *extra):
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: h", *extra, "", ""]).encode()


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= FILES_MAX
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE,
                           (max(soft, FILES_MAX), hard if enough else FILES_MAX))
    except (ValueError, PermissionError):
        pytest.skip(f"RLIMIT_NOFILE cannot be raised to {FILES_MAX}")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_ten_thousand_idle_connections_are_cheap(many_files, httpd):
    before = rss_mib(httpd.process.pid)
    socks = []
    try:
        for _ in range(IDLE):
            sock = httpd.connect()
            sock.sendall(get())
            socks.append(sock)
        for sock in socks:
            with sock.makefile("rb") as stream:
                assert read_response(stream)[0] == 200
        after = rss_mib(httpd.process.pid)
        print(f"\n{IDLE} idle connections: {after:.0f} MiB resident, {before:.0f} before")
        assert after < IDLE_RSS_MIB
        assert httpd.get(CONFIG).status == 200
        for sock in socks[::1000]:                     # and they still work
            sock.sendall(get())
            with sock.makefile("rb") as stream:
                assert read_response(stream)[2] == FILES["config.json"]
    finally:
        for sock in socks:
            sock.close()


def test_slowloris_ends_and_nobody_else_waits(httpd):
    slow = [httpd.connect() for _ in range(300)]
    began = time.monotonic()
    for sock in slow:
        sock.sendall(get()[:30])
    assert httpd.get(CONFIG).status == 200
    ended = 0
    with selectors.DefaultSelector() as ready:
        for sock in slow:
            ready.register(sock, selectors.EVENT_READ)
        while ended < len(slow) and time.monotonic() - began < HEAD_SECONDS + 15:
            for key, _ in ready.select(timeout=1):
                assert key.fileobj.recv(100) == b""    # no answer: nobody listens
                ready.unregister(key.fileobj)
                ended += 1
            for sock in list(key.fileobj for key in ready.get_map().values()):
                try:
                    sock.sendall(b"x")                 # a byte now and then changes nothing
                except OSError:
                    pass
            assert httpd.get(CONFIG).status == 200
    assert ended == len(slow)
    assert time.monotonic() - began > HEAD_SECONDS - 2
    for sock in slow:
        sock.close()


def test_a_client_that_ends_its_half_still_gets_its_answer(httpd):
    with httpd.connect() as sock:
        sock.sendall(get(CONFIG))
        sock.shutdown(socket.SHUT_WR)
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(FILES["config.json"])
    with httpd.connect() as sock:                      # half a head, then nothing: no answer
        sock.sendall(get()[:20])
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b""
    with httpd.connect() as sock:                      # half a body
        sock.sendall(b"POST /api/models/acme/tiny/paths-info/main HTTP/1.1\r\nHost: h\r\n"
                     b"Content-Length: 50\r\n\r\npaths=")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock)[:13] in (b"", b"HTTP/1.1 400 ")
    assert httpd.get(CONFIG).status == 200


def test_a_body_over_its_limit_is_413_at_once(httpd):
    where = "/api/models/acme/tiny/paths-info/main"
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(f"POST {where} HTTP/1.1\r\nHost: h\r\nContent-Length: {5 << 20}\r\n\r\n"
                     .encode())
        assert read_response(stream)[0] == 413
    chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    with httpd.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(f"POST {where} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                     .encode() + chunk * 5)
        assert read_response(stream)[0] == 413
    assert httpd.get(CONFIG).status == 200


@pytest.fixture(scope="module")
def hub():
    with Hub() as running:
        yield running


@pytest.fixture
def through(hub, repo, start):
    hub.remove_fault()
    hub.clear()
    return start(upstream__url=hub.url, http__passthrough="true", upstream__deadline="20s",
                 upstream__content_hosts=f'["{hub.cdn_url.removeprefix("http://")}"]')


def bearer(hub, name):
    return "Authorization: Bearer " + hub.tokens()[name]


def private_file(hub, name, size):
    """A private repository of `granted` with one file of generated bytes."""
    hub.create_repo(name, [{"path": "big.bin", "size": size, "lfs": True, "seed": name}],
                    private=True, members=["granted-user"])
    return f"/{name}/resolve/main/big.bin"


def test_a_passed_through_body_waits_for_a_slow_client(hub, through):
    size = 256 << 20
    target = private_file(hub, "gen/slow-client", size)
    with through.connect() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        before = rss_mib(through.process.pid)
        sock.sendall(get(target, bearer(hub, "granted")))
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")
        sent = stalled(hub)
        after = rss_mib(through.process.pid)
        print(f"\nnot read: upstream sent {sent >> 20} MiB, {after - before:.0f} MiB more resident")
        assert sent < size // 4 and after - before < SLOW_BODY_MIB
        assert through.get(CONFIG).status == 200


def stalled(hub):
    """Bytes of content the Hub sent until it could send no more."""
    sent, same = -1, 0
    while same < 5:
        threading.Event().wait(0.2)
        now = hub.content_bytes()
        same = same + 1 if now == sent else 0
        sent = now
    return sent


def test_a_slow_upstream_slows_only_its_own_client(hub, through):
    target = private_file(hub, "gen/slow-upstream", 200_000)
    fault = hub.fault("slow", r"big\.bin|/xet-bridge", listener="cdn", bytes_per_second=50_000)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        name, value = bearer(hub, "granted").split(": ", 1)
        slow = pool.submit(through.get, target, {name: value})
        hub.wait_struck(fault)
        began = time.monotonic()
        for _ in range(50):
            assert through.get(CONFIG).status == 200
        quick = time.monotonic() - began
        assert not slow.done()
        assert len(slow.result().body) == 200_000
    hub.remove_fault(fault)
    assert quick < 3 * SANITIZED


def test_an_upload_waits_for_a_slow_upstream(repo, start):
    size, piece = 256 << 20, b"x" * (1 << 16)
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        httpd = start(http__passthrough="true", upstream__deadline="20s",
                      upstream__url=f"http://127.0.0.1:{upstream.getsockname()[1]}")
        before = rss_mib(httpd.process.pid)
        with httpd.connect() as sock, selectors.DefaultSelector() as ready:
            sock.sendall(f"POST /api/repos/create HTTP/1.1\r\nHost: h\r\nContent-Length: {size}"
                         "\r\n\r\n".encode())
            there, _ = upstream.accept()               # it reads nothing
            sock.setblocking(False)
            ready.register(sock, selectors.EVENT_WRITE)
            sent = 0
            while sent < size and ready.select(timeout=2):
                sent += sock.send(piece)
            after = rss_mib(httpd.process.pid)
            print(f"\nan upload stopped after {sent >> 20} MiB, {after - before:.0f} MiB more")
            assert sent < size // 4 and after - before < SLOW_BODY_MIB
            assert httpd.get(CONFIG).status == 200
            there.close()


@pytest.fixture
def node(hub, tmp_path):
    hub.remove_fault()
    content = [hub.cdn_url.removeprefix("http://")]
    with Mirror(tmp_path / "node", hub.url, content, {"upstream.deadline": "30s"},
                rsync=False) as running:
        yield running


class Client:
    """A keep-alive connection to a node."""

    def __init__(self, base, timeout=60):
        host, port = base.removeprefix("http://").rsplit(":", 1)
        self.sock = socket.create_connection((host, int(port)), timeout=timeout)
        self.stream = self.sock.makefile("rb")

    def get(self, target, *extra):
        self.sock.sendall(get(target, *extra))
        return read_response(self.stream)

    def close(self):
        self.stream.close()
        self.sock.close()


def test_two_thousand_held_clients_leave_a_hot_file_alone(many_files, hub, node):
    hub.create_repo("gen/held", [{"path": "cold.bin", "size": 1 << 20, "lfs": True, "seed": "h"},
                                 {"path": "old.txt", "text": "old"}])
    sha = hub.commit("gen/held", [{"path": f"hot{i}.txt", "text": "hot"}
                                  for i in range(HOT_FILES)])
    hot = Client(node.http)
    targets = [f"/gen/held/resolve/{revision}/hot{i}.txt"
               for i in range(HOT_FILES) for revision in (sha, "main")]
    for target in targets:
        assert hot.get(target)[2] == b"hot"
    fault = hub.fault("hold", "", listener="cdn")
    held = []
    try:
        for _ in range(HELD):
            client = Client(node.http)
            client.sock.sendall(get(f"/gen/held/resolve/{sha}/cold.bin"))
            held.append(client)
        hub.wait_held(fault)
        times = []
        end = time.monotonic() + HOT_SECONDS
        while time.monotonic() < end:
            for target in targets:
                began = time.perf_counter()
                assert hot.get(target)[0] == 200
                times.append((time.perf_counter() - began) * 1000)
        p99 = statistics.quantiles(times, n=100)[98]
        print(f"\n{HELD} held clients: a hot file in {statistics.median(times):.2f} ms, "
              f"p99 {p99:.2f} ms")
        hub.release(fault)
        answers = [read_response(client.stream)[0] for client in held]
        assert set(answers) <= {200, 503} and answers.count(200) > 0
        assert p99 < HOT_P99_MS
    finally:
        hub.remove_fault(fault)
        for client in [*held, hot]:
            client.close()


def test_a_mount_that_hangs_is_504_and_the_server_lives(hub, tmp_path):
    content = [hub.cdn_url.removeprefix("http://")]
    with Mirror(tmp_path / "node", hub.url, content, {"upstream.deadline": "1s"},
                rsync=False) as node:
        target = "/demo/small/resolve/main/README.md"
        assert Client(node.http).get(target)[0] == 200
        _, daemon = node.hubfs_pids()
        os.kill(daemon, signal.SIGSTOP)
        try:
            clients = [Client(node.http) for _ in range(20)]
            for client in clients:
                client.sock.sendall(get("/demo/wide/resolve/main/README.md"))
            here = Client(node.http)
            for _ in range(20):                        # what needs no mount is answered at once
                assert here.get("/")[0] == 200
                assert here.get("/api/agent-harnesses")[0] == 200
            for client in clients:
                status, headers, _ = read_response(client.stream)
                assert status in (503, 504) and headers["x-cache"] == "MISS"
                client.close()
        finally:
            os.kill(daemon, signal.SIGCONT)
        end = time.monotonic() + RECOVER_SECONDS
        while (status := Client(node.http).get(target)[0]) != 200 and time.monotonic() < end:
            assert status in (502, 503, 504)
            threading.Event().wait(0.2)
        assert status == 200


def test_hubfs_restarting_underneath_is_at_worst_a_503(hub, node):
    client = Client(node.http)
    target = "/demo/small/resolve/main/README.md"
    body = client.get(target)[2]
    for _ in range(2):
        node.kill_daemon()
        seen, end = set(), time.monotonic() + RECOVER_SECONDS
        good = 0
        while good < 20 and time.monotonic() < end:
            status, _, got = client.get(target)
            seen.add(status)
            assert status in (200, 502, 503, 504)
            assert status != 200 or got == body
            good = good + 1 if status == 200 else 0
        assert good == 20, seen
    client.close()
