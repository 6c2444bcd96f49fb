# SPDX-License-Identifier: Apache-2.0
# What the emulated Hub knows: repositories, renames, switches, its clock and addresses.
# Handlers read it without a lock; whoever changes it holds `lock` and replaces maps.
import threading
import time

from .git_store import GitStore

KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}


class HubState:
    def __init__(self, public_url=None, signed_lifetime=3600):
        self.lock = threading.RLock()
        self.repos = {}             # (kind, id) -> Repo
        self.renames = {}           # (kind, old id) -> new id
        self.settings = {"gzip": True, "gzip_files": True, "xet": True}
        self.clock_offset = 0.0
        self.public_url = public_url
        self.cdn_url = None         # set when the CDN listens
        self.signed_lifetime = signed_lifetime
        self.git = GitStore()       # bare repositories, once somebody clones
        self._on_cdn = {}           # CDN path -> Content, once an address was given out

    def now(self):
        return time.time() + self.clock_offset

    def base_url(self, request):
        """The Hub's own address as this client sees it, for absolute Links."""
        return self.public_url or "http://" + request.header("host", "127.0.0.1")

    @property
    def cas_url(self):
        return self.cdn_url + "/cas"

    def add(self, repo):
        with self.lock:
            self.repos = {**self.repos, (repo.kind, repo.id): repo}
        return repo

    def remove(self, repo):
        with self.lock:
            self.repos = {k: r for k, r in self.repos.items() if r is not repo}

    def rename(self, repo, new_id):
        with self.lock:
            self.remove(repo)
            self.renames = {**self.renames, (repo.kind, repo.id): new_id}
            repo.id = new_id
            self.add(repo)

    def find(self, kind, repo_id):
        """(repository, None), or (repository, its right name) when it should be redirected."""
        repo = self.repos.get((kind, repo_id))
        if repo is not None:
            return repo, None
        target = self.renames.get((kind, repo_id))
        for _ in range(5):          # a chain of renames
            repo = self.repos.get((kind, target))
            if repo is not None or target is None:
                break
            target = self.renames.get((kind, target))
        if repo is None:
            lower = repo_id.lower()
            repo = next((r for (k, i), r in self.repos.items()
                         if k == kind and i.lower() == lower), None)
        return (repo, repo.id) if repo is not None else (None, None)

    def cdn_path(self, repo, entry):
        """Where the CDN serves this file; without Xet the place older LFS files have."""
        if entry.xet_hash:
            path = f"/xet-bridge-us/{repo._id}/{entry.xet_hash}"
        else:
            owner = (repo._id * 3)[:64]
            path = f"/repos/{owner[:2]}/{owner[2:4]}/{owner}/{entry.lfs_sha256}"
        self._on_cdn[path] = entry.content
        return path

    def content_on_cdn(self, path):
        content = self._on_cdn.get(path)
        if content is not None:
            return content
        # An address from before a restart: look whether some file has it.
        for repo in list(self.repos.values()):
            if repo._id in path or (repo._id * 3)[:64] in path:
                for commit in repo.commits.values():
                    for entry in commit.tree.files.values():
                        if entry.is_lfs and self.cdn_path(repo, entry) == path:
                            return entry.content
        return None
