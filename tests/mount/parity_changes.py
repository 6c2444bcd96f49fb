# SPDX-License-Identifier: Apache-2.0
"""Rows of parity_test.py that would change something, work on a descriptor, lock, watch, or are
made by somebody else.
"""

import fcntl
import os
import pathlib
import select
import stat
import struct

import libc
from parity_table import GIT, LFS, Open, call, calls, opened

# Everything that would change something

def both(place, name="new"):
    return place.at(GIT), place.at(name)


CHANGES = {
    "unlink": lambda p: os.unlink(p.at(GIT)),
    "unlink of a directory": lambda p: os.unlink(p.at("a")),
    "unlink of none": lambda p: os.unlink(p.at("none")),
    "unlink of the branch": lambda p: os.unlink(p.repo / "main"),
    "rmdir": lambda p: os.rmdir(p.at("a")),
    "rmdir of a file": lambda p: os.rmdir(p.at(GIT)),
    "rmdir of dot": lambda p: os.rmdir(p.at("a/.")),
    "mkdir": lambda p: os.mkdir(p.at("new")),
    "mkdir of what is there": lambda p: os.mkdir(p.at("a")),
    "mkdir below a file": lambda p: os.mkdir(p.at(f"{GIT}/new")),
    "mkdir below none": lambda p: os.mkdir(p.at("none/new")),
    "mkdir of a long name": lambda p: os.mkdir(p.at("n" * 256)),
    "mknod": lambda p: os.mknod(p.at("new"), 0o644 | stat.S_IFREG),
    "mkfifo": lambda p: os.mkfifo(p.at("new")),
    "mkfifo over a file": lambda p: os.mkfifo(p.at(GIT)),
    "symlink": lambda p: os.symlink("x", p.at("new")),
    "symlink over a file": lambda p: os.symlink("x", p.at(GIT)),
    "link": lambda p: os.link(*both(p)),
    "link over a file": lambda p: os.link(*both(p, LFS)),
    "link of none": lambda p: os.link(p.at("none"), p.at("new")),
    "link to elsewhere": lambda p: os.link(p.at(GIT), p.scratch / "linked"),
    "rename": lambda p: os.rename(*both(p)),
    "rename over a file": lambda p: os.rename(*both(p, LFS)),
    "rename to itself": lambda p: os.rename(*both(p, GIT)),
    "rename of a directory into itself": lambda p: os.rename(p.at("a"), p.at("a/b/a")),
    "rename, not over a file": lambda p: libc.renameat2(*both(p, LFS), 1),
    "rename to exchange": lambda p: libc.renameat2(*both(p, LFS), 2),
    "rename with a whiteout": lambda p: libc.renameat2(*both(p), 4),
    "rename of none": lambda p: os.rename(p.at("none"), p.at("new")),
    "rename to elsewhere": lambda p: os.rename(p.at(GIT), p.scratch / "moved"),
    "rename of the branch": lambda p: os.rename(p.repo / "main", p.repo / "other"),
    "chmod": lambda p: os.chmod(p.at(GIT), 0o600),
    "chmod of a directory": lambda p: os.chmod(p.at("a"), 0o700),
    "chmod of none": lambda p: os.chmod(p.at("none"), 0o700),
    "chown": lambda p: os.chown(p.at(GIT), 1, 1),
    "chown of nothing": lambda p: os.chown(p.at(GIT), -1, -1),
    "lchown of the branch": lambda p: os.lchown(p.repo / "main", 1, 1),
    "utimens": lambda p: os.utime(p.at(GIT), (1, 1)),
    "utimens to now": lambda p: os.utime(p.at(GIT)),
    "utimens of the branch": lambda p: os.utime(p.repo / "main", (1, 1), follow_symlinks=False),
    "truncate": lambda p: os.truncate(p.at(GIT), 0),
    "truncate of a directory": lambda p: os.truncate(p.at("a"), 0),
    "truncate to -1": lambda p: os.truncate(p.at(GIT), -1),
    "setxattr": lambda p: os.setxattr(p.at(GIT), "user.x", b"1"),
    "setxattr of ours": lambda p: os.setxattr(p.at(GIT), "user.hub.etag", b"1"),
    "setxattr trusted": lambda p: os.setxattr(p.at(GIT), "trusted.x", b"1"),
    "setxattr of no kind": lambda p: os.setxattr(p.at(GIT), "x", b"1"),
    "removexattr": lambda p: os.removexattr(p.at(GIT), "user.hub.etag"),
    "removexattr of none": lambda p: os.removexattr(p.at(GIT), "user.none"),
}


