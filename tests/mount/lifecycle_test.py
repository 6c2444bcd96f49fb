# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping and dying: what becomes of the mount, its processes and its readers."""

import errno
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from hubfs import Hubfs, bin_dir, detach, mounts_at, wait_until

FILE = "models/demo/big/main/blob-1m.bin"


class Reader(threading.Thread):
    """Reads a whole file; `result` is its bytes or the exception."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.result = None
        self.start()

    def run(self):
        try:
            self.result = pathlib.Path(self.path).read_bytes()
        except OSError as failure:
            self.result = failure

    def outcome(self, seconds=60):
        self.join(seconds)
        assert not self.is_alive(), "the reader hangs"
        return self.result


def comm(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


def test_ps_shows_both_as_hubfs(fs):
    assert comm(fs.supervisor) == comm(fs.daemon) == "hubfs"
    command = pathlib.Path(f"/proc/{fs.daemon}/cmdline").read_bytes()
    assert command.split(b"\0")[0] == b"hubfs"


def test_the_daemon_keeps_no_right_to_mount(fs):
    rows = dict(line.split(":\t") for line in
                pathlib.Path(f"/proc/{fs.daemon}/status").read_text().splitlines() if ":\t" in line)
    assert int(rows["CapEff"], 16) & (1 << 21) == 0  # CAP_SYS_ADMIN
    assert rows["NoNewPrivs"].strip() == "1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_leaves_nothing(make, number):
    """P46."""
    with make() as fs:
        os.listdir(fs.mount)
        daemon = fs.daemon
        fs.stop(number)
        assert not pathlib.Path(f"/proc/{daemon}").exists()


def test_a_stop_succeeds_while_somebody_stands_in_it(make):
    """P46."""
    with make() as fs:
        shell = subprocess.Popen(["sleep", "1000"], cwd=fs.mount / "models")
        try:
            fs.stop()
        finally:
            shell.kill()
            shell.wait()


def test_a_stop_answers_a_reader_that_waits(make, hub):
    """P46."""
    with make() as fs:
        fault = hub.fault("hold", r"blob-1m\.bin", listener="cdn")
        reader = Reader(fs.mount / FILE)
        hub.wait_held(fault)
        fs.stop()
        assert isinstance(reader.outcome(), OSError)


def test_a_second_start_is_refused_and_harms_nobody(fs):
    second = subprocess.run(fs.command(), capture_output=True, text=True, timeout=30)
    assert second.returncode == 3
    assert "another hubfs" in second.stderr
    other = [word.replace("/run\"", "/other-run\"") for word in fs.command()]
    second = subprocess.run(other, capture_output=True, text=True, timeout=30)
    assert second.returncode == 3 and "another hubfs" in second.stderr
    assert os.listdir(fs.mount)
    assert mounts_at(fs.mount) == 1


def test_a_stale_mount_is_cleared_without_touching_it(make):
    """P47."""
    with make() as fs:
        fs.kill_all()
        assert mounts_at(fs.mount) == 1
        with pytest.raises(OSError) as failure:
            os.listdir(fs.mount)
        assert failure.value.errno == errno.ENOTCONN
        fs.start()
        assert mounts_at(fs.mount) == 1
        assert (fs.mount / "models/demo/small/main/config.json").read_bytes()


def test_the_daemon_dies_with_its_supervisor(make):
    with make() as fs:
        daemon = fs.daemon
        os.kill(fs.supervisor, signal.SIGKILL)
        fs.process.wait()
        fs.process = None
        wait_until(lambda: not pathlib.Path(f"/proc/{daemon}").exists(), what="the daemon's end")


def test_a_reader_gets_its_bytes_after_the_daemon_was_killed(fs, hub):
    """P41."""
    fault = hub.fault("hold", r"blob-1m\.bin", listener="cdn")
    reader = Reader(fs.mount / FILE)
    hub.wait_held(fault)
    fs.kill_daemon()
    hub.wait_held(fault)  # the new daemon asks again
    hub.release(fault)
    data = reader.outcome()
    assert isinstance(data, bytes) and len(data) == 1 << 20
    assert data == (fs.mount / FILE).read_bytes()


def test_a_lookup_in_flight_is_answered_after_the_daemon_was_killed(fs, hub):
    """P41."""
    fault = hub.fault("hold", "demo/small", times=1)
    answers = []
    asker = threading.Thread(
        target=lambda: answers.append(os.stat(fs.mount / "models/demo/small/main/config.json")))
    asker.start()
    hub.wait_held(fault)
    fs.kill_daemon()
    asker.join(60)
    assert answers and answers[0].st_size == 48


def test_open_files_and_listings_survive_the_daemon(fs):
    """P41."""
    folder = fs.mount / "models/demo/small/main"
    expected = (folder / "weights.bin").read_bytes()
    with open(folder / "weights.bin", "rb", buffering=0) as file, os.scandir(folder) as listing:
        seen = [next(listing).name]
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        fs.kill_daemon()
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        assert os.pread(file.fileno(), len(expected), 0) == expected
        seen += [entry.name for entry in listing]
    assert sorted(seen) == sorted(os.listdir(folder))


def test_without_resend_the_mount_is_made_anew_and_nobody_hangs(make, hub):
    with make({"mount.disable_features": '["resend"]'}) as fs:
        fault = hub.fault("hold", r"blob-1m\.bin", listener="cdn")
        reader = Reader(fs.mount / FILE)
        hub.wait_held(fault)
        fs.kill_daemon()
        assert isinstance(reader.outcome(), OSError)
        hub.remove_fault()
        wait_until(lambda: mounts_at(fs.mount) == 1, what="the new mount")
        assert len((fs.mount / FILE).read_bytes()) == 1 << 20


def test_a_daemon_that_hangs_is_killed_and_replaced(fs):
    """Takes as long as a daemon may leave requests unread: kHangDeadline, 30 s."""
    old = fs.daemon
    os.kill(old, signal.SIGSTOP)
    reader = Reader(fs.mount / "models/demo/small/main/config.json")
    assert len(reader.outcome(90)) == 48
    assert fs.daemon != old
    wait_until(lambda: "daemon_hangs" in fs.said(), what="its words")


def test_a_daemon_that_always_dies_ends_the_mount(make):
    fs = make()
    fs.start()
    try:
        for _ in range(100):  # ten in a row that had no time to serve; we may be slow to kill
            wait_until(lambda: fs.daemon or fs.process.poll() is not None, what="a daemon")
            if fs.process.poll() is not None:
                break
            old = fs.daemon
            os.kill(old, signal.SIGABRT)  # by itself: kill -9 is somebody else's doing
            wait_until(lambda: fs.process.poll() is not None or fs.daemon != old,  # noqa: B023
                       what="its end")
        assert fs.process.wait(30) == 1
        assert mounts_at(fs.mount) == 0
    finally:
        if fs.process.poll() is None:
            fs.process.kill()
        detach(fs.mount)


def test_an_aborted_connection_is_replaced(fs):
    minor = os.minor(os.stat(fs.mount).st_dev)
    if not pathlib.Path("/sys/fs/fuse/connections").is_dir() or \
            not os.listdir("/sys/fs/fuse/connections"):
        subprocess.run(["mount", "-t", "fusectl", "none", "/sys/fs/fuse/connections"], check=False)
    pathlib.Path(f"/sys/fs/fuse/connections/{minor}/abort").write_text("1")

    def answers():
        try:
            return bool(os.listdir(fs.mount))
        except OSError:
            return False

    wait_until(answers, what="a mount that answers")
    assert mounts_at(fs.mount) == 1


def test_an_unmount_by_hand_ends_hubfs_with_1(make):
    """P46."""
    with make() as fs:
        subprocess.run(["umount", str(fs.mount)], check=True)
        assert fs.process.wait(30) == 1
        wait_until(lambda: "unmounted_by_somebody" in fs.said(), what="its words")
        fs.process = None


def test_the_control_socket_answers_and_stops(make):
    """P46."""
    with make() as fs:
        path = fs.folder / "run/hubfs.sock"
        assert path.stat().st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            lines = client.makefile("rw")

            def ask(text):
                lines.write(text + "\n")
                lines.flush()
                return json.loads(lines.readline())

            assert ask('{"op":"status"}')["fuse"]["ops"]["lookup"]["requests"] >= 0
            assert ask('{"op":"flush"}') == {"ok": True}
            assert "error" in ask('{"op":"dance"}')
            assert "error" in ask("no json")
            assert ask('{"op":"stop"}') == {"ok": True}
        assert fs.process.wait(30) == 0
        assert mounts_at(fs.mount) == 0


def run_hubfs(*words):
    return subprocess.run([str(bin_dir() / "hubfs"), *words], capture_output=True, text=True,
                          timeout=60)


def test_words_and_exit_codes(tmp_path, hub):
    assert run_hubfs("--help").returncode == 0
    assert run_hubfs("--version").stdout.startswith("hubfs ")
    assert run_hubfs("--no-such").returncode == 2
    wrong = run_hubfs("--set", "mount.no_such=1")
    assert wrong.returncode == 2 and "mount.no_such" in wrong.stderr


@pytest.mark.parametrize("key", ["node.state_dir", "node.run_dir", "cache.dirs"])
def test_a_directory_that_cannot_be_used_is_exit_3(make, tmp_path, key):
    (tmp_path / "file").write_text("in the way")
    bad = f'"{tmp_path}/file/below"'
    fs = make({key: f"[{bad}]" if key == "cache.dirs" else bad})
    ended = subprocess.run(fs.command(), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3, ended.stderr
    assert str(tmp_path / "file") in ended.stderr
    assert mounts_at(fs.mount) == 0


def test_a_mount_point_that_is_a_file_is_exit_3(make):
    fs = make()
    fs.folder.mkdir()
    fs.mount.write_text("not a directory")
    ended = subprocess.run(fs.command(), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3 and "not a directory" in ended.stderr


def test_a_relative_mount_point_is_taken_from_here(make, monkeypatch):
    fs = make()
    fs.folder.mkdir()
    monkeypatch.chdir(fs.folder)
    command = [*fs.command()[:-1], "mnt"]
    fs.command = lambda: command
    with fs:
        assert mounts_at(fs.mount) == 1


def test_without_the_device_it_is_exit_3_and_says_what_to_do(make):
    fs = make()
    fs.folder.mkdir()
    # A /dev of its own, where no device may be opened.
    script = 'mount -t tmpfs -o nodev none /dev && exec "$@"'
    ended = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", *fs.command()],
                           capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3, ended.stderr
    assert "/dev/fuse" in ended.stderr


@pytest.fixture
def open_device():
    """/dev/fuse as most systems have it: open to everybody."""
    mode = os.stat("/dev/fuse").st_mode & 0o777
    os.chmod("/dev/fuse", 0o666)
    yield
    os.chmod("/dev/fuse", mode)


@pytest.fixture
def nobodys_folder():
    """pytest's own folders are closed to others."""
    folder = pathlib.Path("/tmp") / f"hubfs-nobody-{os.getpid()}"
    folder.mkdir(mode=0o755)
    (folder / "node").mkdir()
    shutil.chown(folder / "node", "nobody")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def reachable_programs(nobodys_folder):
    """Copies of the programs where an ordinary user can run them."""
    if subprocess.run(["setpriv", "--reuid=nobody", "--clear-groups", "true"], check=False,
                      capture_output=True).returncode != 0:
        pytest.skip("ordinary users can run nothing on this machine: is / open to them (0755)?")
    target = nobodys_folder / "bin"
    target.mkdir()
    for name in ("hubfs", "hubfs-daemon"):
        shutil.copy(bin_dir() / name, target / name)
    target.chmod(0o755)
    return target


