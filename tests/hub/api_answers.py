# SPDX-License-Identifier: Apache-2.0
# What API handlers share: the call, JSON answers, `Link: rel="next"`, and finding the
# revision in an address whose slashes may or may not be escaped.
from urllib.parse import quote, unquote, urlencode

from . import errors
from .headers import weak_etag
from .http_message import Response, decode_segments, dump_json

JSON = "application/json; charset=utf-8"
MASK = "*" * 64


class Call:
    """One request with everything its handler needs. `rest`: encoded segments after the verb."""

    def __init__(self, state, request, caller, repo=None, rest=()):
        self.state = state
        self.request = request
        self.caller = caller
        self.repo = repo
        self.rest = list(rest)


def json_answer(value, headers=()):
    body = dump_json(value)
    return Response(200, [("Content-Type", JSON), ("ETag", weak_etag(body)), *headers], body)


def next_link(call, **changes):
    """An absolute address that repeats all parameters, as the Hub gives it."""
    pairs = [(k, v) for k, v in call.request.pairs if k not in changes]
    pairs += list(changes.items())
    address = call.state.base_url(call.request) + call.request.path
    return ("Link", f"<{address}?{urlencode(pairs, quote_via=quote)}>; rel=\"next\"")


def int_value(call, key, default, most):
    text = call.request.value(key)
    if text is None or not text.isdigit():
        return default
    return max(1, min(int(text), most))


def single_revision(call):
    """The revision where clients always escape its slashes; `main` when left out."""
    revision = unquote(call.rest[0]) if call.rest else "main"
    commit = call.repo.find_revision(revision)
    if commit is None:
        raise errors.revision_not_found(revision)
    return commit


def revision_and_path(call):
    """huggingface.js leaves the slashes of `refs/pr/1` unescaped under /tree/ and /commits/:
    the longest run of segments that names a reference wins."""
    rest = call.rest or ["main"]
    for count in range(len(rest), 1, -1):
        commit = call.repo.find_ref(decode_segments(rest[:count]))
        if commit is not None:
            return commit, decode_segments(rest[count:])
    revision = unquote(rest[0])
    commit = call.repo.find_revision(revision)
    if commit is None:
        raise errors.revision_not_found(revision)
    return commit, decode_segments(rest[1:]).strip("/")
