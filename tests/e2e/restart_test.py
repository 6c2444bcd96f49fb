# SPDX-License-Identifier: Apache-2.0
"""Restarts, crashes, an upstream that is gone: what was cached stays served, nothing is wrong."""

import os
import signal
import subprocess
import threading
import urllib.request

import mirror as mirror_module
from conftest import make_mirror, sha256_of


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read(), answer.headers


def test_everything_cached_is_served_with_upstream_off(hub, fresh, repo):
    """P32: Stop, switch the upstream off, start: the same bytes, listings and answers."""
    name, sha = repo([("a.bin", 3 << 20), ("b.txt", 100)])
    paths = [fresh.path("models", name, sha, file) for file in ("a.bin", "b.txt")]
    sums = [sha256_of(path) for path in paths]
    tree_url = f"/api/models/{name}/tree/main"
    info_url = f"/api/models/{name}/revision/main"
    before = [fetch(fresh.http + url)[0] for url in (tree_url, info_url)]
    fresh.stop()
    hub.down(True)
    try:
        fresh.start()
        assert [sha256_of(path) for path in paths] == sums
        assert os.readlink(fresh.path("models", name, "main")) == sha
        assert [fetch(fresh.http + url)[0] for url in (tree_url, info_url)] == before
        body, headers = fetch(f"{fresh.http}/{name}/resolve/main/a.bin")
        assert len(body) == 3 << 20 and headers["X-Cache"] == "HIT"
        # What is not here is an error of the network, not an absence.
        try:
            os.listdir(fresh.path("models/demo/never-looked-at"))
            raise AssertionError("an unknown repository without upstream")
        except OSError as error:
            assert error.errno != 2
    finally:
        hub.down(False)


def test_a_restart_fetches_nothing_again(hub, fresh, repo):
    """P6."""
    name, sha = repo([("a.bin", 5 << 20)])
    path = fresh.path("models", name, sha, "a.bin")
    digest = sha256_of(path)
    fresh.stop()
    hub.clear()
    fresh.start()
    assert sha256_of(path) == digest
    assert hub.content_bytes() == 0


def test_kill_9_of_the_whole_node_during_a_fetch(hub, fresh, repo):
    """P47: Power loss in the middle: the next start clears the stale mount, serves right bytes."""
    name, sha = repo([("k.bin", 24 << 20)])
    path = fresh.path("models", name, sha, "k.bin")
    with open(path, "rb") as file:
        file.read(8 << 20)
        fault = hub.fault(listener="cdn", kind="hold")
        reader = threading.Thread(target=_try_read, args=(path,))
        reader.start()
        hub.wait_held(fault, 1)
        fresh.kill()
    hub.release(fault)
    hub.clear_faults()
    reader.join(timeout=60)
    assert not reader.is_alive()
    fresh.start()
    assert sha256_of(path) == hub.sha256("models", name, sha, "k.bin")
    assert os.getxattr(path, "user.hub.verified") == b"1"


def test_kill_9_of_the_daemon_keeps_the_mount(hub, fresh, repo):
    """P41: The supervisor starts a new daemon on the mount; a reader in flight gets its bytes."""
    name, sha = repo([("d.bin", 12 << 20)])
    path = fresh.path("models", name, sha, "d.bin")
    os.stat(path)
    fault = hub.fault(listener="cdn", kind="hold")
    got = []
    reader = threading.Thread(target=lambda: got.append(sha256_of(path)))
    reader.start()
    hub.wait_held(fault, 1)
    daemon = fresh.kill_daemon()
    mirror_module.wait_gone(daemon)
    hub.release(fault)
    hub.clear_faults()
    reader.join(timeout=60)
    assert got == [hub.sha256("models", name, sha, "d.bin")]
    assert mirror_module.mounted(fresh.mount)


def test_a_second_node_on_the_same_state_is_refused(hub, fresh):
    second = make_mirror(hub, fresh.folder)
    done = subprocess.run(second.command("hubfs"), capture_output=True, text=True, timeout=30,
                          check=False)
    assert done.returncode in (1, 3)
    assert done.stderr.strip()
    assert "models" in os.listdir(fresh.mount)


def test_a_stop_unmounts_although_somebody_stands_in_it(fresh):
    """P46."""
    here = fresh.path("models")
    shell = subprocess.Popen(["sleep", "600"], cwd=here)
    try:
        fresh.stop()
        assert not mirror_module.mounted(fresh.mount)
    finally:
        shell.send_signal(signal.SIGKILL)
        shell.wait()


def test_httpd_answers_503_without_the_mount(hub, tmp_path):
    """hub-httpd alone over an empty directory never goes around the mount."""
    node = make_mirror(hub, tmp_path / "alone")
    node.mount.mkdir(parents=True)
    process = subprocess.Popen(node.command("hub-httpd"), stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        http = line.split("http=", 1)[1].split()[0]
        hub.clear()
        try:
            fetch(f"{http}/demo/small/resolve/main/config.json")
            raise AssertionError("answered without a mount")
        except urllib.error.HTTPError as error:
            assert error.code == 503
            assert error.headers["X-Cache"] == "MISS"
        assert not hub.requests()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_public_content_without_any_upstream_of_httpd(hub, tmp_path, repo):
    """http.passthrough=false and a dead upstream of its own: all comes through the mount."""
    name, sha = repo([("p.bin", 2 << 20)])
    node = make_mirror(hub, tmp_path / "node")
    with node:
        dead = dict(node.sets, **{"upstream.url": "http://127.0.0.1:9", "http.passthrough": False,
                                  "log.dir": str(tmp_path / "log2"),
                                  "node.run_dir": str(tmp_path / "run2")})
        other = make_mirror(hub, tmp_path / "other")
        other.sets = dead
        process = subprocess.Popen(other.command("hub-httpd"), stdout=subprocess.PIPE, text=True)
        try:
            http = process.stdout.readline().split("http=", 1)[1].split()[0]
            assert len(fetch(f"{http}/{name}/resolve/main/p.bin")[0]) == 2 << 20
            for path in (f"/api/models/{name}", f"/api/models/{name}/tree/main",
                         f"/api/models/{name}/refs", "/api/models?limit=3"):
                assert fetch(http + path)[0], path
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0


def _try_read(path):
    try:
        sha256_of(path)
    except OSError:
        pass  # the node died under this reader: any error is right, wrong bytes are not asked