@call
def link_of_an_open_file(place):
    with opened(place.at(GIT)) as file:
        return libc.linkat_of(file, place.at("new"))


@calls(CHANGES)
def change(place, action):
    return action(place)


@calls({f"{what} {name}": (action, path)
        for what, action in (("mkdir", os.mkdir), ("rmdir", os.rmdir), ("unlink", os.unlink),
                             ("chmod", lambda path: os.chmod(path, 0o700)),
                             ("symlink", lambda path: os.symlink("x", path)),
                             ("rename", lambda path: os.rename(path, path + "x")),
                             ("create", lambda path: os.open(path, os.O_CREAT | os.O_WRONLY)))
        for name, path in (("at the top", "new"), ("of a type", "models"),
                           ("of a namespace", "models/gen"), ("in a namespace", "models/gen/new"),
                           ("in a type", "models/new"), ("of no name", "models/a new"))})
def change_above_the_repository(place, row):
    return row[0](str(place.top / row[1]))


DESCRIPTORS = {
    "write": lambda fd: os.write(fd, b"x"), "pwrite": lambda fd: os.pwrite(fd, b"x", 0),
    "write of nothing": lambda fd: os.write(fd, b""), "ftruncate": lambda fd: os.ftruncate(fd, 0),
    "fchmod": lambda fd: os.fchmod(fd, 0o600), "fchown": lambda fd: os.fchown(fd, 1, 1),
    "futimens": lambda fd: os.utime(fd, (1, 1)), "fsetxattr": lambda fd: os.setxattr(fd, "user.x",
                                                                                     b"1"),
    "fremovexattr": lambda fd: os.removexattr(fd, "user.x"),
    "fallocate": lambda fd: os.posix_fallocate(fd, 0, 10),
    "punch a hole": lambda fd: libc.call("fallocate", fd, 3, 0, 10),
    "fsync": os.fsync, "fdatasync": os.fdatasync,
    "syncfs": lambda fd: libc.call("syncfs", fd),
    "sync_file_range": lambda fd: libc.call("sync_file_range", fd, 0, 0, 7),
    "readahead": lambda fd: libc.call("readahead", fd, 0, 4096),
    "fgetxattr of none": lambda fd: os.getxattr(fd, "user.none"),
    "poll": lambda fd: [event for _, event in _polled(fd)],
    "epoll": lambda fd: select.epoll().register(fd, select.EPOLLIN),
    "unknown ioctl": lambda fd: fcntl.ioctl(fd, 0x1234, 0),
    "terminal ioctl": lambda fd: fcntl.ioctl(fd, 0x5401, bytes(64)),
    "FIONREAD": lambda fd: struct.unpack("i", fcntl.ioctl(fd, 0x541B, bytes(4))),
    "FS_IOC_GETFLAGS": lambda fd: len(fcntl.ioctl(fd, 0x80086601, bytes(8))),
    "F_GETFL": lambda fd: fcntl.fcntl(fd, fcntl.F_GETFL) & (os.O_ACCMODE | os.O_APPEND),
    "F_SETFL O_APPEND": lambda fd: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND),
    "F_SETLEASE": lambda fd: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK),
    "F_GETLEASE": lambda fd: fcntl.fcntl(fd, fcntl.F_GETLEASE),
    "F_SETPIPE_SZ": lambda fd: fcntl.fcntl(fd, 1031, 4096),
    "F_ADD_SEALS": lambda fd: fcntl.fcntl(fd, 1033, 0),
    "dup": lambda fd: _read_by_another(fd),
    "read into a bad place": lambda fd: libc.call("read", fd, 1, 10),
    "isatty": os.isatty, "pathconf NAME_MAX": lambda fd: os.fpathconf(fd, "PC_NAME_MAX"),
    "pathconf PIPE_BUF": lambda fd: os.fpathconf(fd, "PC_PIPE_BUF"),
    **{f"fadvise {name}": lambda fd, name=name: os.posix_fadvise(fd, 0, 0, getattr(os, name))
       for name in ("POSIX_FADV_NORMAL", "POSIX_FADV_SEQUENTIAL", "POSIX_FADV_RANDOM",
                    "POSIX_FADV_WILLNEED", "POSIX_FADV_DONTNEED", "POSIX_FADV_NOREUSE")},
    "fadvise unknown": lambda fd: os.posix_fadvise(fd, 0, 0, 99),
}


