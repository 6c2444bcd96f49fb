# SPDX-License-Identifier: Apache-2.0
"""packaging/quickstart as a newcomer runs it: emulator, mount, HTTP and rsync in one command."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
import urllib.request

import pytest

import mirror as mirror_module

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "packaging/quickstart"
START_SECONDS = 120  # the first start may compute and link; the promise below is for the second

pytestmark = pytest.mark.skipif(not (ROOT / "build/release/bin/hubfs").exists(),
                                reason="needs the release build of this clone")


class Quickstart:
    """One run; `user` runs it as that account."""

    def __init__(self, folder, content_dir, user=None):
        self.mount = folder / "mnt"
        self.state = folder / "state"
        self.command = [str(QUICKSTART), "--no-install", "--state", str(self.state), "--mount",
                        str(self.mount), "--http", "127.0.0.1:0", "--rsync", "127.0.0.1:0",
                        "--cache-size", "2GiB"]
        if user:
            self.command = ["runuser", "-u", user, "--", *self.command]
        self.log = []

    def start(self):
        begin = time.monotonic()
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, errors="replace",
                                        start_new_session=True)
        threading.Thread(target=self._collect, daemon=True).start()
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        assert line.startswith("ready "), line + "".join(self.log[-40:])
        self.words = dict(word.split("=", 1) for word in line.split()[1:])
        return time.monotonic() - begin

    def _collect(self):
        for line in self.process.stderr:
            self.log.append(line)

    def interrupt(self):
        """Ctrl-C: SIGINT to the whole foreground group, as a terminal sends it."""
        os.killpg(self.process.pid, signal.SIGINT)
        code = self.process.wait(timeout=60)
        assert code == 0, f"exit {code}\n" + "".join(self.log[-40:])
        assert not mirror_module.mounted(self.mount)


def check_all_three(run, folder):
    """One download through each road, the same bytes."""
    by_http = urllib.request.urlopen(
        run.words["http"] + "/demo/small/resolve/main/config.json", timeout=60).read()
    by_mount = (pathlib.Path(run.words["mount"]) /
                "models/demo/small/main/config.json").read_bytes()
    target = folder / "by-rsync"
    subprocess.run(["rsync", "-aL", run.words["rsync"] + "/models/demo/small/main/config.json",
                    str(target)], check=True, timeout=60, capture_output=True)
    assert by_http == by_mount == target.read_bytes()


def test_it_starts_serves_and_stops_and_starts_again_in_five_seconds(tmp_path, content_dir):
    run = Quickstart(tmp_path, content_dir)
    try:
        run.start()
        check_all_three(run, tmp_path)
        standing = subprocess.Popen(["sleep", "600"], cwd=run.mount)
        try:
            run.interrupt()
        finally:
            standing.kill()
            standing.wait()
        assert run.start() < 5
        check_all_three(run, tmp_path)
        run.interrupt()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGKILL)
        mirror_module.detach(run.mount)


@pytest.fixture
def ordinary_user():
    """An account that may open /dev/fuse; the device's mode is put back afterwards."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become an ordinary user")
    name = "hfm-test"
    with contextlib.suppress(KeyError):
        pwd.getpwnam(name)
        subprocess.run(["userdel", "-f", name], check=True)
    subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", name], check=True)
    mode = stat.S_IMODE(os.stat("/dev/fuse").st_mode)
    os.chmod("/dev/fuse", 0o666)
    yield name
    os.chmod("/dev/fuse", mode)
    subprocess.run(["pkill", "-KILL", "-u", name], check=False)
    subprocess.run(["userdel", "-rf", name], check=False, capture_output=True)


def test_an_ordinary_user_runs_all_of_it_through_fusermount3(ordinary_user, content_dir):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hfm-user-"))
    shutil.chown(folder, ordinary_user)
    run = Quickstart(folder, content_dir, user=ordinary_user)
    try:
        run.start()
        body = urllib.request.urlopen(
            run.words["http"] + "/demo/small/resolve/main/config.json", timeout=60).read()
        seen = subprocess.run(["runuser", "-u", ordinary_user, "--", "cat",
                               str(run.mount / "models/demo/small/main/config.json")],
                              check=True, capture_output=True, timeout=60).stdout
        assert seen == body
        run.interrupt()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGKILL)
        mirror_module.detach(run.mount)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_missing_prerequisite_exits_3_with_the_remedy(tmp_path):
    """A port in use is found before anything is installed or started."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [str(QUICKSTART), "--no-install", "--state", str(tmp_path), "--mount",
             str(tmp_path / "mnt"), "--http", f"127.0.0.1:{taken.getsockname()[1]}"],
            capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "--http" in done.stderr
