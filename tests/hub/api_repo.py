# SPDX-License-Identifier: Apache-2.0
# The smaller per-repository endpoints: refs, commits, auth-check, Xet tokens, access requests
# (hub-api.md 2.1, 2.6).
import html

from . import auth, errors
from .api_answers import int_value, json_answer, next_link, revision_and_path, single_revision
from .http_message import Response

COMMITS_PAGE = 50
COMMITS_MAX = 1000
REF_PREFIX = {"branches": "refs/heads/", "tags": "refs/tags/", "converts": "refs/convert/",
              "pullRequests": "refs/pr/"}


def refs(call):
    """Three lists always, the pull requests when asked for."""
    kinds = ["tags", "branches", "converts"]
    if call.request.flag("include_prs") or call.request.flag("include_pull_requests"):
        kinds.append("pullRequests")
    return json_answer({kind: [
        {"name": name, "ref": REF_PREFIX[kind] + name, "targetCommit": commit.id}
        for name, commit in sorted(call.repo.refs[kind].items(),
                                   key=lambda pair: (pair[0] != "main", pair[0]))
    ] for kind in kinds})


def commits(call):
    commit, _ = revision_and_path(call)
    history = list(commit.history())
    limit = int_value(call, "limit", COMMITS_PAGE, COMMITS_MAX)
    page_text = call.request.value("p", "0")
    page = int(page_text) if page_text.isdigit() else 0
    formatted = "formatted" in call.request.values("expand")
    items = []
    for one in history[page * limit:(page + 1) * limit]:
        item = {"id": one.id, "title": one.title, "message": one.message,
                "authors": one.authors, "date": one.date}
        if formatted:
            item["formatted"] = {"title": html.escape(one.title),
                                 "message": html.escape(one.message)}
        items.append(item)
    headers = [("X-Total-Count", str(len(history)))]
    if (page + 1) * limit < len(history):
        headers.append(next_link(call, p=page + 1, limit=limit))
    return json_answer(items, headers)


def auth_check(call):
    auth.require_gate(call.repo, call.caller)
    return Response(200, [("Content-Type", "text/plain; charset=utf-8")], b"OK")


def xet_read_token(call):
    """Clients read the headers or the JSON, depending on their age: both are sent. The
    emulator has no CAS: what `casUrl` names answers 503."""
    auth.require_gate(call.repo, call.caller)
    single_revision(call)
    if not call.state.settings["xet"]:
        raise errors.page_not_found()
    expires = int(call.state.now()) + call.state.signed_lifetime
    token = f"xet_emulator_{call.repo._id}_{expires}"
    return json_answer({"accessToken": token, "exp": expires, "casUrl": call.state.cas_url}, [
        ("X-Xet-Cas-Url", call.state.cas_url), ("X-Xet-Access-Token", token),
        ("X-Xet-Token-Expiration", str(expires))])


def runtime(call):
    value = call.repo.fields.get("runtime")
    if call.repo.kind != "space" or value is None:
        raise errors.page_not_found()
    return json_answer(value)


def discussions(call):
    return json_answer({"discussions": [], "count": 0, "start": 0, "numClosedDiscussions": 0})


def access_requests(call):
    """Only the owner may list who asks for access."""
    if call.caller.anonymous:
        raise errors.login_required()
    if call.caller.user != call.repo.author:
        raise errors.no_permission()
    if not call.repo.gated:
        raise errors.HubError(400, f"{call.repo.kind} {call.repo.id} is not gated",
                              "RepoNotGated")
    return json_answer([{"username": user} for user in sorted(call.repo.pending)])


def likers(call):
    return json_answer([])


def lfs_files(call):
    auth.require_gate(call.repo, call.caller)
    seen = {e.lfs_sha256: (c, e) for c in call.repo.commits.values()
            for e in c.tree.files.values() if e.is_lfs}
    return json_answer([{
        "fileOid": e.lfs_sha256, "filename": e.path, "oid": e.lfs_sha256, "pushedAt": c.date,
        "ref": "refs/heads/main", "size": e.size,
        **({"xetHash": e.xet_hash} if e.xet_hash else {})} for c, e in seen.values()])