def _read_by_another(fd):
    with Open(os.dup(fd)) as other:
        return os.read(other, 5), os.read(fd, 5)


def _polled(fd):
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT)
    return poll.poll(0)


@calls(DESCRIPTORS)
def on_a_descriptor(place, action):
    with opened(place.at(GIT)) as file:
        return action(file)


# Locks

@calls({"LOCK_SH": fcntl.LOCK_SH, "LOCK_EX": fcntl.LOCK_EX})
def flock_against_another_descriptor(place, way):
    with opened(place.at(GIT)) as file, opened(place.at(GIT)) as other:
        fcntl.flock(file, way | fcntl.LOCK_NB)
        return fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@call
def flock_shared_and_released(place):
    with opened(place.at(GIT)) as file, opened(place.at(GIT)) as other:
        fcntl.flock(file, fcntl.LOCK_SH)
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_UN)
        return fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@calls({"read": fcntl.F_RDLCK, "write": fcntl.F_WRLCK, "release": fcntl.F_UNLCK})
def posix_lock(place, way):
    with opened(place.at(GIT)) as file:
        fcntl.fcntl(file, fcntl.F_SETLK, struct.pack("hhqqi4x", way, 0, 0, 10, 0))


@calls({"read": fcntl.F_RDLCK, "write": fcntl.F_WRLCK})
def lock_of_the_open_file(place, way):
    with opened(place.at(GIT)) as file, opened(place.at(GIT)) as other:
        words = struct.pack("hhqqi4x", way, 0, 0, 10, 0)
        fcntl.fcntl(file, 37, words)  # F_OFD_SETLK
        found = fcntl.fcntl(other, 36, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 10, 0))
        return struct.unpack("hhqqi4x", found)[0] == way


# Extended attributes: the plain side carries user.hub.etag and user.hub.oid of the same values.

@calls({f"{name} {size}": (name, size) for name in ("user.hub.etag", "user.none")
        for size in (0, 1, 39, 40, 100)})
def getxattr(place, row):
    return libc.getxattr_into(place.at(GIT), *row)


@calls({f"{name[:12]} of {len(name)} bytes": name for name in (
    "user.", "x", "", "user.hub.ETAG", "trusted.x", "security.capability", "security.x",
    "user." + "n" * 250, "user." + "n" * 251, "system.posix_acl_access",
    "system.posix_acl_default", "system.x")})
def getxattr_of_a_strange_name(place, name):
    return libc.getxattr_into(place.at(GIT), name, 1000)


@calls({"small": 1, "enough": 65536, "length alone": 0})
def listxattr(place, size):
    return libc.listxattr_into(place.at(GIT), size) > 0


@calls({"branch": "main", "none": "none"})
def lgetxattr(place, name):
    return os.getxattr(place.repo / name, "user.hub.none", follow_symlinks=False)


@call
def llistxattr_of_the_branch(place):
    return os.listxattr(place.repo / "main", follow_symlinks=False)


# The filesystem, watches, handles

