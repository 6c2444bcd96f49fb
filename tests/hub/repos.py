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
    __slots__ = ("path", "content", "size", "last_commit", "lfs_sha256", "xet_hash", "pointer",
                 "oid")         # there may be 100,000 of them

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


def in_byte_order(files):
    return {f.path: f for f in sorted(files, key=lambda f: f.path.encode())}


class Tree:
    """All files of a commit and the directories they imply."""

    def __init__(self, files, directory_oids=None):
        self.files = in_byte_order(files)
        self._given_oids = directory_oids or {}
        self._listings = {}

    @functools.cached_property
    def directories(self):
        """path -> (sorted child directory names, sorted child file names); root is ""."""
        found = {"": ([], [])}

        def directory(path):
            if path not in found:
                parent, _, name = path.rpartition("/")
                directory(parent)[0].append(name)
                found[path] = ([], [])
            return found[path]

        for path in self.files:
            parent, _, name = path.rpartition("/")
            directory(parent)[1].append(name)
        for path in self._given_oids:
            directory(path)
        for names in found.values():
            names[0].sort(key=str.encode)
            names[1].sort(key=str.encode)
        return found

    def _entries(self, path, oids):
        directories, files = self.directories[path]
        prefix = path + "/" if path else ""
        return ([(d, True, oids[prefix + d]) for d in directories]
                + [(f, False, self.files[prefix + f].oid) for f in files])

    def tree_object(self, path):
        """A directory as git stores it."""
        return git_objects.tree_payload(self._entries(path, self.directory_oids))

    @functools.cached_property
    def directory_oids(self):
        oids = dict(self._given_oids)
        for path in sorted(self.directories, key=lambda p: -p.count("/") - (p != "")):
            if path not in oids:        # deepest first
                oids[path] = git_objects.tree_id(self._entries(path, oids))
        return oids

    def oid_of(self, path):
        if path in self.files:
            return self.files[path].oid
        return self.directory_oids.get(path)

    def listing(self, base, recursive):
        """Paths below a directory: directories first, then files, each in byte order; below,
        the same rule per folder. Kept, so that a page costs no more than its own entries."""
        key = (base, recursive)
        if key not in self._listings:
            self._listings[key] = list(self._walk(base, recursive))
        return self._listings[key]

    def _walk(self, base, recursive):
        directories, files = self.directories[base]
        prefix = base + "/" if base else ""
        for name in directories:
            yield prefix + name
            if recursive:
                yield from self._walk(prefix + name, True)
        for name in files:
            yield prefix + name

    @functools.cached_property
    def lfs_sizes(self):
        """SHA-256 -> bytes of its LFS files."""
        return {e.lfs_sha256: e.size for e in self.files.values() if e.is_lfs}


class LazyTree(Tree):
    """A big tree, made when somebody first looks into it."""

    def __init__(self, make_files):
        self._make_files = make_files
        self._given_oids = {}
        self._listings = {}

    @functools.cached_property
    def files(self):
        return in_byte_order(self._make_files())


class Commit:
    """`commit_id` is given where a recording dictates it, or to spare the hashing of a lazy
    tree; else it is git's."""

    def __init__(self, tree, parent=None, title="", message="", timestamp=0, authors=(),
                 commit_id=None, date=None):
        self.tree = tree
        self.parent = parent
        self.title = title
        self.message = message
        self.date = date or iso_date(timestamp)
        self.timestamp = timestamp
        self.authors = list(authors) or [{"user": "emulator", "avatar": "/avatars/emulator.svg"}]
        self.id = commit_id or self.true_id()

    def payload(self):
        """The commit object as git stores it."""
        text = self.title + ("\n\n" + self.message if self.message else "") + "\n"
        return git_objects.commit_payload(
            self.tree.directory_oids[""], [self.parent.id] if self.parent else [],
            self.authors[0]["user"], self.timestamp, text)

    def true_id(self):
        return git_objects.object_id("commit", self.payload())

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
        self.hostile = None         # rule of hostile.py, when its answers are to be spoiled
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