def test_a_user_without_fusermount3_is_told_to_install_it(hub, nobodys_folder,
                                                           reachable_programs, monkeypatch):
    monkeypatch.setenv("HFM_BIN_DIR", str(reachable_programs))
    fs = Hubfs(nobodys_folder / "node", hub)
    ended = subprocess.run(["/usr/bin/setpriv", "--reuid=nobody", "--clear-groups",
                            "env", "PATH=/nonexistent", *fs.command()],
                           capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3, ended.stderr
    assert "apt install fuse3" in ended.stderr


def test_an_ordinary_user_mounts_through_fusermount3(hub, open_device, nobodys_folder,
                                                      reachable_programs, monkeypatch):
    monkeypatch.setenv("HFM_BIN_DIR", str(reachable_programs))
    as_nobody = ["setpriv", "--reuid=nobody", "--clear-groups"]
    with Hubfs(nobodys_folder / "node", hub, prefix=as_nobody) as fs:
        path = f"{fs.mount}/models/demo/small/main/config.json"
        shown = subprocess.run([*as_nobody, "cat", path], check=True, capture_output=True)
        assert len(shown.stdout) == 48
        if "\nuser_allow_other" not in pathlib.Path("/etc/fuse.conf").read_text():
            wait_until(lambda: "allow_other_refused" in fs.said(), what="its words")
        fs.kill_daemon()
        shown = subprocess.run([*as_nobody, "ls", f"{fs.mount}/models/demo/small/main/"],
                               check=True, capture_output=True)
        assert b"config.json" in shown.stdout


def test_a_lost_store_does_not_lose_the_content(make, hub):
    """P53."""
    with make() as fs:
        before = (fs.mount / FILE).read_bytes()
        wait_until(lambda: os.getxattr(fs.mount / FILE, "user.hub.verified") == b"1")
        fs.stop()
        shutil.rmtree(fs.folder / "state/meta")
        fs.start()
        wait_until(lambda: json.loads((fs.mount / ".status/stats.json").read_text())
                   ["cache"]["files_to_adopt"] == 0, what="the files to be hashed")
        hub.clear()
        assert (fs.mount / FILE).read_bytes() == before
        assert hub.content_bytes() == 0
