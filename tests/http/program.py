# SPDX-License-Identifier: Apache-2.0
# Starts and stops hub-httpd, and asks it things: by http.client for whole messages, by raw sockets
# where the bytes on the wire matter. Every wait has a deadline; none sleeps.
import ctypes
import http.client
import os
import pathlib
import selectors
import signal
import socket
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 20
STOP_SECONDS = 20
ANSWER_SECONDS = 20
PR_SET_PDEATHSIG = 1


def binary():
    return pathlib.Path(os.environ.get("HFM_BIN_DIR", ROOT / "build/dev/bin")) / "hub-httpd"


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def __getitem__(self, name):
        return self.headers[name]

    @property
    def text(self):
        return self.body.decode()


class Httpd:
    """hub-httpd over `mount`. Its own upstream is unreachable unless a test names one."""

    def __init__(self, mount, log_dir, sets=None):
        self.log_dir = pathlib.Path(log_dir)
        values = {"mount.path": str(mount), "log.dir": str(log_dir),
                  "http.listen": '["127.0.0.1:0"]', "upstream.url": "http://127.0.0.1:1",
                  "upstream.allow_http": "true", "http.passthrough": "false"} | (sets or {})
        self.command = [str(binary())]
        for key, value in values.items():
            self.command += ["--set", f"{key}={value}"]
        self.process = None
        self.port = None

    def start(self):
        environment = {k: v for k, v in os.environ.items() if k != "HF_MIRROR_CONFIG"}
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True,
                                        env=environment, preexec_fn=die_with_parent)
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline() if ready.select(START_SECONDS) else ""
        assert line.startswith("ready http=http://"), f"did not start: {line!r}"
        self.port = int(line.rstrip("\n").rsplit(":", 1)[1])
        return self

    def stop(self):
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        assert self.stop() in (0, None)

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, target, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, target, headers=None):
        return self.ask("GET", target, headers)

    def head(self, target, headers=None):
        return self.ask("HEAD", target, headers)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_SECONDS)

    def raw(self, request):
        """Sends bytes, reads until the server closes."""
        with self.connect() as sock:
            sock.sendall(request)
            return read_all(sock)

    def log_lines(self):
        return [line for path in sorted(self.log_dir.glob("access-*.log"))
                for line in path.read_text().splitlines()]


def read_all(sock):
    data = b""
    while True:
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            return data
        if not piece:
            return data
        data += piece


def read_response(stream):
    """One response with Content-Length from a socket file: status, headers, body."""
    status = int(stream.readline().split()[1])
    headers = {}
    while (line := stream.readline().strip()):
        name, value = line.decode().split(":", 1)
        headers[name.lower()] = value.strip()
    return status, headers, stream.read(int(headers.get("content-length", 0)))
