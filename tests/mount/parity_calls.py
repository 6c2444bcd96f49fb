# SPDX-License-Identifier: Apache-2.0
"""Rows of parity_test.py that look, open, read, list and take bytes elsewhere."""

import ctypes
import faulthandler
import fcntl
import mmap
import os
import pathlib
import stat

import libc
from parity_table import (AWKWARD, COLD, EMPTY, FILES, GIT, LFS, Open, call, calls, digest, kind,
                          opened)

# Attributes

PATHS = {"git file": "main/" + GIT, "LFS file": "main/" + LFS, "empty file": "main/" + EMPTY,
         "directory": "main/a", "branch": "main", "behind the branch": "main/", "repository": "",
         "dot": "main/.", "dot dot": "main/a/..", "two slashes": "main//a///b",
         "missing": "main/none", "below a missing one": "main/none/x",
         "below a file": f"main/{GIT}/x", "file and a slash": f"main/{GIT}/",
         "file and dot dot": f"main/{GIT}/../a", "name of 255 bytes": "main/" + "n" * 255,
         "name of 256 bytes": "main/" + "n" * 256, "255 bytes of UTF-8": "main/" + "ü" * 127,
         "256 bytes of UTF-8": "main/" + "ü" * 128, "path of 4096 bytes": "main/" + "a/../" * 850,
         "40 links": "main/../" * 40, "41 links": "main/../" * 41,
         "another letter case": "main/CONFIG.JSON", "a space too many": f"main/{GIT} ",
         **{f"awkward {number}": "main/" + name for number, name in enumerate(AWKWARD)}}


def shown(found):
    """What the contract promises of a stat: sizes of directories are each filesystem's own."""
    size = found.st_size if stat.S_ISREG(found.st_mode) else None
    return kind(found.st_mode), size, found.st_uid, found.st_gid, found.st_rdev


@calls(PATHS)
def stat_of(place, path):
    return shown(os.stat(f"{place.repo}/{path}"))


@calls(PATHS)
def lstat_of(place, path):
    return shown(os.lstat(f"{place.repo}/{path}"))


@calls({"link to its length": "main"})
def size_of_link(place, path):
    return os.lstat(place.repo / path).st_size == len(os.readlink(place.repo / path))


@calls({"file": GIT, "directory": "a"})
def links_of(place, name):
    return os.stat(place.at(name)).st_nlink


@calls({f"{flags_name} {name}": (flags, path)
        for flags_name, flags in (("as stat", 0), ("forced", 0x2000), ("as known", 0x4000),
                                  ("both", 0x6000), ("of the link", 0x100), ("unknown", 1 << 20))
        for name, path in (("file", GIT), ("directory", "a"), ("none", "none"))})
def statx(place, row):
    mode, size = libc.statx(place.at(row[1]), row[0])
    return kind(mode), size if stat.S_ISREG(mode) else None


@calls({"models": "models", "namespace": "models/gen", "another repository": "models/gen/none",
        "type of none": "nothing", "two up": "models/gen/parity/main/../.."})
def above_the_repository(place, path):
    return shown(os.stat(place.top / path)), sorted(os.listdir(place.top / path))


@calls({"file": GIT, "directory": "a", "none": "none"})
def fstatat(place, name):
    with opened(place.at(), os.O_RDONLY | os.O_DIRECTORY) as folder:
        return shown(os.stat(name, dir_fd=folder)), shown(os.stat(name, dir_fd=folder,
                                                                   follow_symlinks=False))


@call
def fstatat_of_the_descriptor_itself(place):
    with opened(place.at(GIT), os.O_PATH) as file:
        return shown(os.stat(file)), shown(os.fstat(file))


@call
def two_ways_to_one_file(place):
    return os.path.samefile(place.at(GIT), place.tree / GIT)


@call
def inode_numbers_of_listing_and_stat(place):
    with os.scandir(place.at()) as listing:
        return all(entry.inode() == os.stat(entry.path).st_ino for entry in listing)


@calls({f"{mode_name} {name}": (mode, path)
        for mode_name, mode in (("F_OK", os.F_OK), ("R_OK", os.R_OK), ("W_OK", os.W_OK),
                                ("X_OK", os.X_OK))
        for name, path in (("file", "main/" + GIT), ("directory", "main/a"), ("none", "main/none"),
                           ("branch", "main"))})
def access(place, row):
    return libc.faccessat2(f"{place.repo}/{row[1]}", row[0], 0)


@calls({"branch": "main", "file": "main/" + GIT, "directory": "main/a", "none": "nobody"})
def readlink(place, path):
    return os.readlink(place.repo / path)


# Opening

