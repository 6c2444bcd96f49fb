# SPDX-License-Identifier: Apache-2.0
"""System calls that Python's os has not, or hides: errors are OSError, as in os."""

import ctypes
import os
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_libc.opendir.restype = _libc.readdir.restype = _libc.mmap.restype = ctypes.c_void_p
_libc.telldir.restype = ctypes.c_long
for _name in ("closedir", "telldir", "rewinddir", "readdir"):
    getattr(_libc, _name).argtypes = [ctypes.c_void_p]
_libc.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
_libc.syscall.restype = ctypes.c_long

AT_EMPTY_PATH = 0x1000
AT_SYMLINK_NOFOLLOW = 0x100
RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS = 1, 2, 4
RESOLVE_BENEATH, RESOLVE_IN_ROOT = 8, 16
_OPENAT2, _FACCESSAT2 = 437, 439  # the same on every processor
AT_FDCWD = -100
_DIRENT_NAME_AT = 19


def checked(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def call(name, *arguments):
    """A function of libc that answers -1 and errno; integers are passed as long."""
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return checked(getattr(_libc, name)(*words))


def openat2(folder, path, flags, resolve):
    how = (ctypes.c_uint64 * 3)(flags, 0, resolve)
    return checked(_libc.syscall(ctypes.c_long(_OPENAT2), folder, os.fsencode(path),
                                 ctypes.byref(how), ctypes.c_size_t(24)))


def faccessat2(path, mode, flags):
    return checked(_libc.syscall(ctypes.c_long(_FACCESSAT2), -100, os.fsencode(path), mode, flags))


def _handle(path):
    handle = (ctypes.c_uint32 * 34)(128)
    mount = ctypes.c_int()
    checked(_libc.name_to_handle_at(-100, os.fsencode(path), ctypes.byref(handle),
                                    ctypes.byref(mount), 0))
    return handle


def handle_size(path):
    """name_to_handle_at: the length of the file's handle."""
    return _handle(path)[0]


def open_by_handle(path):
    """A descriptor of the file at `path`, opened by its handle."""
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        return checked(_libc.open_by_handle_at(folder, ctypes.byref(_handle(path)), os.O_RDONLY))
    finally:
        os.close(folder)


def statx(path, flags):
    """(mode, size) by statx(2), all fields asked for."""
    found = ctypes.create_string_buffer(256)
    checked(_libc.statx(-100, os.fsencode(path), flags, 0xfff, found))
    return struct.unpack_from("=H", found, 28)[0], struct.unpack_from("=Q", found, 40)[0]


def getxattr_into(path, name, size):
    room = ctypes.create_string_buffer(max(size, 1))
    return call("getxattr", os.fsencode(path), name.encode(), room if size else None, size)


def listxattr_into(path, size):
    room = ctypes.create_string_buffer(max(size, 1))
    return call("listxattr", os.fsencode(path), room if size else None, size)


def inotify_watch(path, mask):
    """A descriptor that reports what happens at `path`."""
    watcher = call("inotify_init1", os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        call("inotify_add_watch", watcher, os.fsencode(path), mask)
    except OSError:
        os.close(watcher)
        raise
    return watcher


def getdents(descriptor, room):
    """How much of a listing fits into `room` bytes."""
    buffer = ctypes.create_string_buffer(room)
    return checked(_libc.getdents64(descriptor, buffer, ctypes.c_size_t(room)))


def renameat2(old, new, flags):
    return checked(_libc.renameat2(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), flags))


def linkat_of(descriptor, new):
    """A name for an open file: AT_EMPTY_PATH."""
    return checked(_libc.linkat(descriptor, b"", AT_FDCWD, os.fsencode(new), AT_EMPTY_PATH))


def fanotify_watch(path, mask):
    watcher = call("fanotify_init", 0, os.O_RDONLY)
    try:
        return checked(_libc.fanotify_mark(watcher, 1, ctypes.c_uint64(mask), AT_FDCWD,
                                           os.fsencode(path)))
    finally:
        os.close(watcher)


def mapped(descriptor, length):
    """The bytes of a private read-only map, which may be longer than the file."""
    where = _libc.mmap(None, ctypes.c_size_t(length), 1, 2, descriptor, ctypes.c_long(0))
    if where == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    try:
        return ctypes.string_at(where, length)
    finally:
        _libc.munmap(ctypes.c_void_p(where), ctypes.c_size_t(length))


class Dir:
    """opendir(3) and what belongs to it."""

    def __init__(self, path):
        ctypes.set_errno(0)
        self._dir = _libc.opendir(os.fsencode(path))
        if not self._dir:
            raise OSError(ctypes.get_errno(), "opendir")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _libc.closedir(self._dir)

    def read(self):
        """The next name, or None."""
        entry = _libc.readdir(self._dir)
        return ctypes.string_at(entry + _DIRENT_NAME_AT) if entry else None

    def rest(self):
        return list(iter(self.read, None))

    def tell(self):
        return _libc.telldir(self._dir)

    def seek(self, position):
        _libc.seekdir(self._dir, position)

    def rewind(self):
        _libc.rewinddir(self._dir)
