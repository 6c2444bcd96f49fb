# SPDX-License-Identifier: Apache-2.0
# Puts one answer on the wire: head, body pieces, rate limits, and the faults that spoil a
# body (slow, cut, reset, wrong bytes, wrong length, held in the middle).
import email.utils
import select
import socket
import struct
import threading
import time

from .http_message import REASONS

INLINE_BODY = 64 << 10
SLOW_STEP = 16 << 10


class Disconnected(Exception):
    """The client left, or a fault ended the connection."""


class TokenBucket:
    """At most `rate` bytes per second, in steps small enough to look steady."""

    def __init__(self, rate):
        self.rate = rate
        self.step = max(1, min(SLOW_STEP, int(rate / 20) or 1))
        self._ready = time.monotonic()
        self._nap = threading.Event()

    def wait_for(self, count):
        now = time.monotonic()
        self._ready = max(self._ready, now - 0.05) + count / self.rate
        if self._ready > now:
            self._nap.wait(self._ready - now)


class Wire:
    """One client socket. Counts what it sends into the request's row. `stall` blocks while
    the listener plays dead, and then raises Disconnected."""

    def __init__(self, sock, log=None, stall=None):
        self.sock = sock
        self._log = log
        self._stall = stall
        self.row = None

    def peer_gone(self):
        if not select.select([self.sock], [], [], 0)[0]:
            return False
        try:
            return self.sock.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def send(self, data, counted=0):
        """`counted` bytes of `data`, at its end, are body."""
        if self._stall is not None:
            self._stall()
        if self.row is not None and counted:
            self._log.add_bytes(self.row, counted)
        view = memoryview(data)
        try:
            while view:
                view = view[self.sock.send(view):]
        except OSError as error:
            if self.row is not None and counted:
                self._log.add_bytes(self.row, -min(len(view), counted))
            raise Disconnected() from error

    def reset(self):
        """Ends with RST: nothing that is still queued arrives."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Disconnected()


class BodyPlan:
    """What the struck faults, and the rate limit of the listener, do to one body."""

    def __init__(self, faults, board, rate):
        self.board = board
        self.extra = 0
        self.end_at = None
        self.reset = False
        self.wrong = []
        self.holds = []
        self.buckets = [TokenBucket(rate)] if rate else []
        self.slow_after = 0
        for fault in faults:
            self._add(fault)
        self.step = min([b.step for b in self.buckets], default=None)

    def _add(self, fault):
        at = fault.after_bytes
        if fault.kind == "slow":
            self.buckets.append(TokenBucket(fault.get("bytes_per_second", 1024)))
            self.slow_after = at or 0
        elif fault.kind == "cut" or (fault.kind == "reset" and at is not None):
            self.end_at = at or 0
            self.reset = fault.kind == "reset"
        elif fault.kind == "wrong_bytes":
            self.wrong.append((at or 0, (at or 0) + fault.get("length", 1)))
        elif fault.kind == "hold" and at is not None:
            self.holds.append((at, fault))
        elif fault.kind == "wrong_length_long":
            self.extra = fault.get("length", 1)
        elif fault.kind == "wrong_length_short":
            self.extra = -fault.get("length", 1)

    @property
    def plain(self):
        return not (self.extra or self.end_at is not None or self.wrong or self.holds
                    or self.buckets)

    def length(self, true_length):
        return max(0, true_length + self.extra)

    def next_stop(self, sent, end):
        """How far the next send may go: up to the nearest offset where something happens."""
        marks = [at for at, _ in self.holds] + ([self.end_at] if self.end_at is not None else [])
        end = min([m for m in marks if m > sent] + [end])
        return min(end, sent + self.step) if self.step else end

    def before(self, wire, sent):
        """Holds and ends that lie at this offset."""
        for at, fault in list(self.holds):
            if at == sent:
                self.holds.remove((at, fault))
                if not self.board.hold(fault, wire.peer_gone):
                    raise Disconnected()
        if self.end_at is not None and sent >= self.end_at:
            if self.reset:
                wire.reset()
            raise Disconnected()

    def spoil(self, data, offset):
        for first, last in self.wrong:
            low, high = max(first, offset), min(last, offset + len(data))
            if low < high:
                data = bytearray(data)
                for at in range(low - offset, high - offset):
                    data[at] ^= 0x5A
        return data

    def throttle(self, sent, count):
        if sent >= self.slow_after:
            for bucket in self.buckets:
                bucket.wait_for(count)


def _pieces(response, extra):
    if response.stream is not None:
        yield from response.stream
    elif response.content is not None:
        stop = response.stop + min(extra, 0)
        yield from response.content.pieces(response.start, max(stop, response.start))
    else:
        yield response.body[:len(response.body) + min(extra, 0)]
    if extra > 0:
        yield b"\xA5" * extra


def _send_spoiled(wire, response, plan, frame):
    sent = 0
    for piece in _pieces(response, plan.extra):
        view = memoryview(piece)
        while view:
            plan.before(wire, sent)
            count = plan.next_stop(sent, sent + len(view)) - sent
            part = plan.spoil(view[:count], sent)
            plan.throttle(sent, count)
            wire.send(frame(part), count)
            sent += count
            view = view[count:]
    plan.before(wire, sent)


def head_of(request, response, length, close):
    lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}",
             f"Date: {email.utils.formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if response.chunked and request.method != "HEAD":
        lines.append("Transfer-Encoding: chunked")
    elif response.status not in (204, 304):
        lines.append(f"Content-Length: {length}")
    lines.append(f"Connection: {'close' if close else 'keep-alive'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def send_response(wire, request, response, plan, close):
    try:
        _send(wire, request, response, plan, close)
    finally:
        if response.stream is not None:
            response.stream.close()


def _send(wire, request, response, plan, close):
    length = plan.length(response.length)
    head = head_of(request, response, length, close)
    if request.method == "HEAD" or response.status in (204, 304):
        wire.send(head)
    elif response.chunked:
        wire.send(head)
        _send_spoiled(wire, response, plan, lambda d: b"%x\r\n%b\r\n" % (len(d), bytes(d)))
        wire.send(b"0\r\n\r\n")
    elif plan.plain and response.content is None and length <= INLINE_BODY:
        wire.send(head + response.body, length)
    else:
        wire.send(head)
        if plan.plain:
            for piece in _pieces(response, 0):
                wire.send(piece, len(piece))
        else:
            _send_spoiled(wire, response, plan, lambda data: data)
