# SPDX-License-Identifier: Apache-2.0
"""Runs a client where nothing but the mirror can be reached, and tells what else it tried.

    with Isolated(mirror) as net:
        done = net.run([python, "-c", code], env={"HF_ENDPOINT": net.url})
        assert net.attempts == []

The client lives in a network namespace of its own. Its loopback has the mirror's port, at the
address that the mirror has outside, and a resolver that knows no name. Every other address is
routed to that loopback too, where nobody listens: a connection is refused at once, and a packet
socket has seen it. `takeover=["huggingface.co"]` gives these names to the mirror, by TLS with a
test CA (`net.ca`), for clients whose host is fixed. Needs root; without it the test skips.
"""

import asyncio
import ctypes
import functools
import os
import pathlib
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import urllib.parse

import pytest

SECONDS = 300  # of one client
SETUP_SECONDS = 30
PIECE = 256 << 10
CLONE_NEWNET = 0x40000000
SO_ATTACH_FILTER = 26
ETH_P_ALL = 3
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

# Run inside: loopback up and the way to everywhere; no mount of ours, or it would outlive its
# owner in here; then "ready", and the end when the test process closes our standard input.
HOLDER = """
ip link set lo up && ip route add local 0.0.0.0/0 dev lo || exit 1
ip -6 route add local ::/0 dev lo 2>/dev/null
umount -a -c -l -t fuse.hubfs 2>/dev/null
for name in $1; do mount --bind "$2/$name" "$(readlink -f "/etc/$name")" || exit 1; done
echo ready
exec cat >/dev/null
"""

# Classic BPF over the IP header (code, jump if true, jump if false, k): the first packet of every
# TCP connection (SYN without ACK) and all of UDP, versions 4 and 6.
FILTER = [
    (0x30, 0, 0, 0), (0x54, 0, 0, 0xF0), (0x15, 6, 0, 0x60),  # version 6: to its own test
    (0x30, 0, 0, 9), (0x15, 11, 0, 17), (0x15, 0, 9, 6),  # UDP: take; TCP: go on; else drop
    (0xB1, 0, 0, 0), (0x50, 0, 0, 13), (0x05, 0, 0, 4),  # X = header length; flags
    (0x30, 0, 0, 6), (0x15, 5, 0, 17), (0x15, 0, 3, 6), (0x30, 0, 0, 53),  # the same in version 6
    (0x54, 0, 0, 0x12), (0x15, 1, 0, 0x02),  # SYN without ACK: take
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 96),  # take
]


