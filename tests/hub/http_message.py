# SPDX-License-Identifier: Apache-2.0
# One HTTP request as the handlers see it and one answer as they give it.
# Nothing here knows sockets or the Hub.
import json
from urllib.parse import parse_qsl, unquote

REASONS = {
    200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
    302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
    308: "Permanent Redirect", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 413: "Payload Too Large", 416: "Range Not Satisfiable",
    422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error",
    501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
}


class Request:
    """A parsed request. `path` and `query` stay percent-encoded: `%2F` must survive routing."""

    def __init__(self, method, target, headers, body=b"", version="HTTP/1.1"):
        self.method = method
        self.target = target
        self.headers = headers      # lower-case name -> value
        self.body = body
        self.version = version
        self.path, _, self.query = target.partition("?")
        self.pairs = parse_qsl(self.query, keep_blank_values=True)
        self.connection = 0         # number of the connection, for the log
        self.entry = None           # row of the request log

    def header(self, name, default=None):
        return self.headers.get(name, default)

    def values(self, key):
        """All values of `key`, in both spellings clients use: `key=` and `key[]=`."""
        return [v for k, v in self.pairs if k in (key, key + "[]")]

    def value(self, key, default=None):
        found = self.values(key)
        return found[-1] if found else default

    def flag(self, key):
        """Old Python clients send `True`, new ones `true`, browsers `1`."""
        return self.value(key, "").lower() in ("true", "1")

    def segments(self):
        """Path segments, still encoded; a trailing slash adds nothing (polars sends one)."""
        return [s for s in self.path.split("/") if s]


class Response:
    """Status, ordered headers and a body: bytes, a Content with the range to send, or a
    stream of unknown length."""

    def __init__(self, status, headers=(), body=b"", content=None, start=0, stop=None):
        self.status = status
        self.headers = list(headers)
        self.body = body
        self.content = content      # takes precedence over body
        self.start = start
        self.stop = (content.size if content is not None else 0) if stop is None else stop
        self.stream = None          # iterator of pieces; takes precedence over content
        self.chunked = False
        self.close = False
        self.is_content = False     # counts as file bytes in the statistics

    def header(self, name, default=None):
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return default

    def set(self, name, value):
        self.remove(name)
        self.headers.append((name, str(value)))

    def remove(self, name):
        wanted = name.lower()
        self.headers = [(k, v) for k, v in self.headers if k.lower() != wanted]

    def stream_from(self, pieces):
        """The body comes from a generator, which is closed when the client leaves."""
        self.stream = pieces
        self.chunked = True

    @property
    def length(self):
        return self.stop - self.start if self.content is not None else len(self.body)


def dump_json(value):
    """JSON exactly as the Hub writes it: no spaces, UTF-8 unescaped, key order kept."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def decode_segments(segments):
    return "/".join(unquote(s) for s in segments)