FLAGS = {"O_RDONLY": os.O_RDONLY, "O_WRONLY": os.O_WRONLY, "O_RDWR": os.O_RDWR,
         "O_RDONLY|O_TRUNC": os.O_RDONLY | os.O_TRUNC, "O_WRONLY|O_TRUNC": os.O_WRONLY | os.O_TRUNC,
         "O_CREAT": os.O_CREAT, "O_CREAT|O_EXCL": os.O_CREAT | os.O_EXCL,
         "O_CREAT|O_WRONLY": os.O_CREAT | os.O_WRONLY, "O_APPEND": os.O_APPEND,
         "O_APPEND|O_WRONLY": os.O_APPEND | os.O_WRONLY, "O_DIRECTORY": os.O_DIRECTORY,
         "O_NOFOLLOW": os.O_NOFOLLOW, "O_PATH": os.O_PATH, "O_PATH|O_NOFOLLOW":
         os.O_PATH | os.O_NOFOLLOW, "O_DIRECT": os.O_DIRECT, "O_SYNC": os.O_SYNC,
         "O_NOATIME": os.O_NOATIME, "O_NONBLOCK": os.O_NONBLOCK, "O_ASYNC": os.O_ASYNC,
         "O_TMPFILE|O_RDWR": os.O_TMPFILE | os.O_RDWR,
         "O_CREAT|O_DIRECTORY": os.O_CREAT | os.O_DIRECTORY}


@calls({f"{flags_name} {name}": (flags, path) for flags_name, flags in FLAGS.items()
        for name, path in (("file", "main/" + GIT), ("directory", "main/a"), ("branch", "main"),
                           ("none", "main/none"), ("below a file", f"main/{GIT}/x"))})
def open_with(place, row):
    with opened(place.repo / row[1], row[0]) as file:
        return kind(os.fstat(file).st_mode)


@calls({name: (resolve, path) for name, resolve, path in (
    ("beneath", libc.RESOLVE_BENEATH, "main/" + GIT),
    ("beneath, up and down", libc.RESOLVE_BENEATH, "main/../main/" + GIT),
    ("beneath, out of it", libc.RESOLVE_BENEATH, "../x"),
    ("no symlinks", libc.RESOLVE_NO_SYMLINKS, "main/" + GIT),
    ("in root", libc.RESOLVE_IN_ROOT, "../../main/" + GIT),
    ("no other mount", libc.RESOLVE_NO_XDEV, "main/a/b"),
    ("no magic links", libc.RESOLVE_NO_MAGICLINKS, "main/a/b/c/deep.txt"))})
def openat2(place, row):
    with opened(place.repo, os.O_RDONLY | os.O_DIRECTORY) as folder:
        with Open(libc.openat2(folder, row[1], os.O_RDONLY, row[0])) as file:
            return kind(os.fstat(file).st_mode)


@call
def reading_an_o_path_descriptor(place):
    with opened(place.at(GIT), os.O_PATH) as file:
        return os.read(file, 1)


@call
def opening_an_o_path_descriptor_again(place):
    with opened(place.at(GIT), os.O_PATH) as file, opened(f"/proc/self/fd/{file}") as again:
        return digest(os.read(again, 100))


# Reading

@calls({name: name for name in FILES})
def whole_file(place, name):
    return digest(pathlib.Path(place.at(name)).read_bytes())


@calls({f"{size} at {offset}": (size, offset) for size, offset in (
    (10, 0), (0, 0), (10, 2_999_995), (10, 3_000_001), (10, 3_000_002), (10, 1 << 40),
    (10, -1), (1 << 20, 1_048_575), (4_000_000, 0), (10, (1 << 63) - 11))})
def pread(place, row):
    with opened(place.at(LFS)) as file:
        return digest(os.pread(file, *row))


@call
def pread_of_an_empty_file(place):
    with opened(place.at(EMPTY)) as file:
        return os.pread(file, 10, 0), os.read(file, 10)


@call
def preadv_and_readv(place):
    with opened(place.at(LFS)) as file:
        parts = [bytearray(3), bytearray(70_000), bytearray(1)]
        done = [os.preadv(file, parts, 2_000_000), os.readv(file, parts)]
        return done, [digest(bytes(part)) for part in parts], os.lseek(file, 0, os.SEEK_CUR)


@call
def readv_across_the_end(place):
    with opened(place.at(GIT)) as file:
        parts = [bytearray(40), bytearray(40)]
        return os.readv(file, parts), parts, os.readv(file, parts)


@calls({name: flag for name, flag in (("RWF_HIPRI", os.RWF_HIPRI), ("unknown", 1 << 30))})
def preadv2(place, flag):
    with opened(place.at(GIT)) as file:
        return os.preadv(file, [bytearray(10)], 0, flag)


@calls({f"{way} {offset}": (way, offset)
        for way in ("SEEK_SET", "SEEK_CUR", "SEEK_END", "SEEK_DATA", "SEEK_HOLE")
        for offset in (0, 1, 3_000_000, 3_000_001, 3_000_002, -1, 1 << 42)})
