# SPDX-License-Identifier: Apache-2.0
"""A whole mirror node under test: `hf-mirror up` over an upstream, in a folder of its own.

Started exactly as an operator would (docs/operations.md): one command, --set for each option, one
`ready` line. The class knows addresses and processes, nothing of what is asked of them.
"""

import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 30  # generous: sanitizer builds on two busy cores
STOP_SECONDS = 30


def bin_dir():
    """Where the programs under test are: HFM_BIN_DIR, else the release build."""
    return pathlib.Path(os.environ.get("HFM_BIN_DIR", ROOT / "build/release/bin"))


def mounted(path):
    """Whether anything is mounted at `path`, asked without touching it."""
    with open("/proc/self/mountinfo", encoding="utf-8") as info:
        return any(line.split()[4] == str(path) for line in info)


def detach(path):
    """Lazily unmounts whatever is at `path`; a dead mount would block the next run."""
    while mounted(path):
        tool = ["umount", "-l"] if os.geteuid() == 0 else ["fusermount3", "-u", "-z"]
        if subprocess.run([*tool, str(path)], check=False, capture_output=True).returncode:
            break


def children(pid):
    """Process ids of the direct children of `pid`."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(word) for word in task.read_text().split()]
    return found


def comm(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


class Mirror:
    """One node. Use as a context manager; `sets` adds options, e.g. {"freshness.ref": "1s"}."""

    def __init__(self, folder, upstream, content_hosts=(), sets=None, rsync=True):
        self.folder = pathlib.Path(folder)
        self.mount = self.folder / "mnt"
        self.state = self.folder / "state"
        self.sets = {
            "node.state_dir": str(self.state),
            "node.run_dir": str(self.folder / "run"),
            "mount.path": str(self.mount),
            "upstream.url": upstream,
            "upstream.allow_http": True,
            "upstream.content_hosts": list(content_hosts),
            "cache.dirs": [str(self.folder / "cache")],
            "cache.size": "8GiB",
            "http.listen": ["127.0.0.1:0"],
            "rsync.listen": "127.0.0.1:0" if rsync else "",
            "log.dir": str(self.folder / "log"),
        }
        self.sets.update(sets or {})
        self.process = None
        self.http = None
        self.rsync = None
        self.log = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            detach(self.mount)

    def command(self, program, *words):
        line = [str(bin_dir() / program), *words]
        for key, value in self.sets.items():
            line += ["--set", f"{key}={toml(value)}"]
        return line

    def start(self, **more_sets):
        """Starts `hf-mirror up` and returns once it said ready."""
        self.sets.update(more_sets)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            self.command("hf-mirror", "up"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace")
        threading.Thread(target=self._collect, args=(self.process.stderr,), daemon=True).start()
        lines = queue.Queue()
        threading.Thread(target=_forward, args=(self.process.stdout, lines), daemon=True).start()
        try:
            line = lines.get(timeout=READY_SECONDS)
        except queue.Empty:
            line = None
        if not line or not line.startswith("ready "):
            self.kill()
            raise AssertionError(f"not ready: {line!r}\n" + "".join(self.log[-50:]))
        words = dict(word.split("=", 1) for word in line.split()[1:])
        assert words["mount"] == str(self.mount)
        self.http = words.get("http")
        self.rsync = words.get("rsync")

    def _collect(self, stream):
        for line in stream:
            self.log.append(line)

    def stop(self):
        """SIGTERM and the promises that go with it: exit 0, nothing mounted."""
        if self.process is None:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError("hf-mirror did not stop\n" + "".join(self.log[-50:])) from None
        assert code == 0, f"exit {code}\n" + "".join(self.log[-50:])
        assert not mounted(self.mount), "still mounted after the stop"

    def kill(self):
        """Power loss for the whole node: every process of it, at once."""
        if self.process is None:
            return
        pids = [self.process.pid]
        for pid in pids:
            if pathlib.Path(f"/proc/{pid}").exists():
                pids += children(pid)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None
        for pid in pids[1:]:
            wait_gone(pid)

    def hubfs_pids(self):
        """(supervisor, daemon) of hubfs."""
        for pid in children(self.process.pid):
            if comm(pid) == "hubfs":
                inner = [child for child in children(pid) if comm(child) == "hubfs"]
                return pid, inner[0] if inner else None
        raise AssertionError("hubfs is not running")

    def kill_daemon(self):
        """kill -9 of the filesystem daemon alone; its supervisor stays."""
        _, daemon = self.hubfs_pids()
        os.kill(daemon, signal.SIGKILL)
        return daemon

    def path(self, *parts):
        return self.mount.joinpath(*parts)


def wait_gone(pid, seconds=10):
    """Until `pid` is no process any more (a zombie counts as gone)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = re.search(r"^State:\s+(\S)", pathlib.Path(f"/proc/{pid}/status").read_text(),
                              re.MULTILINE)
        except (FileNotFoundError, ProcessLookupError):
            return
        if state and state.group(1) in "ZX":
            return
        os.sched_yield()
    raise AssertionError(f"process {pid} is still there")


def toml(value):
    """A Python value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _forward(stream, lines):
    for line in stream:
        lines.put(line.rstrip("\n"))
    lines.put(None)
