# SPDX-License-Identifier: Apache-2.0
# The control address: counting requests, changing repositories, going down; and the program
# itself: its one line, its flags, its end.
import hashlib
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from hub_asking import Asker, ask
from hub.client import PROGRAM, Hub, HubError

TINY = "/tinybert/resolve/main/config.json"


def test_the_log_counts_requests_and_bytes(hub, get):
    get(TINY, token="stranger", headers={"Range": "bytes=0-3", "User-Agent": "me/1"})
    get("/demo/big/resolve/main/blob-1m.bin")
    get.follow("/demo/big/resolve/main/blob-1m.bin")
    rows = hub.requests()
    assert [r["status"] for r in rows] == [206, 302, 302, 200]
    assert [r["seq"] for r in rows] == list(range(rows[0]["seq"], rows[0]["seq"] + 4))
    first = rows[0]
    assert (first["listener"], first["method"], first["target"]) == ("hub", "GET", TINY)
    assert (first["range"], first["bytes"], first["user_agent"]) == ("bytes=0-3", 4, "me/1")
    assert (first["authorization"], first["token"]) == (True, "stranger")
    assert hub.tokens()["stranger"] not in json.dumps(rows)
    assert rows[3]["listener"] == "cdn" and not rows[3]["authorization"]
    assert hub.content_bytes() == (1 << 20) + 4
    assert hub.stats()["hub"]["content_bytes"] == 4
    assert len(hub.requests(match="resolve.*blob-1m")) == 2
    assert len(hub.requests(listener="cdn", since=rows[1]["seq"])) == 1
    hub.clear()
    assert hub.requests() == [] and hub.content_bytes() == 0


def test_waiting_for_requests_does_not_poll(hub, get):
    get(TINY)
    assert len(hub.wait_requests(1, "tinybert", done=True)) == 1
    with pytest.raises(HubError):
        hub.wait_requests(2, "tinybert", timeout=0.05)