def lseek(place, row):
    pathlib.Path(place.at(LFS)).read_bytes()
    with opened(place.at(LFS)) as file:
        return os.lseek(file, row[1], getattr(os, row[0]))


@call
def lseek_in_no_way(place):
    with opened(place.at(LFS)) as file:
        return os.lseek(file, 0, 99)


@calls({"read": lambda fd: os.read(fd, 10), "pread": lambda fd: os.pread(fd, 10, 0),
        "mmap": lambda fd: mmap.mmap(fd, 4096, prot=mmap.PROT_READ),
        "fsync": os.fsync, "fchdir": lambda fd: None, "truncate": lambda fd: os.ftruncate(fd, 0),
        "sendfile": lambda fd: os.sendfile(1, fd, 0, 10),
        "fadvise": lambda fd: os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_WILLNEED)})
def on_a_directory(place, action):
    with opened(place.at("a")) as folder:
        return action(folder)


@calls({f"{share} {prot}": (getattr(mmap, share), sum(getattr(mmap, p) for p in prot.split("|")))
        for share in ("MAP_SHARED", "MAP_PRIVATE")
        for prot in ("PROT_READ", "PROT_READ|PROT_WRITE", "PROT_READ|PROT_EXEC")})
def mmap_of(place, row):
    with opened(place.at(LFS)) as file, mmap.mmap(file, 0, flags=row[0], prot=row[1]) as view:
        return digest(view[:])


@call
def a_private_map_keeps_its_changes(place):
    with opened(place.at(GIT)) as file:
        with mmap.mmap(file, 0, flags=mmap.MAP_PRIVATE,
                       prot=mmap.PROT_READ | mmap.PROT_WRITE) as view:
            view[0] = 0
            return view[0], os.pread(file, 1, 0)


@calls({"one page": 4096, "its own length": 48})
def behind_the_end_a_map_is_zero(place, length):
    with opened(place.at(GIT)) as file:
        return digest(libc.mapped(file, length))


@calls({"last page": 0, "the page after it": 4096})
def touching_a_map(place, offset):
    """The signal that reading a map of two pages at `offset` ends with; the file has 48 bytes."""
    with opened(place.at(GIT)) as file:
        child = os.fork()
        if child == 0:
            try:
                faulthandler.disable()  # the signal is what is asked for
                libc.mapped(file, offset + 4096)
            finally:
                os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@call
def map_of_no_length(place):
    with opened(place.at(EMPTY)) as file:
        return libc.mapped(file, 0)


@call
def mlock_and_munlock(place):
    with opened(place.at(LFS)) as file:
        with mmap.mmap(file, 0, flags=mmap.MAP_PRIVATE,
                       prot=mmap.PROT_READ | mmap.PROT_WRITE) as view:
            view.madvise(mmap.MADV_WILLNEED)
            where = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(view)))
            return libc.call("mlock", where, 4096), libc.call("munlock", where, 4096)


@calls({"aligned": (0, 4096), "second page": (4096, 8192), "tail": (2_998_272, 4096)})
def o_direct_read(place, row):
    with opened(place.at(LFS), os.O_RDONLY | os.O_DIRECT) as file, mmap.mmap(-1, row[1]) as room:
        return os.preadv(file, [room], row[0]), digest(room[:])


@call
def o_direct_read_unaligned(place):
    with opened(place.at(LFS), os.O_RDONLY | os.O_DIRECT) as file:
        return digest(os.pread(file, 1001, 7))


# Files that nobody has read before

def _mapped_from_the_end(file):
    with mmap.mmap(file, 0, prot=mmap.PROT_READ) as view:
        return view[2_500_000], view[0], digest(view[:])


def _direct(file):
    with mmap.mmap(-1, 8192) as room:
        return os.preadv(file, [room], 1 << 20), digest(room[:])


def _spliced(file):
    ours, theirs = os.pipe()
    with Open(ours) as out, Open(theirs) as into:
        return digest(os.read(out, os.splice(file, into, 4096, offset_src=2_000_000)))


def _sent(place, file):
    out = place.scratch / "cold"
    with opened(out, os.O_CREAT | os.O_WRONLY) as target:
        done = os.sendfile(target, file, 1_000_000, 1000)
    return done, digest(out.read_bytes())


