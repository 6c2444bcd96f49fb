# SPDX-License-Identifier: Apache-2.0
# Making repositories and commits, for the catalog and for the control address. Dates count
# up from a fixed day so that every start gives the same ids.
import base64

from .content import BytesContent, GeneratedContent
from .repos import Commit, FileEntry, Repo, Tree, is_lfs_by_default, iso_date

FIRST_DAY = 1_760_000_000       # 2025-10-09T08:53:20Z
STEP = 3600


def as_content(value):
    if isinstance(value, str):
        value = value.encode()
    return BytesContent(value) if isinstance(value, bytes) else value


def make_entry(path, value, lfs=None, xet=True):
    content = as_content(value)
    if lfs is None:
        lfs = is_lfs_by_default(path, content.size)
    return FileEntry(path, content, lfs=lfs, xet=xet)


def make_commit(parent, changes, title, message="", user="emulator", timestamp=None):
    """`changes`: path -> FileEntry, or None to delete. Nothing is published yet."""
    files = dict(parent.tree.files) if parent else {}
    for path, entry in changes.items():
        if entry is None:
            files.pop(path, None)
        else:
            files[path] = entry
    if timestamp is None:
        timestamp = parent.timestamp + STEP if parent else FIRST_DAY
    authors = [{"user": user, "avatar": f"/avatars/{user}.svg"}]
    return Commit(Tree(files.values()), parent, title, message, timestamp, authors)


class RepoBuilder:
    """Writes the history of one built-in repository, branch by branch."""

    def __init__(self, kind, repo_id, **options):
        fields = options.pop("fields", {})
        self.repo = Repo(kind, repo_id, fields=fields, created_at=iso_date(FIRST_DAY), **options)

    def commit(self, title, files, branch="main", start=None):
        """Adds a commit to `branch`; `start` is where a new branch leaves from."""
        parent = start or self.repo.refs["branches"].get(branch)
        changes = {path: None if value is None else
                   value if isinstance(value, FileEntry) else make_entry(path, value)
                   for path, value in files.items()}
        commit = make_commit(parent, changes, title)
        self.repo.set_ref("branches", branch, commit)
        return commit

    def detached(self, title, files, start):
        """A commit for a reference that is no branch: a pull request, a conversion."""
        changes = {path: make_entry(path, value) for path, value in files.items()}
        return make_commit(start, changes, title)


def entry_of_request(spec, repo_id):
    """One file as the control address describes it."""
    path = spec["path"]
    if "text" in spec:
        value = spec["text"].encode()
    elif "base64" in spec:
        value = base64.b64decode(spec["base64"])
    elif "size" in spec:
        value = GeneratedContent(spec.get("seed", f"{repo_id}/{path}"), int(spec["size"]))
    else:
        raise ValueError(f"{path}: give text, base64 or size")
    return make_entry(path, value, spec.get("lfs"), spec.get("xet", True))


def changes_of_request(files, deleted, repo_id):
    changes = {spec["path"]: entry_of_request(spec, repo_id) for spec in files}
    changes.update({path: None for path in deleted})
    return changes
