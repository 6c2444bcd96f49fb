# SPDX-License-Identifier: Apache-2.0
# Files: /resolve/, /api/resolve-cache/ and /raw/ (hub-api.md 1.2 to 1.8, 1.10).
from urllib.parse import quote, unquote

from . import auth, errors
from .headers import content_disposition, content_type, etag_matches
from .http_message import Response, decode_segments, dump_json
from .ranges import apply_range
from .signing import sign

# Open to all in the root of a gated repository, case-sensitive, under /resolve/ only.
GATE_EXCEPTIONS = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")
XET_INFO = "application/vnd.xet-fileinfo+json"
TEXT = "text/plain; charset=utf-8"


def find_file(call, revision, segments):
    """(commit, entry), in the Hub's order of checks: gate, revision, file."""
    commit = call.repo.find_revision(revision)
    if commit is None:
        raise errors.revision_not_found(revision)
    entry = commit.tree.files.get(decode_segments(segments))
    if entry is None:
        raise errors.entry_not_found(commit)
    if entry.size is None:
        raise errors.not_recorded()
    return commit, entry


def resolve(call):
    """GET or HEAD /{id}/resolve/{rev}/{path}"""
    if not call.rest:
        raise errors.page_not_found()
    path = decode_segments(call.rest[1:])
    if path not in GATE_EXCEPTIONS:
        auth.require_gate(call.repo, call.caller)
    commit, entry = find_file(call, unquote(call.rest[0]), call.rest[1:])
    return _answer_file(call, commit, entry, redirect_git=True)


def resolve_cache(call):
    """Where git files of public repositories are really served; full commit hashes only."""
    revision = unquote(call.rest[0]) if call.rest else ""
    if len(revision) != 40 or revision.strip("0123456789abcdef"):
        raise errors.HubError(400, "Invalid commit hash")
    auth.require_gate(call.repo, call.caller)
    commit, entry = find_file(call, revision, call.rest[1:])
    return _answer_file(call, commit, entry, redirect_git=False)


def raw(call):
    """Content as git has it. The gate knows no exception here, and there is no 304."""
    auth.require_gate(call.repo, call.caller)
    if not call.rest:
        raise errors.page_not_found()
    commit, entry = find_file(call, unquote(call.rest[0]), call.rest[1:])
    response = _file_headers(call, commit, entry)
    response.set("ETag", f'"{entry.oid}"')
    return _with_content(call, response, entry, entry.git_content())


def _answer_file(call, commit, entry, redirect_git):
    etag = f'"{entry.lfs_sha256 or entry.oid}"'
    condition = call.request.header("if-none-match")
    if condition and etag_matches(condition, etag):
        return Response(304, [("ETag", etag), ("X-Repo-Commit", commit.id)])
    if entry.is_lfs:
        if XET_INFO in call.request.header("accept", "") and _xet_shown(call, entry):
            return _xet_info(call, commit, entry)
        return _redirect_to_cdn(call, commit, entry)
    hidden = call.repo.private or call.repo.gated
    if redirect_git and entry.size > 0 and "/" in call.repo.id and not hidden:
        return _redirect_to_cache(call, commit, entry)
    response = _file_headers(call, commit, entry)
    response.set("ETag", etag)
    return _with_content(call, response, entry, entry.content)


def _with_content(call, response, entry, content):
    if not content.available and call.request.method != "HEAD":
        raise errors.not_recorded()
    sample = content.read(0, min(1024, content.size)) if content.available else b""
    response.set("Content-Type", content_type(entry.path, sample))
    return apply_range(call.request, response, content)


def _file_headers(call, commit, entry):
    attachment = call.request.value("download") == "true"
    return Response(200, [
        ("Content-Type", TEXT),
        ("X-Repo-Commit", commit.id),
        ("Accept-Ranges", "bytes"),
        ("Content-Disposition", content_disposition(entry.path, attachment)),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ])


def _redirect(response, status, location):
    response.status = status
    response.set("Location", location)
    response.set("Vary", "Origin, Accept")
    word = "Temporary Redirect" if status == 307 else "Found"
    response.body = f"{word}. Redirecting to {location}".encode()
    return response


def _redirect_to_cache(call, commit, entry):
    """307, relative. The query repeats the old path and the ETag; nothing depends on it."""
    repo = call.repo
    location = (f"/api/resolve-cache/{repo.api_name}/{repo.id}/{commit.id}/{quote(entry.path)}"
                f"?{quote(call.request.path, safe='')}=&etag=%22{entry.oid}%22")
    response = _file_headers(call, commit, entry)
    response.set("X-Linked-ETag", f'"{entry.oid}"')
    response.set("X-Hub-Cache", "MISS")
    return _redirect(response, 307, location)


def _xet_shown(call, entry):
    return entry.xet_hash is not None and call.state.settings["xet"]


def _xet_routes(call, commit, entry):
    base, repo = call.state.base_url(call.request), call.repo
    refresh = f"{base}/api/{repo.api_name}/{repo.id}/xet-read-token/{commit.id}"
    return refresh, f"{call.state.cas_url}/v1/reconstructions/{entry.xet_hash}"


def _redirect_to_cdn(call, commit, entry):
    """302, absolute, to a signed address that expires."""
    state = call.state
    disposition = None
    if call.request.value("noContentDisposition") != "1":
        attachment = call.request.value("download") == "true"
        disposition = content_disposition(entry.path, attachment)
    location = sign(state.cdn_url, state.cdn_path(call.repo, entry),
                    int(state.now()) + state.signed_lifetime, disposition)
    response = Response(302, [
        ("Content-Type", TEXT),
        ("X-Repo-Commit", commit.id),
        ("X-Linked-Size", str(entry.size)),
        ("X-Linked-ETag", f'"{entry.lfs_sha256}"'),
        ("Accept-Ranges", "bytes"),
        ("Cache-Control", "no-store"),
    ])
    if _xet_shown(call, entry):
        refresh, reconstruction = _xet_routes(call, commit, entry)
        response.set("X-Xet-Hash", entry.xet_hash)
        response.set("Link", f'<{refresh}>; rel="xet-auth", '
                     f'<{reconstruction}>; rel="xet-reconstruction-info"')
    return _redirect(response, 302, location)


def _xet_info(call, commit, entry):
    refresh, reconstruction = _xet_routes(call, commit, entry)
    body = dump_json({"hash": entry.xet_hash, "refreshUrl": refresh,
                      "reconstructionUrl": reconstruction,
                      "etag": f'"{entry.lfs_sha256}"', "size": entry.size})
    return Response(200, [("Content-Type", XET_INFO), ("X-Repo-Commit", commit.id),
                          ("X-Linked-Size", str(entry.size)),
                          ("X-Linked-ETag", f'"{entry.lfs_sha256}"'),
                          ("Vary", "Origin, Accept")], body)
