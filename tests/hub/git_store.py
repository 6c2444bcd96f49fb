# SPDX-License-Identifier: Apache-2.0
# Real bare git repositories, made on demand from emulated ones and kept in step with them.
# Needs `git`; git checks every object, so a wrong id of ours cannot hide.
import os
import shutil
import subprocess
import tempfile
import threading

from . import errors
from .git_pack import objects_of, pack

REF_FOLDERS = {"branches": "refs/heads/", "tags": "refs/tags/", "converts": "refs/convert/",
               "pullRequests": "refs/pr/"}
CONFIG = {"uploadpack.allowAnySHA1InWant": "true", "uploadpack.allowFilter": "true",
          "gc.auto": "0", "core.logAllRefUpdates": "false"}


def clean_environment(folder):
    """Nothing of the user's: no configuration, no credentials, no prompts."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": folder, "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0"}


class BareRepository:
    """The git side of one emulated repository."""

    def __init__(self, folder, root):
        self.folder = folder
        self._root = root
        self._lock = threading.Lock()
        self._known = set()     # ids of the objects it has
        self._refs = {}
        self._git("init", "--quiet", "--bare", "--initial-branch=main", folder, cwd=root)
        with open(os.path.join(folder, "config"), "a", encoding="utf-8") as file:
            for key, value in CONFIG.items():
                section, name = key.split(".")
                file.write(f"[{section}]\n\t{name} = {value}\n")

    def _git(self, *arguments, cwd=None, pieces=()):
        with subprocess.Popen(["git", *arguments], cwd=cwd or self.folder,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE,
                              env=clean_environment(self._root)) as process:
            try:
                for piece in pieces:
                    process.stdin.write(piece)
            except BrokenPipeError:
                pass            # it says why on standard error
            output, complaint = process.communicate()
        if process.returncode:
            raise RuntimeError(f"git {arguments[0]}: {complaint.decode(errors='replace')}")
        return output

    def follow(self, repo):
        """Brings objects and references to the state of `repo`."""
        with self._lock:
            known = set(self._known)
            new = []
            for commit in repo.commits.values():
                if commit.id in known:
                    continue
                if commit.true_id() != commit.id or not all(
                        f.is_lfs or f.content is not None and f.content.available
                        for f in commit.tree.files.values()):
                    raise errors.not_recorded()     # a recording: its objects are not known
                new += objects_of(commit, known)
            if new:
                self._git("index-pack", "--stdin", pieces=pack(new))
                self._known = known
            self._set_refs({REF_FOLDERS[kind] + name: commit.id for kind in REF_FOLDERS
                            for name, commit in repo.refs[kind].items()})

    def _set_refs(self, wanted):
        """Deletions first: `a` must be gone before `a/b` can be made."""
        gone = [f"delete {ref}\n" for ref in self._refs if ref not in wanted]
        changed = [f"update {ref} {commit_id}\n" for ref, commit_id in wanted.items()
                   if self._refs.get(ref) != commit_id]
        for lines in (gone, changed):
            if lines:
                self._git("update-ref", "--stdin", pieces=["".join(lines).encode()])
        self._refs = wanted


class GitStore:
    """All of them, in a temporary folder that `close` removes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._root = None
        self._repositories = {}         # Repo -> BareRepository

    def get(self, repo):
        if shutil.which("git") is None:
            raise errors.HubError(501, "hub emulator: git is not installed")
        with self._lock:
            if self._root is None:
                self._root = tempfile.mkdtemp(prefix="hub-git-")
            bare = self._repositories.get(repo)
            if bare is None:
                folder = os.path.join(self._root, f"{len(self._repositories)}.git")
                bare = self._repositories[repo] = BareRepository(folder, self._root)
        bare.follow(repo)
        return bare

    def close(self):
        with self._lock:
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
