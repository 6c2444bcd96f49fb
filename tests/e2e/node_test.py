# SPDX-License-Identifier: Apache-2.0
"""`hf-mirror up` as a node: what it survives, what it refuses, and with which words and code."""

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import mirror as mirror_module
from conftest import make_mirror, sha256_of
from rsync_test import rsync

MISSING = 3  # exit code: a prerequisite is missing


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ended(command, timeout=60):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def until(condition, seconds=40):
    """For states of other processes that nothing announces."""
    end = mirror_module.time.monotonic() + seconds
    while not condition():
        assert mirror_module.time.monotonic() < end, "waited too long"
        mirror_module.time.sleep(0.05)


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_kill_9_of_hf_mirror_frees_its_ports_for_the_next_start(hub, tmp_path, repo):
    """Its children die with it, rsync too, and the next `up` follows at once."""
    node = make_mirror(hub, tmp_path / "node", rsync__listen=f"127.0.0.1:{free_port()}",
                       http__listen=[f"127.0.0.1:{free_port()}"])
    name, sha = repo([("a.bin", 100_000)])
    with node:
        rsync("-a", f"{node.rsync}/models/{name}/main/", str(tmp_path / "one") + "/")
        left = mirror_module.children(node.process.pid)
        assert "rsync" in [mirror_module.comm(pid) for pid in left]
        os.kill(node.process.pid, signal.SIGKILL)
        node.process.wait()
        node.start()
        for pid in left:
            mirror_module.wait_gone(pid)
        rsync("-a", f"{node.rsync}/models/{name}/main/", str(tmp_path / "two") + "/")
    for copy in ("one", "two"):
        assert sha256_of(tmp_path / copy / "a.bin") == hub.sha256("models", name, sha, "a.bin")


def test_the_next_start_ends_what_slow_rsync_clients_kept_alive(hub, fresh, repo, tmp_path):
    """rsync has a process per connection, which does not die with the daemon."""
    name, _ = repo([("slow.bin", 40 << 20)])
    slow = subprocess.Popen(["rsync", "-a", "--bwlimit=100", f"{fresh.rsync}/models/{name}/main/",
                             str(tmp_path / "slow") + "/"], stderr=subprocess.DEVNULL)
    try:
        daemon = next(pid for pid in mirror_module.children(fresh.process.pid)
                      if mirror_module.comm(pid) == "rsync")
        until(lambda: list((tmp_path / "slow").glob(".slow.bin.*")))
        workers = mirror_module.children(daemon)
        assert workers
        os.kill(fresh.process.pid, signal.SIGKILL)
        fresh.process.wait()
        fresh.start()
        for pid in workers:
            mirror_module.wait_gone(pid, seconds=2)
        assert slow.wait(timeout=30) != 0
    finally:
        slow.kill()
        slow.wait()


def test_kill_9_of_hubfs_leaves_the_others_running(hub, fresh, repo, tmp_path):
    """Supervisor and mount are gone; hf-mirror starts a new one under httpd and rsync."""
    name, sha = repo([("a.bin", 300_000)])
    url = f"{fresh.http}/{name}/resolve/main/a.bin"
    assert status_of(url) == 200
    rsync("-a", f"{fresh.rsync}/models/{name}/main/", str(tmp_path / "one") + "/")
    others = {pid for pid in mirror_module.children(fresh.process.pid)
              if mirror_module.comm(pid) != "hubfs"}
    before, _ = fresh.hubfs_pids()
    os.kill(before, signal.SIGKILL)
    mirror_module.wait_gone(before)
    until(lambda: status_of(url) == 200)
    assert others <= set(mirror_module.children(fresh.process.pid)), "the others live on"
    assert fresh.hubfs_pids()[0] != before
    assert sha256_of(fresh.path("models", name, sha, "a.bin")) == hub.sha256(
        "models", name, sha, "a.bin")
    new, new_sha = repo([("b.bin", 100_000)])
    rsync("-a", f"{fresh.rsync}/models/{new}/main/", str(tmp_path / "two") + "/")
    assert sha256_of(tmp_path / "two/b.bin") == hub.sha256("models", new, new_sha, "b.bin")
    assert status_of(f"{fresh.http}/{new}/resolve/main/b.bin") == 200


