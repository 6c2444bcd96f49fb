# SPDX-License-Identifier: Apache-2.0
"""One hubfs under test: started as an operator would, over an emulated Hub, in a folder of its own.

Knows the command line and the promises about processes and mounts; nothing of what is read.
Paths below the mount are only ever touched by the tests themselves.
"""

import os
import pathlib
import queue
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 60  # generous: sanitizer builds on two busy cores
STOP_SECONDS = 30


def bin_dir():
    """Where the programs under test are: HFM_BIN_DIR, else the development build."""
    return pathlib.Path(os.environ.get("HFM_BIN_DIR", ROOT / "build/dev/bin"))


def mounts_at(path):
    """How many mounts of our type are stacked at `path`, asked without touching it."""
    with open("/proc/self/mountinfo", encoding="utf-8") as info:
        rows = [line.split() for line in info]
    return sum(row[4] == str(path) and row[row.index("-") + 1] == "fuse.hubfs" for row in rows)


def detach(path):
    while mounts_at(path):
        subprocess.run(["umount", "-l", str(path)], check=True)


def wait_until(true, seconds=30, what="condition"):
    """For states of other processes that nothing announces."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s for: {what}"
        time.sleep(0.01)


def child_of(pid):
    """The process id of the one child, or None."""
    try:
        words = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return None
    return int(words[0]) if words else None


class Hubfs:
    """`with Hubfs(tmp_path, hub) as fs: (fs.mount / "models").iterdir()`"""

    def __init__(self, folder, hub, sets=None, prefix=()):
        self.folder = pathlib.Path(folder)
        self.mount = self.folder / "mnt"
        self.prefix = list(prefix)  # a command that becomes hubfs, as somebody else
        self.sets = {
            "node.state_dir": f'"{self.folder}/state"',
            "node.run_dir": f'"{self.folder}/run"',
            "cache.dirs": f'["{self.folder}/cache"]',
            "upstream.url": hub.url,
            "upstream.allow_http": "true",
            "upstream.content_hosts": f'["{hub.cdn_url.removeprefix("http://")}"]',
        }
        self.sets.update(sets or {})
        self.process = None
        self.log = []

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            detach(self.mount)

    def command(self):
        line = [*self.prefix, str(bin_dir() / "hubfs")]
        for key, value in self.sets.items():
            line += ["--set", f"{key}={value}"]
        return [*line, str(self.mount)]

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, errors="replace")
        threading.Thread(target=self._collect, args=(self.process.stderr,), daemon=True).start()
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self.process.stdout.readline()),
                         daemon=True).start()
        line = lines.get(timeout=READY_SECONDS)
        assert line == f"ready mount={self.mount}\n", self.said()
        return self

    def _collect(self, stream):
        for line in stream:
            self.log.append(line)

    def said(self):
        return "".join(self.log[-50:])

    @property
    def daemon(self):
        """The daemon's process id, None while there is none."""
        return child_of(self.supervisor)

    @property
    def supervisor(self):
        return self.process.pid

    def kill_daemon(self):
        """Kills it and returns when another one runs."""
        old = self.daemon
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: self.daemon not in (None, old), what="a new daemon")

    def stop(self, number=signal.SIGTERM):
        """The promises of a stop: exit code 0, nothing mounted."""
        if self.process is None:
            return
        process = self.process
        if process.poll() is None:
            os.kill(self.supervisor, number)
        try:
            code = process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError("hubfs did not stop\n" + self.said()) from None
        finally:
            self.process = None
        assert code == 0, f"exit {code}\n" + self.said()
        assert mounts_at(self.mount) == 0, "still mounted after the stop"

    def kill_all(self):
        """Power loss: supervisor and daemon at once. The dead mount stays."""
        daemon = self.daemon
        for pid in (self.supervisor, daemon):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        wait_until(lambda: not pathlib.Path(f"/proc/{daemon}").exists(), what="the daemon's end")
