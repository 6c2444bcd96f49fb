# SPDX-License-Identifier: Apache-2.0
# The Hub's host: routes a request to its handler, turns refusals into answers, and adds what
# every answer has. `%2F` stays encoded until a handler decodes its own segment.
import gzip
import itertools
from urllib.parse import unquote

from . import (api_formats, api_info, api_lists, api_repo, api_tree, auth, errors, git_http,
               hostile, oci, pages, resolve)
from .api_answers import Call, json_answer
from .headers import CommonHeaders, etag_matches
from .http_message import Response
from .state import KINDS

GZIP_MIN = 1024
GZIP_MAX = 10_000_000       # CloudFront's limit
API_VERBS = {
    "revision": api_info.revision_info, "tree": api_tree.tree,
    "paths-info": api_tree.paths_info, "treesize": api_tree.treesize, "refs": api_repo.refs,
    "commits": api_repo.commits, "auth-check": api_repo.auth_check,
    "xet-read-token": api_repo.xet_read_token, "runtime": api_repo.runtime,
    "discussions": api_repo.discussions, "likers": api_repo.likers,
    "lfs-files": api_repo.lfs_files, "user-access-request": api_repo.access_requests,
    "safetensors-metadata": api_formats.safetensors_metadata, "compare": api_formats.compare,
    "parquet": api_formats.parquet,
}
FILE_VERBS = {"resolve": resolve.resolve, "raw": resolve.raw}
PREFLIGHT = [("Access-Control-Allow-Methods", "GET,HEAD,POST,PUT,DELETE,OPTIONS"),
             ("Access-Control-Allow-Headers", "Authorization,Range,Content-Type,If-None-Match,"
              "Accept,X-HF-Download-Counter,X-Amzn-Trace-Id"),
             ("Vary", "Origin, Access-Control-Request-Headers")]


def form_of(path):
    """How an error is written: JSON, text or a page; to git and Ollama with their challenge."""
    segments = [s for s in path.split("/") if s]
    if segments[:1] == ["v2"]:
        return "v2"
    git = None
    if segments[:1] != ["api"]:
        git = git_http.split(segments[1:] if segments and segments[0] in KINDS else segments)
    if git:
        return "lfs" if git[1][-1] == "batch" else "git"
    if path.startswith("/api/resolve-cache/") or "/resolve/" in path or "/raw/" in path:
        return "text"
    return "api" if path.startswith("/api/") else "page"


def split_id(segments, verbs):
    """(id segments, rest): old repositories have one segment, which shows by the verb."""
    if len(segments) >= 2 and segments[1] in verbs:
        return segments[:1], segments[1:]
    return segments[:2], segments[2:]


