# SPDX-License-Identifier: Apache-2.0
# The repository model: files, trees, commits, references. Ids are git's own unless a
# recording dictates them. Objects are immutable after publication; a repository's maps are
# replaced, not changed, so readers need no lock.
import datetime
import fnmatch
import functools
import hashlib

from . import git_objects
from .content import BytesContent

LFS_PATTERNS = (
    "*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model "
    "*.msgpack *.npy *.npz *.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar "
    "*.safetensors *.tar.* *.tar *.tflite *.tgz *.wasm *.xz *.zip *.zst *tfevents* *.gguf"
).split()
LFS_SIZE = 1_000_000
REF_KINDS = ("branches", "tags", "converts", "pullRequests")


def is_lfs_by_default(path, size):
    name = path.rsplit("/", 1)[-1]
    return (size >= LFS_SIZE or path.startswith("saved_model/")
            or any(fnmatch.fnmatchcase(name, p) for p in LFS_PATTERNS))


def iso_date(timestamp):
    moment = datetime.datetime.fromtimestamp(timestamp, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class FileEntry:
    """A file of a tree. `size` None: only the name was recorded. `xet` None: old LFS."""

    def __init__(self, path, content=None, lfs=False, xet=True, oid=None, xet_hash=None,
                 last_commit=None):
        self.path = path
        self.content = content
        self.size = content.size if content is not None else None
        self.last_commit = last_commit
        self.lfs_sha256 = self.xet_hash = self.pointer = None
        if lfs:
            self.lfs_sha256 = content.sha256
            self.pointer = git_objects.pointer_text(self.lfs_sha256, self.size)
            if xet:
                # Not the real Xet hash (that is a BLAKE3 tree over chunks): nothing checks it
                # while the emulator has no CAS, it only must differ from the SHA-256.
                self.xet_hash = xet_hash or hashlib.sha256(
                    b"xet " + self.lfs_sha256.encode()).hexdigest()
            self.oid = oid or git_objects.blob_id(self.pointer)
        elif oid:
            self.oid = oid
        else:
            self.oid = git_objects.blob_id_of_pieces(self.size, content.pieces(0, self.size))

    @property
    def is_lfs(self):
        return self.lfs_sha256 is not None

    def git_content(self):
        """What git itself holds: the pointer text of an LFS file, else the file."""
        return BytesContent(self.pointer) if self.is_lfs else self.content


class Tree:
    """All files of a commit and the directories they imply."""

    def __init__(self, files, directory_oids=None):
        self.files = {f.path: f for f in sorted(files, key=lambda f: f.path.encode())}
        self._given_oids = directory_oids or {}

    @functools.cached_property
    def directories(self):
        """path -> (sorted child directory names, sorted child file names); root is ""."""
        found = {"": (set(), set())}
        for path in list(self.files) + [d + "/" for d in self._given_oids]:
            parts = path.split("/")
            for depth in range(len(parts) - 1):
                parent, child = "/".join(parts[:depth]), parts[depth]
                found.setdefault(parent, (set(), set()))[0].add(child)
                found.setdefault("/".join(parts[:depth + 1]), (set(), set()))
            if parts[-1]:
                found["/".join(parts[:-1])][1].add(parts[-1])
        return {path: (sorted(d, key=str.encode), sorted(f, key=str.encode))
                for path, (d, f) in found.items()}

    @functools.cached_property
    def directory_oids(self):
        oids = dict(self._given_oids)
        for path in sorted(self.directories, key=lambda p: -p.count("/") - (p != "")):
            if path in oids:
                continue
            directories, files = self.directories[path]
            prefix = path + "/" if path else ""
            entries = [(d, True, oids[prefix + d]) for d in directories]
            entries += [(f, False, self.files[prefix + f].oid) for f in files]
            oids[path] = git_objects.tree_id(entries)
        return oids

    def oid_of(self, path):
        if path in self.files:
            return self.files[path].oid
        return self.directory_oids.get(path)


class Commit:
    def __init__(self, tree, parent=None, title="", message="", timestamp=0, authors=(),
                 commit_id=None, date=None):
        self.tree = tree
        self.parent = parent
        self.title = title
        self.message = message
        self.date = date or iso_date(timestamp)
        self.timestamp = timestamp
        self.authors = list(authors) or [{"user": "emulator", "avatar": "/avatars/emulator.svg"}]
        text = title + ("\n\n" + message if message else "") + "\n"
        self.id = commit_id or git_objects.commit_id(
            tree.directory_oids[""], [parent.id] if parent else [],
            self.authors[0]["user"], timestamp, text)

    def history(self):
        """This commit and its ancestors, newest first."""
        commit = self
        while commit is not None:
            yield commit
            commit = commit.parent

    def last_change(self, path):
        """The newest commit at or below this one that changed `path`."""
        newest = self
        for commit in self.history():
            if commit.tree.oid_of(path) != self.tree.oid_of(path):
                break
            newest = commit
        return newest


class Repo:
    """`kind` is "model", "dataset" or "space"; `fields` are the facts only infos show."""

    def __init__(self, kind, repo_id, _id=None, gated=False, private=False, disabled=False,
                 fields=None, created_at=0):
        self.kind = kind
        self.id = repo_id
        self._id = _id or hashlib.sha1(f"{kind} {repo_id}".encode()).hexdigest()[:24]
        self.gated = gated
        self.private = private
        self.disabled = disabled
        self.fields = dict(fields or {})
        self.created_at = created_at
        self.members = set()        # users who may read it when gated or private
        self.pending = set()        # users who asked for access and wait
        self.refs = {kind: {} for kind in REF_KINDS}    # kind -> name -> Commit
        self.commits = {}           # id -> Commit; unreferenced ones stay, as on the Hub

    @property
    def api_name(self):
        return {"model": "models", "dataset": "datasets", "space": "spaces"}[self.kind]

    @property
    def page_prefix(self):
        return "" if self.kind == "model" else f"/{self.api_name}"

    @property
    def author(self):
        return self.id.split("/")[0] if "/" in self.id else None

    @property
    def main(self):
        return self.refs["branches"].get("main")

    def add_commit(self, commit):
        self.commits = {**self.commits, commit.id: commit}
        return commit

    def set_ref(self, kind, name, commit):
        if commit is not None:
            self.add_commit(commit)
        changed = {**self.refs[kind], name: commit}
        if commit is None:
            del changed[name]
        self.refs = {**self.refs, kind: changed}

    def find_ref(self, revision):
        """A named revision in any spelling clients use, or None."""
        if revision == "HEAD":
            return self.main
        for prefix, kind in (("refs/pr/", "pullRequests"), ("refs/convert/", "converts"),
                             ("refs/heads/", "branches"), ("refs/tags/", "tags")):
            if revision.startswith(prefix):
                return self.refs[kind].get(revision[len(prefix):])
        return self.refs["branches"].get(revision) or self.refs["tags"].get(revision)

    def find_revision(self, revision):
        """Named revision, commit hash, or a shortened hash of five or more characters."""
        commit = self.find_ref(revision) or self.commits.get(revision)
        if commit is None and 5 <= len(revision) < 40:
            matches = [c for i, c in self.commits.items() if i.startswith(revision)]
            commit = matches[0] if len(matches) == 1 else None
        return commit