COLD_READS = {
    "read": lambda place, file: digest(os.read(file, 3_000_000)),
    "pread": lambda place, file: digest(os.pread(file, 10, 1_500_000)),
    "end": lambda place, file: (os.pread(file, 9, 2_500_001), digest(os.pread(file, 9, 2_499_999))),
    "mmap": lambda place, file: _mapped_from_the_end(file),
    "sendfile": _sent,
    "splice": lambda place, file: _spliced(file),
    "O_DIRECT": lambda place, file: _direct(file),
    "preadv": lambda place, file: os.preadv(file, [bytearray(5), bytearray(1 << 20)], 1_000_000),
    "readahead": lambda place, file: (libc.call("readahead", file, 0, 1 << 20),
                                      digest(os.read(file, 100))),
    "SEEK_DATA": lambda place, file: os.lseek(file, 100, os.SEEK_DATA),
    "SEEK_HOLE": lambda place, file: os.lseek(file, 100, os.SEEK_HOLE),
    "two ends": lambda place, file: (os.pread(file, 1, 2_500_000), os.read(file, 1)),
}


@calls({way: (COLD[way], action) for way, action in COLD_READS.items()})
def cold(place, row):
    flags = os.O_DIRECT if row[0] == COLD["O_DIRECT"] else os.O_RDONLY
    with opened(place.at(row[0]), flags) as file:
        return row[1](place, file)


# Out of the file into something else

@call
def sendfile(place):
    out = place.scratch / "sent"
    with opened(place.at(LFS)) as file, opened(out, os.O_CREAT | os.O_WRONLY) as target:
        at = 0
        while done := os.sendfile(target, file, at, 1 << 20):
            at += done
    return digest(out.read_bytes())


@call
def sendfile_behind_the_end(place):
    with opened(place.at(GIT)) as file:
        with opened(place.scratch / "none", os.O_CREAT | os.O_WRONLY) as target:
            return os.sendfile(target, file, 1000, 10)


@calls({"from its offset": None, "from 1 MiB": 1 << 20, "behind the end": 1 << 30})
def splice(place, offset):
    ours, theirs = os.pipe()
    with Open(ours) as out, Open(theirs) as into, opened(place.at(LFS)) as file:
        done = os.splice(file, into, 4096, offset_src=offset)
        return done, digest(os.read(out, 4096) if done else b"")


@calls({"": 0, "behind the end": 1 << 30})
def copy_file_range_to_another_filesystem(place, offset):
    with opened(place.at(LFS)) as file:
        with opened(place.scratch / "copied", os.O_CREAT | os.O_WRONLY) as target:
            return os.copy_file_range(file, target, 4096, offset_src=offset)


@call
def copy_file_range_into_the_file(place):
    with opened(place.at(LFS)) as file, opened(place.at(LFS)) as target:
        return os.copy_file_range(file, target, 10, offset_src=0, offset_dst=100)


@calls({"clone": 0x40049409})
def reflink(place, number):
    with opened(place.at(LFS)) as file:
        with opened(place.scratch / "clone", os.O_CREAT | os.O_WRONLY) as target:
            return fcntl.ioctl(target, number, file)


# Listing

@calls({"commit": "main/", "nested": "main/a/b", "repository": "", "file": "main/" + GIT,
        "none": "main/none", "with a space": "main/dir with space"})
def names_in(place, path):
    return sorted(os.listdir(f"{place.repo}/{path}"))


@calls({"commit": "main/", "repository": ""})
def types_in(place, path):
    with libc.Dir(f"{place.repo}/{path}") as folder:
        dots = sorted(name for name in folder.rest() if name in (b".", b".."))
    with os.scandir(f"{place.repo}/{path}") as listing:
        return dots, sorted((entry.name, entry.is_symlink(), entry.is_dir(follow_symlinks=False),
                             entry.is_file(follow_symlinks=False)) for entry in listing)


@call
def telldir_and_seekdir_from_every_place(place):
    with libc.Dir(place.at()) as folder:
        places = [folder.tell()]
        while folder.read() is not None:
            places.append(folder.tell())
        folder.rewind()
        names = folder.rest()
        found = []
        for position in places:
            folder.seek(position)
            found.append(folder.rest())
        return sorted(names), found == [names[number:] for number in range(len(places))]


@calls({"much": (0, 65536), "little": (0, 4), "negative": (-1, 4)})
def getdents(place, row):
    with opened(place.at("a")) as folder:
        os.lseek(folder, row[0], os.SEEK_SET)
        return libc.getdents(folder, row[1])


@call
def rewinddir_begins_again(place):
    with libc.Dir(place.at()) as folder:
        folder.read()
        folder.rewind()
        return sorted(folder.rest()), folder.read()


@call
def walk_and_tree_of_names(place):
    return sorted((os.path.relpath(top, place.repo), sorted(folders), sorted(files))
                  for top, folders, files in os.walk(place.tree))


@call
def the_current_directory_in_it(place):
    with opened(".") as before:
        try:
            os.chdir(place.at("a/b"))
            return os.path.relpath(os.getcwd(), place.repo), os.listdir("c"), os.stat("../../" + GIT
                                                                                      ).st_size
        finally:
            os.fchdir(before)