class Isolated:
    """One namespace. `also` names more addresses ("http://127.0.0.1:1234") that stay reachable,
    e.g. a page of another origin."""

    def __init__(self, mirror, takeover=(), also=()):
        self.url = mirror.http
        self.takeover = list(takeover)
        self._targets = [_host_port(url) for url in (self.url, *also)]
        self._tried = {}  # a dictionary for its order
        self._folder = self._holder = self._loop = self._thread = None
        self._sockets = []

    def __enter__(self):
        if os.geteuid() != 0:
            pytest.skip("a network namespace of its own needs root")
        for tool in ["ip", "nsenter", *(["openssl"] if self.takeover else [])]:
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="hfm-net-")
        try:
            self._write_files()
            self._hold()
            self._in_namespace(self._open_sockets)
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
            self._thread.start()
            asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(SETUP_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._thread:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(SETUP_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(SETUP_SECONDS)
            self._loop.close()
        for one in self._sockets:
            one.close()
        if self._holder:
            for stream in (self._holder.stdin, self._holder.stdout, self._holder.stderr):
                stream.close()
            self._holder.wait(SETUP_SECONDS)
        self._folder.cleanup()

    @property
    def ca(self):
        """The test CA's certificate, for clients that want to be told."""
        return pathlib.Path(self._folder.name) / "ca.pem"

    @property
    def attempts(self):
        """What was tried besides the mirror: "dns NAME", "tcp HOST:PORT", "udp HOST:PORT"."""
        async def drained():
            self._watch()

        if self._loop.is_closed():
            return list(self._tried)
        asyncio.run_coroutine_threadsafe(drained(), self._loop).result(SETUP_SECONDS)
        return list(self._tried)

    def command(self, argv, cwd=None):
        """The words that run `argv` inside, for those who start it themselves. nsenter becomes
        that program, with the same process id. The root goes along: ours may be a chroot."""
        return ["nsenter", f"--target={self._holder.pid}", "--net", "--mount", "--root",
                f"--wdns={cwd or os.getcwd()}", "--", *map(str, argv)]

    def run(self, argv, env=None, timeout=SECONDS, cwd=None):
        """Runs a program inside, as subprocess.run with text would; it is over when we return."""
        with subprocess.Popen(self.command(argv, cwd), env=env, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, start_new_session=True) as process:
            try:
                out, errors = process.communicate(timeout=timeout)
            finally:
                try:  # whatever it left behind in its session, and itself after a timeout
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        return subprocess.CompletedProcess(argv, process.returncode, out, errors)

    def _write_files(self):
        folder = pathlib.Path(self._folder.name)
        names = " ".join(["localhost", *self.takeover])
        (folder / "hosts").write_text(f"127.0.0.1 {names}\n")
        (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
        (folder / "nsswitch.conf").write_text("hosts: files dns\n")
        if self.takeover:
            for path, text in certificate(tuple(self.takeover)).items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)

    def _hold(self):
        names = ["hosts", "resolv.conf", "nsswitch.conf"]
        if self.takeover and os.path.exists(CA_BUNDLE):
            names.append(CA_BUNDLE.removeprefix("/etc/"))
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation=slave", "sh", "-c", HOLDER, "sh",
             " ".join(names), self._folder.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self._holder.stdout.readline() != "ready\n":
            errors = self._holder.stderr.read()
            pytest.skip(f"no network namespace (no CAP_SYS_ADMIN?): {errors.strip()}")

    def _in_namespace(self, work):
        """Runs work() in a thread that entered the namespace; sockets made there stay there."""
        failure = []

        def entered():
            try:
                with open(f"/proc/{self._holder.pid}/ns/net", "rb") as namespace:
                    libc = ctypes.CDLL(None, use_errno=True)
                    if libc.setns(namespace.fileno(), CLONE_NEWNET):
                        raise OSError(ctypes.get_errno(), "setns")
                work()
            except OSError as error:
                failure.append(error)

        thread = threading.Thread(target=entered)
        thread.start()
        thread.join()
        if failure:
            raise failure[0]

    def _open_sockets(self):
        def make(family, kind, protocol, address):
            one = socket.socket(family, kind, protocol)
            self._sockets.append(one)
            if family == socket.AF_PACKET:
                attach_filter(one)
            elif kind == socket.SOCK_STREAM:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
            one.setblocking(False)
            return one

        tcp = socket.AF_INET, socket.SOCK_STREAM, 0
        self._watched = make(socket.AF_PACKET, socket.SOCK_DGRAM, 0, ("lo", ETH_P_ALL))
        self._names = make(socket.AF_INET, socket.SOCK_DGRAM, 0, ("127.0.0.1", 53))
        self._doors = [(make(*tcp, address), address, None) for address in self._targets]
        if self.takeover:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pathlib.Path(self._folder.name) / "leaf.pem")
            self._doors.append((make(*tcp, ("127.0.0.1", 443)), self._targets[0], context))

    async def _serve(self):
        self._loop.add_reader(self._watched, self._watch)
        self._loop.add_reader(self._names, self._answer_names)
        for inside, target, context in self._doors:
            await asyncio.start_server(functools.partial(relay, target), sock=inside, ssl=context)

    async def _end(self):
        self._watch()
        self._loop.remove_reader(self._watched)
        self._loop.remove_reader(self._names)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _watch(self):
        """Notes the packets seen since, but those to the mirror and to our resolver."""
        expected = {("127.0.0.1", 53), *(door[0].getsockname() for door in self._doors)}
        while True:
            try:
                packet = self._watched.recv(96)
            except BlockingIOError:
                return
            kind, source, target = addresses(packet)
            if target in expected or kind == "udp" and source == ("127.0.0.1", 53):
                continue
            self._tried[f"{kind} {target[0]}:{target[1]}"] = True

    def _answer_names(self):
        """NXDOMAIN to everybody."""
        try:
            query, client = self._names.recvfrom(4096)
            name, end = question(query)
        except (BlockingIOError, IndexError):
            return
        self._tried[f"dns {name}"] = True
        self._names.sendto(query[:2] + struct.pack("!5H", 0x8183, 1, 0, 0, 0) + query[12:end],
                           client)


async def relay(target, reader, writer):
    """Both directions of one connection; a reset on one side is a reset on the other."""
    try:
        there, out = await asyncio.open_connection(*target)
    except OSError:
        writer.transport.abort()
        return
    ended = await asyncio.gather(copy(reader, out), copy(there, writer), return_exceptions=True)
    for one in (writer, out):
        if any(ended):
            one.transport.abort()
        one.close()


async def copy(reader, writer):
    try:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    except OSError:  # a reset: the other side learns it now, in both directions
        writer.transport.abort()
        raise
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()  # TLS knows no half-closed connection


def _host_port(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


def attach_filter(one):
    code = b"".join(struct.pack("HBBI", *line) for line in FILTER)
    memory = ctypes.create_string_buffer(code)
    program = struct.pack("HP", len(FILTER), ctypes.addressof(memory))
    one.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def addresses(packet):
    """(tcp or udp, (source, port), (target, port)) of an IP packet."""
    if packet[0] >> 4 == 6:
        family, source, target, payload, protocol = socket.AF_INET6, 8, 24, 40, packet[6]
        length = 16
    else:
        family, source, target, payload, protocol = socket.AF_INET, 12, 16, 0, packet[9]
        payload, length = 4 * (packet[0] & 15), 4
    ports = struct.unpack_from("!HH", packet, payload)
    return ("udp" if protocol == 17 else "tcp",
            (socket.inet_ntop(family, packet[source:source + length]), ports[0]),
            (socket.inet_ntop(family, packet[target:target + length]), ports[1]))


def question(query):
    """The name asked for, and where the question ends (RFC 1035, 4.1)."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    return ".".join(labels), at + 5


@functools.cache
def certificate(names):
    """ca.pem, leaf.pem (key and certificate) and the CA as the system's bundle."""
    with tempfile.TemporaryDirectory(prefix="hfm-ca-") as folder:
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True,
                           timeout=SETUP_SECONDS)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
                "-subj", "/CN=hf-mirror test CA", "-addext", "keyUsage=critical,keyCertSign")
        openssl("req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", f"/CN={names[0]}")
        path = pathlib.Path(folder)
        (path / "leaf.cnf").write_text("basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
                                       "subjectAltName=" + ",".join(f"DNS:{n}" for n in names))
        openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "leaf.cnf", "-out", "leaf.crt")
        return {"ca.pem": (path / "ca.pem").read_text(),
                "leaf.pem": (path / "leaf.key").read_text() + (path / "leaf.crt").read_text(),
                CA_BUNDLE.removeprefix("/etc/"): (path / "ca.pem").read_text()}
