# SPDX-License-Identifier: Apache-2.0
# The headers every answer of the Hub carries, ETags, and Content-Disposition
# (hub-api.md 1.3, 1.7, 1.11, 3.3; recordings/answers.json).
import base64
import hashlib
import mimetypes
from urllib.parse import quote

EXPOSED = ("X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,"
           "Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash")
WARNING = ("unauthenticated; Warning: You are sending unauthenticated requests to the HF Hub. "
           "Please set a HF_TOKEN to enable higher rate limits and faster downloads.")
WINDOW = 300
QUOTAS = {  # bucket -> (anonymous, with a token); DOCS rate-limits.md
    "api": (500, 1000), "resolvers": (3000, 5000), "pages": (100, 200),
}


def weak_etag(body):
    """Of API answers and error texts: hex length and 27 characters of base64 SHA-1."""
    digest = base64.b64encode(hashlib.sha1(body).digest()).decode()
    return f'W/"{len(body):x}-{digest[:27]}"'


def etag_matches(header, etag):
    """If-None-Match compares weakly."""
    def bare(tag):
        tag = tag.strip()
        return tag[2:] if tag.startswith("W/") else tag
    return header.strip() == "*" or bare(etag) in [bare(t) for t in header.split(",")]


def content_disposition(path, attachment=False):
    name = path.rsplit("/", 1)[-1]
    plain = name.encode("ascii", "replace").decode().replace("\\", "\\\\").replace('"', '\\"')
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}; filename=\"{plain}\";"


def content_type(path, head):
    """Text of every sort is text/plain on the Hub; other types are guessed, none recorded."""
    try:
        head.decode()
        return "text/plain; charset=utf-8"
    except UnicodeDecodeError as error:
        if error.start > len(head) - 4 and len(head) == 1024:
            return "text/plain; charset=utf-8"      # a character cut at the sample's end
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def bucket_of(path):
    if "/resolve/" in path or "/resolve-cache/" in path:
        return "resolvers"
    return "api" if path.startswith("/api/") else "pages"


def rate_limit_headers(bucket, left, seconds, quota):
    return [("RateLimit", f'"{bucket}";r={left};t={seconds}'),
            ("RateLimit-Policy", f'"fixed window";"{bucket}";q={quota};w={WINDOW}')]


class CommonHeaders:
    """Counts requests per bucket, and adds what does not depend on the route."""

    def __init__(self, clock):
        self._clock = clock
        self._window = None
        self._used = {}

    def rate_limit(self, path, anonymous):
        """Numbers as on the Hub, never enforced: a 429 is asked for by a fault."""
        now = int(self._clock())
        if now // WINDOW != self._window:
            self._window, self._used = now // WINDOW, {}
        bucket = bucket_of(path)
        quota = QUOTAS[bucket][0 if anonymous else 1]
        used = self._used[bucket] = self._used.get(bucket, 0) + 1
        return rate_limit_headers(bucket, max(1, quota - used), WINDOW - now % WINDOW, quota)

    def apply(self, request, response, sequence, anonymous):
        trace = request.header("x-amzn-trace-id")
        digest = hashlib.sha1(str(sequence).encode()).hexdigest()
        origin = request.header("origin") or "https://huggingface.co"
        added = [
            ("X-Powered-By", "huggingface-moon"),
            ("X-Request-Id", f"Root=1-{int(self._clock()):08x}-{digest[:24]}"
             + (f";{trace}" if trace else "")),
            *self.rate_limit(request.path, anonymous),
            ("cross-origin-opener-policy", "same-origin"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Access-Control-Max-Age", "86400"),
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", EXPOSED),
        ]
        if anonymous:
            added.append(("X-HF-Warning", WARNING))
        if response.header("Vary") is None:
            added.append(("Vary", "Origin"))
        response.headers += added
