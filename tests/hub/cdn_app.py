# SPDX-License-Identifier: Apache-2.0
# The second host: signed, expiring addresses of LFS files (hub-api.md 1.5). Its ETag is its
# own, and it sends none of the Hub's headers. `/cas` stands for the Xet server we lack.
import hashlib
from urllib.parse import unquote

from .headers import etag_matches
from .http_message import Response
from .ranges import apply_range
from .signing import verify


def refusal(status, code, message):
    body = (f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code>'
            f"<Message>{message}</Message></Error>").encode()
    return Response(status, [("Content-Type", "application/xml")], body)


class CdnApp:
    def __init__(self, state):
        self._state = state

    def __call__(self, request):
        response = self._answer(request)
        response.set("Access-Control-Allow-Origin", "*")
        response.set("Access-Control-Expose-Headers", "*")
        return response

    def _answer(self, request):
        if request.method == "OPTIONS":
            return Response(204, [("Access-Control-Allow-Methods", "GET, HEAD"),
                                  ("Access-Control-Allow-Headers", "Range, Authorization")])
        if request.method not in ("GET", "HEAD"):
            return refusal(405, "MethodNotAllowed", "The method is not allowed")
        path = unquote(request.path)
        if path.startswith("/cas"):
            return refusal(503, "ServiceUnavailable", "The emulator has no Xet CAS")
        reason = verify(path, request.query, self._state.now())
        if reason:
            return refusal(403, "AccessDenied", reason)
        content = self._state.content_on_cdn(path)
        if content is None:
            return refusal(404, "NoSuchKey", "The specified key does not exist.")
        if not content.available:
            return refusal(503, "ServiceUnavailable", "These bytes were never recorded")
        return self._file(request, path, content)

    def _file(self, request, path, content):
        tag = path.rsplit("/", 1)[-1]
        if path.startswith("/repos/"):
            tag = hashlib.md5(tag.encode()).hexdigest()     # S3's form, not the SHA-256
        etag = f'"{tag}"'
        condition = request.header("if-none-match")
        if condition and etag_matches(condition, etag):
            return Response(304, [("ETag", etag)])
        response = Response(200, [("Content-Type", "application/octet-stream"),
                                  ("ETag", etag), ("X-HF-CDN-Pop", "emulator")])
        disposition = request.value("response-content-disposition")
        if disposition:
            response.set("Content-Disposition", disposition)
        return apply_range(request, response, content)
