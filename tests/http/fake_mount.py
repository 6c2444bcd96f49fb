# SPDX-License-Identifier: Apache-2.0
# A plain directory that looks like hubfs' mount: names and attributes of docs/mount_contract.md,
# written with setxattr. Knows nothing of hub-httpd. What hubfs computes for a question
# (held.<first>-<last>, ref lookups) is set beforehand by the test.
import hashlib
import json
import os
import pathlib
from datetime import datetime, timedelta, timezone

COMPONENT_MAX = 200


def when(**ago):
    """A time in the past as the contract writes it."""
    at = datetime.now(timezone.utc) - timedelta(**ago)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def in_(**ahead):
    at = datetime.now(timezone.utc) + timedelta(**ahead)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def blob_sha1(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def pointer(data):
    return (f"version https://git-lfs.github.com/spec/v1\noid sha256:"
            f"{hashlib.sha256(data).hexdigest()}\nsize {len(data)}\n").encode()


def set_attribute(path, name, value):
    os.setxattr(path, "user.hub." + name, str(value).encode())


class FakeRepo:
    """models/<org>/<name> with one commit."""

    def __init__(self, mount, kind, repo_id):
        self.mount, self.kind, self.id = mount, kind, repo_id
        below = repo_id if "/" in repo_id else "-/" + repo_id
        self.path = mount.root / kind / below
        self.trees = mount.root / ".trees" / kind / below
        self.path.mkdir(parents=True)
        self.trees.mkdir(parents=True)
        self.files = {}
        self.commit = None
        set_attribute(self.path, "state", "public")
        set_attribute(self.path, "id", repo_id)

    def commit_files(self, commit, files, lfs=(), verified=True):
        """files: path -> bytes. Directories of the tree are made from the paths."""
        self.commit, self.files = commit, dict(files)
        root = self.path / commit
        root.mkdir()
        for path, data in files.items():
            self.add_file(root / path, data, path in lfs, verified)
        self.write_tree(commit, files, lfs)
        return self

    def add_file(self, path, data, lfs, verified):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        oid = blob_sha1(pointer(data) if lfs else data)
        set_attribute(path, "commit", self.commit)
        set_attribute(path, "etag", sha256 if lfs else oid)
        set_attribute(path, "oid", oid)
        set_attribute(path, "verified", int(verified))
        if lfs:
            set_attribute(path, "sha256", sha256)

    def write_tree(self, commit, files, lfs):
        entries = {}
        for path, data in files.items():
            for parent in list(pathlib.PurePosixPath(path).parents)[:-1]:
                oid = hashlib.sha1(str(parent).encode()).hexdigest()
                entries[str(parent)] = {"type": "directory", "oid": oid, "size": 0}
            entry = {"type": "file", "size": len(data)}
            if path in lfs:
                entry["oid"] = blob_sha1(pointer(data))
                entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data),
                                "pointerSize": len(pointer(data))}
                entry["xetHash"] = hashlib.sha256(b"xet" + data).hexdigest()
            else:
                entry["oid"] = blob_sha1(data)
            entries[path] = entry
        lines = [json.dumps({**entries[path], "path": path}, separators=(",", ":"),
                            ensure_ascii=False) + "\n" for path in sorted(entries)]
        (self.trees / commit).write_text("".join(lines))

    def ref(self, name, commit=None, checked=None, how="fetched", expires=None):
        spelled = name.replace("%", "%25").replace("/", "%2F")
        set_attribute(self.path, "ref." + spelled,
                      f"commit={commit or self.commit} checked={checked or when(minutes=1)} "
                      f"how={how} expires={expires or in_(minutes=5)}")
        return self

    def file(self, path):
        return self.path / self.commit / path

    def held(self, path, first, last):
        set_attribute(self.file(path), f"held.{first}-{last}", 1)

    def state(self, state):
        set_attribute(self.path, "state", state)


class FakeMount:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        for name in ("models", "datasets", ".trees", ".api", ".status"):
            (self.root / name).mkdir(parents=True)
        self.epoch(1)

    def epoch(self, number):
        """Replaced at once, as a reader of the real one would see it."""
        new = self.root / ".status/.epoch"
        new.write_text(f"{number}\n")
        new.rename(self.root / ".status/epoch")

    def repo(self, repo_id, kind="models"):
        return FakeRepo(self, kind, repo_id)

    def link(self, kind, old, target):
        path = self.root / kind / (old if "/" in old else "-/" + old)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def document(self, target, body, status=200, checked=None, how="fetched", expires=None,
                 content_type="application/json; charset=utf-8", **attributes):
        text = target.replace("%", "%25").replace("/", "%2F").replace("+", "%2B")
        path = self.root / ".api"
        while len(text) > COMPONENT_MAX:
            path, text = path / (text[:COMPONENT_MAX - 1] + "+"), text[COMPONENT_MAX - 1:]
        path.mkdir(parents=True, exist_ok=True)
        path = path / text
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
        attributes |= {"status": status, "content_type": content_type, "how": how,
                       "checked": checked or when(minutes=1), "expires": expires or in_(minutes=5)}
        for name, value in attributes.items():
            set_attribute(path, name, value)
        return path
