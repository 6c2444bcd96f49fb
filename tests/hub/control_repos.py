# SPDX-License-Identifier: Apache-2.0
# Changes of repositories asked for at the control address: create, commit, move a
# reference, gate, hide, disable, rename, delete. Each holds the state's lock.
from . import hostile
from .authoring import FIRST_DAY, STEP, changes_of_request, make_commit
from .repos import REF_KINDS, Repo, iso_date
from .state import KINDS

REF_NAMES = {"branch": "branches", "tag": "tags", "convert": "converts", "pr": "pullRequests"}


def kind_of(name):
    kind = KINDS.get(name, name)
    if kind not in KINDS.values():
        raise ValueError(f"no such type: {name}")
    return kind


def describe(repo):
    return {"type": repo.kind, "id": repo.id, "_id": repo._id, "gated": repo.gated,
            "private": repo.private, "disabled": repo.disabled, "hostile": repo.hostile,
            "commits": len(repo.commits), "sha": repo.main.id if repo.main else None,
            "refs": {kind: {n: c.id for n, c in repo.refs[kind].items()} for kind in REF_KINDS}}


def create(state, body):
    kind = kind_of(body.get("type", "model"))
    with state.lock:
        if (kind, body["id"]) in state.repos:
            raise ValueError(f"{body['id']} exists")
        fields = {"tags": ["region:us"], **body.get("fields", {})}
        repo = Repo(kind, body["id"], body.get("_id"), gated=body.get("gated", False),
                    private=body.get("private", False), disabled=body.get("disabled", False),
                    fields=fields, created_at=iso_date(FIRST_DAY))
        repo.members = set(body.get("members", ()))
        repo.pending = set(body.get("pending", ()))
        changes = changes_of_request(body.get("files", ()), (), repo.id)
        repo.set_ref("branches", "main", make_commit(None, changes, "initial commit"))
        state.add(repo)
        return describe(repo)


def commit(state, kind, repo_id, body):
    """A new commit on a branch (made from main when new); answers its id."""
    repo = state.repos[(kind_of(kind), repo_id)]
    with state.lock:
        branch = body.get("branch", "main")
        parent = repo.refs["branches"].get(branch) or repo.main
        changes = changes_of_request(body.get("files", ()), body.get("delete", ()), repo.id)
        # Distinct commits even for equal changes, as time goes on in a real repository.
        timestamp = FIRST_DAY + STEP * (len(repo.commits) + 100)
        made = make_commit(parent, changes, body.get("title", f"Commit {len(repo.commits)}"),
                           body.get("message", ""), timestamp=timestamp)
        repo.set_ref("branches", branch, made)
        return {"sha": made.id, "branch": branch}


def move_ref(state, kind, repo_id, body):
    """Creates, moves (force-push) or deletes a reference; the old commit stays readable."""
    repo = state.repos[(kind_of(kind), repo_id)]
    ref_kind = REF_NAMES[body.get("kind", "branch")]
    with state.lock:
        if body.get("delete"):
            repo.set_ref(ref_kind, body["name"], None)
            return {"sha": None}
        target = repo.find_revision(body["target"])
        if target is None:
            raise KeyError(body["target"])
        repo.set_ref(ref_kind, body["name"], target)
        return {"sha": target.id}


def set_state(state, kind, repo_id, body):
    repo = state.repos[(kind_of(kind), repo_id)]
    known = {"gated", "private", "disabled", "members", "pending", "fields", "rename", "delete"}
    if set(body) - known:
        raise ValueError(f"unknown: {', '.join(sorted(set(body) - known))}")
    with state.lock:
        for name in ("gated", "private", "disabled"):
            if name in body:
                setattr(repo, name, body[name])
        for name in ("members", "pending"):
            if name in body:
                setattr(repo, name, set(body[name]))
        repo.fields = {**repo.fields, **body.get("fields", {})}
        if "rename" in body:
            state.rename(repo, body["rename"])
        if body.get("delete"):
            state.remove(repo)
        return describe(repo)


def set_hostile(state, kind, repo_id, body):
    """Spoils this repository's API answers from now on; `{"kind": null}` makes them honest."""
    repo = state.repos[(kind_of(kind), repo_id)]
    rule = hostile.check(body)
    with state.lock:
        repo.hostile = rule
        return describe(repo)


CHANGES = {"state": set_state, "commit": commit, "ref": move_ref, "hostile": set_hostile}
