# SPDX-License-Identifier: Apache-2.0
"""An upstream with a true limit per connection: the emulated Hub, its content served by nginx.

The emulator answers names, trees and /resolve/, and redirects to nginx, which has the same bytes as
files. nginx's own limit_rate leaves every request its first second free, so the limit is the
kernel's: SO_MAX_PACING_RATE on the listening socket, which accepted connections inherit, handed to
nginx by its variable NGINX (with `master_process off`, too, nginx 1.22 dies of it). What was taken
is read from nginx's access log: bytes sent, also of answers that nobody waited for.
"""

import contextlib
import os
import socket
import subprocess
import time
import urllib.request

import peers
from true_hub import TrueHub

SO_MAX_PACING_RATE = 47  # asm-generic/socket.h; Python has no name for it
IDLE_POLLS = 10          # so many in a row, 10 ms apart: between two ranges it may look idle
IDLE_SECONDS = 60
NGINX = """
  log_format taken '$body_bytes_sent $status $request_uri';
  server {{
    listen 127.0.0.1:{port}; root {folder}/static; access_log {folder}/taken.log taken;
    location = /-/idle {{ access_log off; stub_status; }}
  }}
}}
"""


class PacedHub:
    """`with PacedHub(folder, bytes_per_second) as upstream: ... upstream.hub, upstream.taken()`"""

    def __init__(self, folder, bytes_per_second):
        self.folder = folder
        self.hub = self.address = None
        self._rate = bytes_per_second
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack as stack, socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, self._rate)
            listening.bind(("127.0.0.1", 0))
            listening.listen(511)
            listening.setblocking(False)
            port, number = listening.getsockname()[1], listening.fileno()
            stack.enter_context(peers.nginx(
                self.folder, NGINX.format(port=port, folder=self.folder), port,
                env={**os.environ, "NGINX": f"{number};"}, pass_fds=(number,)))
            self.address = f"http://127.0.0.1:{port}"
            self.hub = stack.enter_context(TrueHub(cdn_host=self.address))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def create(self, repo, files):
        """A repository of generated LFS files (`files`: name -> size); answers its commit."""
        self.hub.create_repo(repo, [{"path": name, "size": size, "seed": f"{repo}/{name}",
                                     "lfs": True} for name, size in files.items()])
        sha = self.hub.refs("models", repo)["main"]
        for name in files:
            signed = self.content(repo, sha, name).removeprefix(self.address)
            place = self.folder / "static" / signed.split("?")[0].lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["curl", "-sSf", "-o", str(place), self.hub.cdn_url + signed],
                           check=True)
        return sha

    def resolve(self, repo, sha, name):
        return f"{self.hub.url}/{repo}/resolve/{sha}/{name}"

    def content(self, repo, sha, name):
        """The address of the bytes themselves, as the redirect gives it."""
        return peers.redirect_of(self.resolve(repo, sha, name))

    def wait_idle(self):
        """Until nobody is being sent anything."""
        idle, end = 0, time.monotonic() + IDLE_SECONDS
        while idle < IDLE_POLLS:
            if time.monotonic() > end:
                raise RuntimeError("upstream is still asked for content")
            with urllib.request.urlopen(f"{self.address}/-/idle", timeout=10) as answer:
                idle = idle + 1 if b"Writing: 1 " in answer.read() else 0
            time.sleep(0.01)

    def clear(self):
        self.wait_idle()
        os.truncate(self.folder / "taken.log", 0)

    def taken(self):
        """Bytes of content sent since clear(), once nothing more is asked for."""
        self.wait_idle()
        rows = (self.folder / "taken.log").read_text().splitlines()
        return sum(int(row.split()[0]) for row in rows if row.split()[1] in ("200", "206"))