@call
def statvfs(place):
    found = os.statvfs(place.repo)
    whole = found.f_blocks >= found.f_bfree >= found.f_bavail and found.f_blocks > 0
    return bool(found.f_flag & os.ST_RDONLY), found.f_namemax, whole


@calls({"PC_NAME_MAX": "PC_NAME_MAX", "PC_PATH_MAX": "PC_PATH_MAX", "PC_LINK_MAX": "PC_LINK_MAX",
        "PC_NO_TRUNC": "PC_NO_TRUNC", "PC_SYMLINK_MAX": "PC_SYMLINK_MAX"})
def pathconf(place, name):
    return os.pathconf(place.repo, name)


@calls({"file": "main/" + GIT, "directory": "main/a", "none": "main/none"})
def inotify(place, path):
    return libc.inotify_watch(place.repo / path, 0xfff) >= 0


@calls({"file": "main/" + GIT, "directory": "main/a", "none": "main/none"})
def fanotify(place, path):
    return libc.fanotify_watch(place.repo / path, 0x20)  # FAN_OPEN


@call
def dnotify(place):
    with opened(place.at("a")) as folder:
        return fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_ACCESS)


@call
def inotify_tells_of_readers(place):
    watcher = libc.inotify_watch(place.at(GIT), 0x21)  # IN_ACCESS, IN_OPEN
    with Open(watcher):
        pathlib.Path(place.at(GIT)).read_bytes()
        mask = seen = 0
        data = os.read(watcher, 4096)
        while seen < len(data):
            _, event, _, length = struct.unpack_from("iIII", data, seen)
            mask, seen = mask | event, seen + 16 + length
        return mask


@calls({"file": "main/" + GIT, "directory": "main/a", "none": "main/none"})
def name_to_handle_at(place, path):
    return libc.handle_size(place.repo / path) > 0


@calls({"file": "main/" + GIT, "directory": "main/a"})
def open_by_handle_at(place, path):
    with Open(libc.open_by_handle(place.repo / path)) as file:
        return os.fstat(file).st_ino == os.stat(place.repo / path).st_ino


@call
def exec_of_a_file(place):
    os.execv(place.at(GIT), ["x"])


# Somebody else

def as_nobody(place, action):
    """Runs `action` in the repository as an ordinary user; raises its errno."""
    with opened(place.repo, os.O_RDONLY | os.O_DIRECTORY) as folder:
        child = os.fork()
        if child == 0:
            try:
                os.fchdir(folder)
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
                action()
                os._exit(0)
            except OSError as failure:
                os._exit(failure.errno)
            finally:
                os._exit(255)
        number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, "as nobody")
    return 0


@calls({"read": lambda: pathlib.Path("main/" + GIT).read_bytes(),
        "list": lambda: os.listdir("main/a"), "readlink": lambda: os.readlink("main"),
        "open to write": lambda: os.open("main/" + GIT, os.O_WRONLY),
        "create": lambda: os.open("main/new", os.O_CREAT | os.O_WRONLY, 0o644),
        "O_NOATIME": lambda: os.open("main/" + GIT, os.O_NOATIME),
        **{f"access {mode}": lambda mode=mode: libc.faccessat2("main/" + GIT, mode, 0)
           for mode in (os.R_OK, os.W_OK, os.X_OK)},
        "access of a directory": lambda: libc.faccessat2("main/a", os.X_OK | os.R_OK, 0),
        "unlink": lambda: os.unlink("main/" + GIT), "mkdir": lambda: os.mkdir("main/new"),
        "chmod": lambda: os.chmod("main/" + GIT, 0o777), "utimens": lambda: os.utime("main/" + GIT),
        "getxattr": lambda: os.getxattr("main/" + GIT, "user.hub.etag"),
        "trusted getxattr": lambda: os.getxattr("main/" + GIT, "trusted.x"),
        "execute": lambda: os.execv("main/" + GIT, ["x"])})
def as_an_ordinary_user(place, action):
    return as_nobody(place, action)
