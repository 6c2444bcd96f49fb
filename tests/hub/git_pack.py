# SPDX-License-Identifier: Apache-2.0
# Git's objects of emulated commits, and a pack of them (gitformat-pack: version 2, no deltas).
import hashlib
import struct
import zlib

KINDS = {"commit": 1, "tree": 2, "blob": 3}


def objects_of(commit, known):
    """(kind, id, payload function) of a commit and all below it, without the ids in `known`,
    to which every object given out is added."""
    def new(object_id):
        if object_id in known:
            return False
        known.add(object_id)
        return True

    tree = commit.tree
    if new(commit.id):
        yield "commit", commit.id, commit.payload
    for path, oid in tree.directory_oids.items():
        if new(oid):
            yield "tree", oid, lambda p=path: tree.tree_object(p)
    for entry in tree.files.values():
        if new(entry.oid):
            yield "blob", entry.oid, lambda e=entry: e.git_content().read()


def _entry_head(kind, size):
    """Type in three bits, size in groups of 4, 7, 7 … bits, the lowest first."""
    byte, size = KINDS[kind] << 4 | size & 15, size >> 4
    head = bytearray()
    while size:
        head.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    head.append(byte)
    return bytes(head)


def pack(objects):
    """The bytes of a pack, piece by piece, so that it is never whole in memory."""
    digest = hashlib.sha1()
    head = b"PACK" + struct.pack(">II", 2, len(objects))
    digest.update(head)
    yield head
    for kind, _, payload in objects:
        data = payload()
        piece = _entry_head(kind, len(data)) + zlib.compress(data, 1)
        digest.update(piece)
        yield piece
    yield digest.digest()
