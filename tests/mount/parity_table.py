# SPDX-License-Identifier: Apache-2.0
"""The two sides of parity_test.py and its table, which parity_calls.py and parity_changes.py fill.

A row is a name and a function of a Place; what it answers, or the errno it raises, is compared.
Answers hold nothing that may differ between two filesystems by nature: no device, no inode number.
"""

import dataclasses
import hashlib
import os
import pathlib
import stat

GIT, LFS, EMPTY = "config.json", "weights.bin", "empty.txt"
AWKWARD = ["name with spaces.txt", "hash#tag.txt", "100%.txt", "grüße-名前.txt", "a\\b.txt",
           "dir with space/inner file.txt", "n" * 200 + ".txt"]
# Each is read by one row alone, so that the row meets a file that is not here.
COLD_WAYS = ["read", "pread", "end", "mmap", "sendfile", "splice", "O_DIRECT", "preadv",
             "readahead", "SEEK_DATA", "SEEK_HOLE", "two ends"]
COLD = {way: f"cold/{number}.bin" for number, way in enumerate(COLD_WAYS)}
FILES = {GIT: 48, LFS: 3_000_001, EMPTY: 0, "a/b/c/deep.txt": 5, **dict.fromkeys(AWKWARD, 7),
         **dict.fromkeys(COLD.values(), 2_500_001)}
CALLS = {}


@dataclasses.dataclass
class Place:
    """One side: a repository with `main` and its commit, and a folder elsewhere to write in."""
    repo: pathlib.Path
    commit: str
    scratch: pathlib.Path

    @property
    def top(self):
        """The mount point, or what stands for it."""
        return self.repo.parent.parent.parent

    @property
    def tree(self):
        return self.repo / self.commit

    def at(self, name=""):
        return os.path.join(self.repo, "main", name)


def call(function):
    CALLS[function.__name__] = function
    return function


def calls(rows):
    """The function is one row for each of `rows`, whose value it gets as second argument."""
    def add(function):
        for name, value in rows.items():
            CALLS[f"{function.__name__}: {name}"] = \
                lambda place, value=value: function(place, value)
        return function
    return add


def opened(path, flags=os.O_RDONLY):
    """os.open that closes by itself."""
    return Open(os.open(path, flags, 0o644))


class Open(int):
    def __enter__(self):
        return int(self)

    def __exit__(self, *_):
        os.close(self)


def digest(data):
    return len(data), hashlib.sha256(data).hexdigest()


def kind(mode):
    return stat.filemode(mode)
