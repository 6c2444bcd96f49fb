# SPDX-License-Identifier: Apache-2.0
# A listening address: accepts, gives every connection a thread, and can be taken down (in
# three ways) and brought up again on the same port. Knows HTTP only through Connection.
import itertools
import socket
import sys
import threading

from .connection import Connection
from .sender import Disconnected

BACKLOG = 1024
_numbers = itertools.count(1)


def bind(host, port):
    """A bound socket. Port 0 is chosen first and then bound by number: only a port that was
    asked for by number stays ours while the socket does not listen."""
    chooser = None
    if port == 0:
        chooser = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        chooser.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        chooser.bind((host, 0))
        port = chooser.getsockname()[1]
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    if chooser:
        chooser.close()
    return sock


class Listener:
    """`app(request)` returns a Response. Without a log there are no faults and no rate."""

    def __init__(self, name, address, log=None, faults=None, rate=None):
        self.name = name
        self.log = log
        self.faults = faults
        self.rate = rate
        self.errors = sys.stderr
        self.app = None
        self._sock = bind(*address)
        self.host, self.port = self._sock.getsockname()
        self._lock = threading.Lock()
        self._live = set()
        self._down = None
        self._changed = threading.Condition(self._lock)

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def start(self, app):
        self.app = app
        self._listen()

    def _listen(self):
        self._sock.listen(BACKLOG)
        threading.Thread(target=self._accept, name=f"accept-{self.name}", daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return                  # taken down
            if self._down in ("close", "refuse"):
                sock.close()
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock):
        with self._lock:
            self._live.add(sock)
        try:
            Connection(self, sock, next(_numbers)).serve()
        finally:
            with self._lock:
                self._live.discard(sock)

    def stall(self):
        """While down as a black hole: keeps the caller, and then has it hang up."""
        if self._down != "blackhole":
            return
        with self._changed:
            while self._down == "blackhole":
                self._changed.wait()
        raise Disconnected()

    def set_down(self, how):
        """`how`: None for up, "refuse" (no listener), "close" (accept and hang up) or
        "blackhole" (accept, and neither answer nor go on with answers under way)."""
        with self._changed:
            before, self._down = self._down, how
            # Nobody who met the black hole is answered later: that connection is lost.
            dropped = how in ("refuse", "close") or before == "blackhole" != how
            live = list(self._live) if dropped else []
            self._changed.notify_all()
        if how == "refuse" and before != "refuse":
            # Stops listening but keeps the port: connections are refused by the kernel.
            self._sock.shutdown(socket.SHUT_RDWR)
        if before == "refuse" and how != "refuse":
            self._listen()
        for sock in live:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
