# SPDX-License-Identifier: Apache-2.0
# HTML pages of a repository: only their status, type and gate (hub-api.md 1.10).
from . import auth, errors
from .headers import weak_etag
from .http_message import Response

PAGES = ("blob", "tree", "discussions", "commits", "user-access-report")


def is_page(ids, rest):
    return bool(ids) and (not rest or rest[0] in PAGES)


def page(call, rest):
    if rest and rest[0] == "user-access-report":
        if call.caller.anonymous:
            raise errors.login_required()
        raise errors.no_permission()
    if rest and rest[0] == "blob" and call.repo.gated:
        # A browser page wants a session: even the owner's bearer token gets 401 on GET,
        # while HEAD was seen to answer 200.
        if call.request.method != "HEAD" or not auth.may_read(call.repo, call.caller):
            refusal = errors.gated(call.repo, auth.Caller())
            refusal.challenge = False
            raise refusal
    body = f"<!doctype html><title>{call.repo.id}</title><h1>{call.repo.id}</h1>".encode()
    return Response(200, [("Content-Type", "text/html; charset=utf-8"),
                          ("ETag", weak_etag(body))], body)
