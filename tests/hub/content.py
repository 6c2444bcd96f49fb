# SPDX-License-Identifier: Apache-2.0
# Where file bytes come from: memory, a file on disk, a generator, or nowhere (recorded
# sizes only). Every kind can be read from any offset and is safe for many threads.
import functools
import hashlib
import json
import os
import threading

PIECE = 1 << 20
BLOCK = 64 << 10
STAMP = 64
GENERATOR_VERSION = 1
DIGESTS_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generated_digests.json")


class Content:
    """Base: `size`, `pieces(start, stop)` and the SHA-256, computed once when asked."""
    size = 0
    available = True

    def pieces(self, start, stop):
        raise NotImplementedError

    def read(self, start=0, stop=None):
        return b"".join(self.pieces(start, self.size if stop is None else stop))

    @functools.cached_property
    def sha256(self):
        digest = hashlib.sha256()
        for piece in self.pieces(0, self.size):
            digest.update(piece)
        return digest.hexdigest()


class BytesContent(Content):
    def __init__(self, data):
        self.data = data
        self.size = len(data)

    def pieces(self, start, stop):
        view = memoryview(self.data)
        for at in range(start, stop, PIECE):
            yield view[at:min(at + PIECE, stop)]


class FileContent(Content):
    """A file on disk. Opened per read: no descriptor is kept between requests."""

    def __init__(self, path):
        self.path = path
        self.size = os.stat(path).st_size

    def pieces(self, start, stop):
        fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            at = start
            while at < stop:
                piece = os.pread(fd, min(PIECE, stop - at), at)
                if not piece:
                    raise OSError(f"{self.path} became shorter")
                at += len(piece)
                yield piece
        finally:
            os.close(fd)


class AbsentContent(Content):
    """A recorded size and hash without the bytes; reading is answered 503."""
    available = False

    def __init__(self, size, sha256):
        self.size = size
        self.sha256 = sha256

    def pieces(self, start, stop):
        raise OSError("these bytes were never recorded")


@functools.lru_cache(maxsize=1)
def _noise():
    """A mebibyte (and one block) of incompressible bytes shared by all generated files."""
    return memoryview(hashlib.shake_128(b"hub emulator noise 1").digest(PIECE + BLOCK))


@functools.lru_cache(maxsize=1)
def _known_digests():
    try:
        with open(DIGESTS_FILE, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def digest_key(seed, size):
    return f"{GENERATOR_VERSION}:{seed}:{size}"


class GeneratedContent(Content):
    """Deterministic bytes from a seed, never stored.

    The file is cut in 64 KiB blocks. Block i opens with a 64-byte stamp, SHA-512 of seed and
    i, and goes on with shared noise from an offset the stamp chooses: any block is made
    without its predecessors at the price of one hash and one copy, and no two blocks are
    equal, so bytes served from a wrong offset or a wrong file cannot go unnoticed.
    """

    def __init__(self, seed, size):
        self.seed = str(seed)
        self.size = size
        self._lock = threading.Lock()

    def _block(self, index):
        stamp = hashlib.sha512(f"{self.seed}\0{index}".encode()).digest()
        offset = int.from_bytes(stamp[:4], "big") % PIECE
        return stamp, _noise()[offset:offset + BLOCK - STAMP]

    def pieces(self, start, stop):
        at = start
        while at < stop:
            end = min(stop, at + PIECE)
            yield self._span(at, end)
            at = end

    def _span(self, start, stop):
        first = start // BLOCK
        parts = []
        for index in range(first, (stop + BLOCK - 1) // BLOCK):
            parts.extend(self._block(index))
        span = b"".join(parts)
        skip = start - first * BLOCK
        if skip or len(span) != stop - start:
            span = span[skip:skip + stop - start]
        return span

    @functools.cached_property
    def sha256(self):
        known = _known_digests().get(digest_key(self.seed, self.size))
        if known:
            return known
        with self._lock:
            digest = hashlib.sha256()
            for piece in self.pieces(0, self.size):
                digest.update(piece)
            return digest.hexdigest()