class HubApp:
    def __init__(self, state):
        self._state = state
        self._common = CommonHeaders(state.now)
        self._sequence = itertools.count(1)

    def __call__(self, request):
        caller = auth.caller_of(request)
        try:
            response = self._route(request, caller)
        except errors.HubError as error:
            response = errors.to_response(error, form_of(request.path))
        self._not_modified(request, response)
        self._compress(request, response)
        self._common.apply(request, response, next(self._sequence), caller.anonymous)
        return response

    def _route(self, request, caller):
        if request.method == "OPTIONS":
            return Response(204, PREFLIGHT)
        if request.method not in ("GET", "HEAD", "POST"):
            raise errors.page_not_found()
        segments = request.segments()
        call = Call(self._state, request, caller)
        if segments[:1] == ["api"]:
            return self._api(call, segments[1:])
        if segments[:1] == ["v2"]:
            return self._oci(call, segments[1:])
        kind = "model"
        if segments and segments[0] in KINDS:
            kind, segments = KINDS[segments[0]], segments[1:]
        git = git_http.split(segments)
        return self._git(call, kind, *git) if git else self._page(call, kind, segments)

    def _oci(self, call, segments):
        found = oci.split(segments)
        if found is None:
            raise errors.page_not_found()
        if not call.caller.valid:
            raise errors.invalid_token()
        ids, what, name = found
        moved = self._find(call, "model", ids, ["v2"], segments[-2:])
        return moved or oci.serve(call, what, name)

    def _git(self, call, kind, ids, suffix):
        if not call.caller.valid:
            raise errors.invalid_token()
        moved = self._find(call, kind, ids, [] if kind == "model" else [kind + "s"],
                           list(suffix))
        return moved or git_http.serve(call, suffix)

    def _api(self, call, segments):
        name = segments[0] if segments else ""
        if name == "telemetry":
            return Response(200, [("Content-Type", "text/plain; charset=utf-8")], b"OK")
        if name == "agent-harnesses":
            return json_answer({"standardEnvVars": ["AI_AGENT", "AGENT"], "harnesses": {}})
        if name == "whoami-v2":
            return json_answer(auth.whoami(call.caller))
        if not call.caller.valid:
            raise errors.invalid_token()
        if name == "resolve-cache" and len(segments) > 2 and segments[1] in KINDS:
            return self._resolve_cache(call, segments)
        if name in KINDS and len(segments) == 1:
            return api_lists.list_repos(call, KINDS[name])
        if name == "quicksearch":
            return api_lists.quicksearch(call)
        if name.endswith("-tags-by-type") and name.split("-")[0] in KINDS:
            return api_lists.tags_by_type(call, KINDS[name.split("-")[0]])
        if name not in KINDS:
            raise errors.page_not_found()
        ids, rest = split_id(segments[1:], API_VERBS)
        moved = self._find(call, KINDS[name], ids, ["api", name], rest)
        if moved:
            return moved
        if not rest:
            return hostile.spoil(call, "info", api_info.info(call))
        if rest[0] not in API_VERBS:
            raise errors.page_not_found()
        call.rest = rest[1:]
        return hostile.spoil(call, rest[0], API_VERBS[rest[0]](call))

    def _resolve_cache(self, call, segments):
        kind, rest = segments[1], segments[2:]
        # No verb here: a one-segment id is followed directly by the commit hash.
        one = len(rest) > 1 and len(rest[1]) == 40 and (len(rest) < 3 or len(rest[2]) != 40)
        ids, rest = (rest[:1], rest[1:]) if one else (rest[:2], rest[2:])
        moved = self._find(call, KINDS[kind], ids, ["api", "resolve-cache", kind], rest)
        call.rest = rest
        return moved or resolve.resolve_cache(call)

    def _page(self, call, kind, segments):
        ids, rest = split_id(segments, {**FILE_VERBS, "blob": 0, "tree": 0})
        is_file = bool(rest) and rest[0] in FILE_VERBS
        if is_file and not call.caller.valid:
            raise errors.invalid_token()
        if not is_file and not pages.is_page(ids, rest):
            raise errors.page_not_found()
        prefix = [] if kind == "model" else [kind + "s"]
        moved = self._find(call, kind, ids, prefix, rest)
        if moved:
            return moved
        call.rest = rest[1:]
        return FILE_VERBS[rest[0]](call) if is_file else pages.page(call, rest)

    def _find(self, call, kind, ids, before, rest):
        """Sets `call.repo`, or returns the 307 to its right name."""
        repo, moved = self._state.find(kind, "/".join(unquote(s) for s in ids))
        if repo is None or not auth.is_visible(repo, call.caller):
            raise errors.repo_not_found(call.caller)
        if moved:
            location = "/" + "/".join(before + [moved] + rest)
            if call.request.query:
                location += "?" + call.request.query
            return Response(307, [("Content-Type", "text/plain; charset=utf-8"),
                                  ("Location", location), ("Vary", "Origin, Accept")],
                            f"Temporary Redirect. Redirecting to {location}".encode())
        if repo.disabled:
            raise errors.disabled()
        call.repo = repo
        return None

    def _not_modified(self, request, response):
        """API answers carry weak ETags; browsers and proxies ask with them."""
        condition = request.header("if-none-match")
        etag = response.header("ETag") or ""
        if (condition and response.status == 200 and etag.startswith("W/")
                and etag_matches(condition, etag)):
            response.status, response.body = 304, b""

    def _compress(self, request, response):
        """What CloudFront does to text: no length, no ranges, the ETag stays."""
        is_file = response.content is not None
        if (request.method != "GET" or response.status != 200 or response.stream is not None
                or not self._state.settings["gzip_files" if is_file else "gzip"]
                or "gzip" not in request.header("accept-encoding", "")
                or request.header("range") is not None
                or not GZIP_MIN <= response.length <= GZIP_MAX
                or not response.header("Content-Type", "").startswith(
                    ("application/json", "text/"))):
            return
        body = response.content.read() if is_file else response.body
        response.body, response.content = gzip.compress(body, 1, mtime=0), None
        response.chunked = True
        response.remove("Accept-Ranges")
        response.set("Content-Encoding", "gzip")
        response.set("Vary", "Origin, Accept-Encoding")
