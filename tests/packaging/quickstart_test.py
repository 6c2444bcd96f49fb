# SPDX-License-Identifier: Apache-2.0
"""packaging/quickstart as a newcomer uses it: one ready line, three downloads, Ctrl-C.

Runs with --no-install over the release build that tests/run has made, on free ports and in a
folder of its own, and asks the kernel's tables what is left behind.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "packaging/quickstart"
READY_SECONDS = 90
STOP_SECONDS = 60
AGAIN_SECONDS = 5  # the promise for a second start
MODEL = "sentence-transformers/all-MiniLM-L6-v2"


def mounts_below(folder):
    with open("/proc/self/mountinfo", encoding="utf-8") as info:
        return [line.split()[4] for line in info if line.split()[4].startswith(str(folder))]


def processes_naming(folder):
    """Command lines of living processes that name this folder."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(folder) in words and f"/{os.getpid()}/" not in str(path):
            found.append(words)
    return found


def until(condition, seconds=STOP_SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)  # asking a table of the kernel again, not waiting for an event of ours
    return False


class Running:
    """One quickstart in the foreground of a process group of its own."""

    def __init__(self, folder, *words, prefix=(), env=None):
        self.folder = pathlib.Path(folder)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*prefix, str(QUICKSTART), "--no-install", "--state", f"{folder}/state", "--mount",
             f"{folder}/mnt", "--http", "127.0.0.1:0", "--rsync", "127.0.0.1:0", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, **(env or {})})
        self.errors, self.lines = [], []
        self.has_line = threading.Event()
        self.said_all = threading.Event()
        for stream, take in ((self.process.stdout, self._take_line),
                             (self.process.stderr, self._take_error)):
            threading.Thread(target=lambda s=stream, t=take: [t(x) for x in s],
                             daemon=True).start()

    def _take_line(self, line):
        self.lines.append(line)
        self.has_line.set()

    def _take_error(self, line):
        self.errors.append(line)
        if "Ctrl-C stops everything" in line:
            self.said_all.set()

    def wait_ready(self):
        """The words of the ready line, and how long it took."""
        assert self.has_line.wait(READY_SECONDS), "".join(self.errors[-30:])
        took = time.monotonic() - self.began
        assert self.lines[0].startswith("ready "), self.lines
        return dict(word.split("=", 1) for word in self.lines[0].split()[1:]), took

    def interrupt(self):
        """Ctrl-C: to every process of the group, as a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=STOP_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.interrupt()
        for path in mounts_below(self.folder):
            subprocess.run(["umount", "-l", path], check=False)


@pytest.fixture(name="folder")
def folder_fixture():
    path = tempfile.mkdtemp(prefix="hfm-quickstart.")
    os.chmod(path, 0o755)
    yield pathlib.Path(path)
    shutil.rmtree(path, ignore_errors=True)


def quickstart(*words, prefix=(), **options):
    return subprocess.run([*prefix, str(QUICKSTART), *words], capture_output=True, text=True,
                          timeout=120, check=False, **options)


def test_words_it_does_not_know_end_with_two_and_say_so():
    for words in (["--frob"], ["--mount"], ["--no-install", "--mount", "relative"],
                  ["--no-install", "--http", "nonsense"], ["--state", "relative"]):
        done = quickstart(*words)
        assert done.returncode == 2, (words, done.stderr)
        assert done.stderr.startswith("quickstart: ") and not done.stdout


def test_help_names_every_flag():
    done = quickstart("--help")
    assert done.returncode == 0
    for flag in ("--upstream", "--mount", "--http", "--rsync", "--state", "--cache-size",
                 "--no-install", "--build-only"):
        assert flag in done.stdout


def test_it_runs_shows_three_downloads_and_stops_by_ctrl_c(folder):
    with Running(folder) as running:
        words, _ = running.wait_ready()
        assert words["mount"] == f"{folder}/mnt"
        assert running.said_all.wait(READY_SECONDS), "".join(running.errors)
        shown = "".join(running.errors)
        assert "FAILED" not in shown, shown
        digests = {line.split("sha256 ")[1].split(",")[0] for line in running.errors
                   if "sha256 " in line}
        assert len(digests) == 1, shown
        with urllib.request.urlopen(f"{words['http']}/api/models/{MODEL}") as answer:
            assert answer.status == 200
        listing = subprocess.run(["rsync", f"{words['rsync']}/"], capture_output=True, text=True,
                                 check=True, timeout=30).stdout
        assert "models" in listing and "datasets" in listing
        # A shell stands in the mount and has a file of it open.
        inside = next(pathlib.Path(words["mount"]).glob("*"))
        with subprocess.Popen(["sh", "-c", "read -r _"], cwd=inside, stdin=subprocess.PIPE) as sh:
            assert running.interrupt() == 0, "".join(running.errors[-20:])
            assert not mounts_below(folder)
            sh.stdin.close()
        assert len(running.lines) == 1, running.lines
    assert until(lambda: not processes_naming(folder), 5), processes_naming(folder)


def test_a_second_start_is_ready_in_under_five_seconds(folder):
    with Running(folder) as first:
        first.wait_ready()
        assert first.interrupt() == 0, "".join(first.errors[-20:])
    with Running(folder) as second:
        _, took = second.wait_ready()
        assert second.interrupt() == 0, "".join(second.errors[-20:])
    assert took < AGAIN_SECONDS


def test_killed_it_takes_everything_with_it(folder):
    with Running(folder) as running:
        running.wait_ready()
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        assert until(lambda: not mounts_below(folder) and not processes_naming(folder)), \
            (mounts_below(folder), processes_naming(folder))


def test_a_taken_port_is_named_with_the_way_out(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = quickstart("--no-install", "--state", f"{folder}/s", "--mount", f"{folder}/m",
                          "--http", address)
    assert done.returncode == 3
    assert address in done.stderr and "--http" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to take rights away")
def test_a_container_without_the_right_to_mount_is_told_what_to_add(folder):
    done = quickstart("--no-install", "--state", f"{folder}/s", "--mount", f"{folder}/m",
                      "--http", "127.0.0.1:0", "--rsync", "127.0.0.1:0",
                      prefix=["setpriv", "--bounding-set=-sys_admin"])
    assert done.returncode == 3, done.stderr
    assert "--device /dev/fuse --cap-add SYS_ADMIN" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_without_root_everything_runs_as_one_user(folder):
    """An ordinary machine's /dev/fuse is open to all; here it is one of our own, bound over it."""
    if subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "test", "-r",
                       str(QUICKSTART), "-a", "-x", str(ROOT / "build/release/bin/hf-mirror")],
                      check=False).returncode:
        pytest.skip("the repository is not readable for an ordinary user")
    home = folder / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    device = folder / "fuse"
    os.mknod(device, 0o666 | 0o020000, os.makedev(10, 229))
    os.chmod(device, 0o666)
    as_nobody = ["unshare", "--mount", "sh", "-c",
                 f'mount --bind {device} /dev/fuse && exec setpriv '
                 '--reuid=65534 --regid=65534 --clear-groups "$@"', "-"]
    with Running(home, prefix=as_nobody, env={"HOME": str(home)}) as running:
        words, _ = running.wait_ready()
        assert running.said_all.wait(READY_SECONDS), "".join(running.errors)
        assert "FAILED" not in "".join(running.errors), "".join(running.errors)
        assert words["mount"] == f"{home}/mnt"
        assert running.interrupt() == 0
    assert until(lambda: not processes_naming(folder), 5), processes_naming(folder)