def test_connections_are_kept_alive(hub):
    parts = urlsplit(hub.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    for method, target in (("GET", TINY), ("HEAD", TINY), ("GET", "/api/models/demo/wide"),
                           ("POST", "/api/models/demo/small/paths-info/main"), ("GET", "/x")):
        connection.request(method, target, headers={"Accept-Encoding": "gzip"})
        connection.getresponse().read()
    connection.close()
    assert len({r["connection"] for r in hub.requests()}) == 1


def test_repositories_are_made_on_request(hub, get):
    hub.create_repo("gen/asked", [
        {"path": "w.bin", "size": 3_000_000, "seed": "s", "lfs": True},
        {"path": "small.bin", "base64": "AAEC", "lfs": False}, {"path": "a.txt", "text": "one\n"}])
    answer = get.follow("/gen/asked/resolve/main/w.bin")
    head = get("/gen/asked/resolve/main/w.bin", "HEAD")
    assert f'"{hashlib.sha256(answer.body).hexdigest()}"' == head.headers["x-linked-etag"]
    assert get.follow("/gen/asked/resolve/main/small.bin").body == b"\0\1\2"
    with pytest.raises(HubError):
        hub.create_repo("gen/asked")
    before = hub.repo("gen/asked")["sha"]
    after = hub.commit("gen/asked", [{"path": "a.txt", "text": "two\n"}], delete=["small.bin"])
    assert after != before
    assert get.follow("/gen/asked/resolve/main/a.txt").text == "two\n"
    assert get.follow(f"/gen/asked/resolve/{before}/a.txt").text == "one\n"
    assert get("/gen/asked/resolve/main/small.bin").status == 404
    hub.move_ref("gen/asked", "main", before)
    assert get.follow("/gen/asked/resolve/main/a.txt").text == "one\n"
    assert hub.move_ref("gen/asked", "v2", after, ref_kind="tag") == after
    assert get.follow("/gen/asked/resolve/v2/a.txt").text == "two\n"
    hub.move_ref("gen/asked", "v2", ref_kind="tag", delete=True)
    assert get("/gen/asked/resolve/v2/a.txt").status == 404
    hub.set_state("gen/asked", delete=True)
    assert get("/gen/asked/resolve/main/a.txt").status == 401


def test_the_state_of_a_repository_changes(hub, get):
    hub.create_repo("gen/moods", [{"path": "a.txt", "text": "x"}])
    target = "/gen/moods/resolve/main/a.txt"
    hub.set_state("gen/moods", gated="manual", members=["stranger"])
    assert get(target).status == 401 and get(target, token="stranger").status == 200
    hub.set_state("gen/moods", gated=False, private=True)
    assert get(target).status == 401 and get(target, token="stranger").status == 200
    hub.set_state("gen/moods", private=False, disabled=True)
    assert get(target).status == 403
    hub.set_state("gen/moods", disabled=False, rename="gen/renamed")
    assert get(target).headers["location"] == "/gen/renamed/resolve/main/a.txt"
    hub.set_state("gen/renamed", delete=True)


def test_down_refuses_or_hangs_up_and_comes_back(hub, get):
    hub.down()
    with pytest.raises(ConnectionRefusedError):
        get(TINY)
    hub.down(False)
    assert get(TINY).status == 200
    hub.down(how="close")
    with pytest.raises((http.client.BadStatusLine, ConnectionError)):
        get(TINY)
    hub.down(False)
    hub.down(listener="cdn")
    location = get("/demo/big/resolve/main/blob-1m.bin").headers["location"]
    with pytest.raises(ConnectionRefusedError):
        get(location)
    hub.down(False)
    assert get(location, "HEAD").status == 200


def test_the_control_address_tells_what_it_knows(hub):
    assert set(hub.tokens()) >= {"gated_owner", "granted", "pending", "stranger", "invalid"}
    assert all(t.startswith("hf_") for t in hub.tokens().values())
    for method, path in (("GET", "/nonsense"), ("GET", "/faults/77"), ("POST", "/settings")):
        with pytest.raises(HubError):
            hub.control(method, path, {"unknown": 1} if method == "POST" else None)


def test_the_program_says_ready_once_and_stops_with_zero(tmp_path):
    log = tmp_path / "log"
    for stop in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen([sys.executable, PROGRAM, "--log-file", str(log)],
                                   stdout=subprocess.PIPE, text=True)
        words = process.stdout.readline().split()
        assert words[0] == "ready" and [w.split("=")[0] for w in words[1:]] == [
            "hub", "cdn", "control"]
        ask(words[1].split("=", 1)[1] + TINY)
        ask(words[3].split("=", 1)[1] + "/requests/wait?count=1&done=true")
        process.send_signal(stop)
        assert process.communicate(timeout=10)[0] == "" and process.returncode == 0
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [r["target"] for r in rows] == [TINY, TINY]


def test_two_starts_give_the_same_ids():
    with Hub() as one, Hub() as two:
        assert one.repos() == two.repos()


def test_it_dies_with_its_parent():
    """The parent starts the emulator, tells where it listens, and is killed."""
    code = (f"import subprocess, sys; p = subprocess.Popen([sys.executable, {PROGRAM!r}, "
            "'--die-with-parent'], stdout=subprocess.PIPE, text=True);"
            "print(p.pid, p.stdout.readline(), end='', flush=True); sys.stdin.read()")
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    words = parent.stdout.readline().split()
    url = words[2].split("=", 1)[1]
    pidfd = os.pidfd_open(int(words[0]))
    parent.kill()
    parent.wait()
    assert select.select([pidfd], [], [], 10)[0], "the emulator outlived its parent"
    os.close(pidfd)
    parent.stdout.close()
    parent.stdin.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)


def test_only_loopback_is_bound():
    done = subprocess.run([sys.executable, PROGRAM, "--listen", "0.0.0.0:0"],
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2 and "loopback" in done.stderr


def test_flags_shape_addresses_and_lifetimes():
    with Hub(public_url="https://hub.example", cdn_host="cdn.localhost", signed_lifetime=60,
             rate=50_000_000) as hub:
        get = Asker(hub, hub.tokens())
        link = get("/api/models/demo/wide/tree/main?recursive=true").headers["link"]
        assert link.startswith("<https://hub.example/api/models/demo/wide/tree/main?")
        location = get("/demo/big/resolve/main/blob-1m.bin").headers["location"]
        parts = urlsplit(location)
        assert parts.hostname == "cdn.localhost"
        local = hub.cdn_url + location.split(parts.netloc, 1)[1]
        assert len(get(local).body) == 1 << 20
        hub.move_clock(61)
        assert get(local).status == 403
