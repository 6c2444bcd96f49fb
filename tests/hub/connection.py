# SPDX-License-Identifier: Apache-2.0
# One client connection: reads requests, lets the faults strike, asks the application, sends.
# A thread of its own runs `serve`.
import traceback

from . import auth
from .fault_answers import answer_of, edit_headers
from .http_message import Request, Response
from .sender import BodyPlan, Disconnected, Wire, send_response

LINE_MAX = 64 << 10
HEADERS_MAX = 200
BODY_MAX = 64 << 20


class BadRequest(Exception):
    pass


def read_request(file, wire):
    """The next request, or None when the client is done."""
    line = file.readline(LINE_MAX)
    while line in (b"\r\n", b"\n"):
        line = file.readline(LINE_MAX)
    if not line:
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest()
    headers = {}
    for _ in range(HEADERS_MAX):
        line = file.readline(LINE_MAX).decode("latin-1").rstrip("\r\n")
        if not line:
            break
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest()
        name, value = name.strip().lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    else:
        raise BadRequest()
    if headers.get("expect", "").lower() == "100-continue":
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    target = parts[1]
    if target.startswith("http://"):        # absolute form, as to a proxy
        target = "/" + target[len("http://"):].partition("/")[2]
    return Request(parts[0], target, headers, _read_body(file, headers), parts[2])


def _read_body(file, headers):
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = b""
        while True:
            size = int(file.readline(LINE_MAX).split(b";")[0], 16)
            if len(body) + size > BODY_MAX:
                raise BadRequest()
            body += file.read(size)
            file.readline(LINE_MAX)
            if size == 0:
                return body
    length = int(headers.get("content-length", "0"))
    if length > BODY_MAX:
        raise BadRequest()
    return file.read(length) if length else b""


class Connection:
    def __init__(self, listener, sock, number):
        self._listener = listener
        self._sock = sock
        self._number = number
        self._wire = Wire(sock, listener.log, listener.stall)

    def serve(self):
        try:
            with self._sock, self._sock.makefile("rb", LINE_MAX) as file:
                self._serve(file)
        except (Disconnected, OSError):
            pass

    def _serve(self, file):
        while True:
            try:
                request = read_request(file, self._wire)
            except (BadRequest, ValueError):
                self._wire.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                                b"Connection: close\r\n\r\n")
                return
            if request is None:
                return
            request.connection = self._number
            close = (request.version == "HTTP/1.0"
                     or "close" in request.header("connection", "").lower())
            if self._answer(request, close):
                return

    def _answer(self, request, close):
        """Answers one request; True when the connection must end."""
        listener = self._listener
        if listener.log is None:
            response = self._ask(request)
            send_response(self._wire, request, response, BodyPlan((), None, None), close)
            return close
        row = listener.log.begin(listener.name, request, auth.caller_of(request).token_name)
        request.entry = self._wire.row = row
        aborted = True
        try:
            close = self._answer_logged(request, row, close)
            aborted = False
            return close
        finally:
            listener.log.finish(row, aborted)
            self._wire.row = None

    def _answer_logged(self, request, row, close):
        listener = self._listener
        listener.stall()
        struck = listener.faults.strike(listener.name, request.method, request.target)
        row["faults"] = [fault.id for fault in struck]
        response = self._before_answer(request, struck) or self._ask(request)
        for fault in struck:
            edit_headers(fault, response)
        close = close or response.close
        listener.log.update(row, status=response.status, content=response.is_content)
        plan = BodyPlan(struck, listener.faults, listener.rate)
        send_response(self._wire, request, response, plan, close)
        return close

    def _before_answer(self, request, struck):
        """Faults that act before the application is asked; the first answer wins."""
        board = self._listener.faults
        for fault in struck:
            if fault.kind == "hold" and fault.after_bytes is None:
                if not board.hold(fault, self._wire.peer_gone):
                    raise Disconnected()
            elif fault.kind == "delay":
                board.pause(fault, fault.get("seconds", 1), self._wire.peer_gone)
            elif fault.kind == "reset" and fault.after_bytes is None:
                self._wire.reset()
            elif fault.kind == "no_range":
                request.headers.pop("range", None)
        for fault in struck:
            response = answer_of(fault, request)
            if response is not None:
                return response
        return None

    def _ask(self, request):
        try:
            return self._listener.app(request)
        except Exception:       # a mistake of ours must be seen, and must not end the thread
            text = traceback.format_exc()
            print(text, file=self._listener.errors, flush=True)
            return Response(500, [("Content-Type", "text/plain; charset=utf-8")], text.encode())