def test_a_taken_rsync_port_is_named_with_a_remedy(hub, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        node = make_mirror(hub, tmp_path / "node", rsync__listen=f"127.0.0.1:{port}")
        done = ended(node.command("hf-mirror", "up"))
    assert done.returncode == MISSING, done.stderr
    assert f"rsync.listen: 127.0.0.1:{port}" in done.stderr and "choose another" in done.stderr
    assert not done.stdout and not mirror_module.mounted(node.mount)


def test_a_run_directory_that_cannot_be_made_is_named_with_a_remedy(hub, tmp_path):
    (tmp_path / "file").write_text("x")
    node = make_mirror(hub, tmp_path / "node", node__run_dir=str(tmp_path / "file/run"))
    done = ended(node.command("hf-mirror", "up"))
    assert done.returncode == MISSING, done.stderr
    assert "node.run_dir" in done.stderr and "choose another" in done.stderr


def test_directories_in_use_by_another_hubfs_end_in_one_exit_code(hub, fresh, tmp_path):
    """The same run directory, metadata, cache or mount: refused before anything is harmed."""
    own = {"node.run_dir": str(tmp_path / "x/run"), "node.state_dir": str(tmp_path / "x/state"),
           "cache.dirs": [str(tmp_path / "x/cache")], "mount.path": str(tmp_path / "x/mnt")}
    for shared in own:
        second = make_mirror(hub, tmp_path / "second")
        second.sets = {**fresh.sets, **own, shared: fresh.sets[shared]}
        done = ended(second.command("hubfs"))
        assert done.returncode == MISSING, (shared, done.stderr)
        assert shared in done.stderr or "another hubfs" in done.stderr, (shared, done.stderr)
    assert "models" in os.listdir(fresh.mount)


def says_ready(command, start):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith(start), line
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_each_program_passes_over_mistakes_in_the_tables_of_others(hub, tmp_path):
    """`up` and `config check` look at all tables, hubfs and hub-httpd at their own."""
    config = tmp_path / "c.toml"
    config.write_text("[http]\nlisten = 5\n[rsync]\nlisten = \"nowhere\"\n")
    node = make_mirror(hub, tmp_path / "node")
    for key in ("http.listen", "rsync.listen"):
        del node.sets[key]
    for words in (("config", "check"), ("up",)):
        done = ended(node.command("hf-mirror", *words, "--config", str(config)))
        assert done.returncode == 2
        assert f"{config}:2: http.listen: " in done.stderr
        assert f"{config}:4: rsync.listen: " in done.stderr
    says_ready(node.command("hubfs", "--config", str(config)), f"ready mount={node.mount}\n")
    config.write_text("[cache]\nsize = \"much\"\n[rsync]\nlisten = \"nowhere\"\n")
    node = make_mirror(hub, tmp_path / "node")
    del node.sets["cache.size"], node.sets["rsync.listen"]
    says_ready(node.command("hub-httpd", "--config", str(config)), "ready http=")
    assert ended(node.command("hubfs", "--config", str(config))).returncode == 2


def test_a_directory_in_the_mount_is_refused_at_once(hub, tmp_path):
    node = make_mirror(hub, tmp_path / "node")
    for key, value in {"cache.dirs": [str(node.mount / "cache")],
                       "node.state_dir": str(node.mount), "node.run_dir": str(node.mount / "r"),
                       "log.dir": str(node.mount / "log")}.items():
        wrong = make_mirror(hub, tmp_path / "node", **{key.replace(".", "__"): value})
        done = ended(wrong.command("hf-mirror", "up"), timeout=10)
        assert done.returncode == 2 and f"--set: {key}: " in done.stderr, done.stderr
        assert not mirror_module.mounted(node.mount)


def test_a_certificate_or_token_file_that_is_not_there_is_named(hub, tmp_path):
    for key in ("upstream.ca_file", "upstream.token_file"):
        node = make_mirror(hub, tmp_path / "node", **{key.replace(".", "__"): "/nowhere/x"})
        for words in (("config", "check"), ("up",)):
            done = ended(node.command("hf-mirror", *words))
            assert done.returncode == 2
            assert f"--set: {key}: /nowhere/x cannot be read" in done.stderr


def test_a_long_run_directory_works(hub, tmp_path):
    """A socket's address has 107 bytes; the path of ours may be longer."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    with make_mirror(hub, tmp_path / "node", node__run_dir=str(deep)) as node:
        done = ended(node.command("hf-mirror", "status", "--line"))
        assert done.returncode == 0 and "repositories" in done.stdout, done.stderr
        assert "models" in rsync(node.rsync + "/").stdout
