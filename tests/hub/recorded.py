# SPDX-License-Identifier: Apache-2.0
# The repositories of the recordings: ids, commits and hashes as the live Hub gave them. Where
# only sizes were recorded the headers are true and the bytes are refused (503); where only
# names were, listings are refused too.
import json
import os

from .content import AbsentContent, BytesContent
from .repos import Commit, FileEntry, Repo, Tree

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recordings")
UNKNOWN_OID = "0" * 40


def load(folder, name):
    with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
        return json.load(file)[name]


def _entry(spec):
    path, last = spec["path"], spec.get("last_commit")
    if "text" in spec:
        return FileEntry(path, BytesContent(spec["text"].encode()), last_commit=last)
    if "size" not in spec:
        return FileEntry(path, oid=UNKNOWN_OID)
    content = AbsentContent(spec["size"], spec.get("sha256"))
    return FileEntry(path, content, lfs="sha256" in spec, oid=spec.get("oid"),
                     xet_hash=spec.get("xet"), last_commit=last)


def _commit(spec, parent=None):
    tree = Tree([_entry(f) for f in spec["files"]], spec.get("directories"))
    return Commit(tree, parent, spec.get("title", "initial commit"), spec.get("message", ""),
                  authors=spec.get("authors", ()), commit_id=spec.get("id"),
                  date=spec.get("date", "2025-01-01T00:00:00.000Z"))


def _history(repo, spec):
    """A recorded first page of commits, newest first, continued with made-up ones below."""
    parent = None
    for number in range(spec["history_total"] - len(spec["commits"])):
        parent = repo.add_commit(_commit({"files": [], "title": f"not recorded {number}"},
                                         parent))
    for one in reversed(spec["commits"]):
        parent = repo.add_commit(_commit(one, parent))


def _repo(spec):
    repo = Repo(spec["kind"], spec["id"], spec.get("_id"), gated=spec.get("gated", False),
                fields=spec.get("fields"),
                created_at=spec.get("created_at", "2022-03-02T23:29:04.000Z"))
    repo.pending = set(spec.get("pending", ()))
    if "history_total" in spec:
        _history(repo, spec)
    else:
        for one in spec["commits"]:
            repo.add_commit(_commit(one))
    main = repo.commits[spec["main"]] if "main" in spec else next(iter(repo.commits.values()))
    repo.set_ref("branches", "main", main)
    return repo


def fill(state, folder):
    for spec in load(folder, "repos"):
        repo = state.add(_repo(spec))
        for old in spec.get("renamed_from", ()):
            state.renames = {**state.renames, (repo.kind, old): repo.id}
