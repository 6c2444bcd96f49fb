# SPDX-License-Identifier: Apache-2.0
# Git's object ids, computed as git does: blobs, trees, commits, and the LFS pointer text.
import hashlib


def object_id(kind, payload):
    return hashlib.sha1(f"{kind} {len(payload)}\0".encode() + payload).hexdigest()


def blob_id(data):
    return object_id("blob", data)


def blob_id_of_pieces(size, pieces):
    """Blob id of a content too big to hold in memory."""
    digest = hashlib.sha1(f"blob {size}\0".encode())
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def pointer_text(sha256, size):
    """The text git holds in place of an LFS file."""
    return (f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\n"
            f"size {size}\n").encode()


def tree_payload(entries):
    """`entries` are (name, is_directory, object id). Git sorts a directory as `name/`."""
    def order(entry):
        name, is_directory, _ = entry
        return name.encode() + (b"/" if is_directory else b"")

    return b"".join(
        (b"40000 " if is_directory else b"100644 ") + name.encode() + b"\0" + bytes.fromhex(oid)
        for name, is_directory, oid in sorted(entries, key=order))


def tree_id(entries):
    return object_id("tree", tree_payload(entries))


def commit_payload(tree, parents, author, timestamp, message):
    person = f"{author} <{author}@users.noreply.huggingface.co> {timestamp} +0000"
    lines = [f"tree {tree}"] + [f"parent {p}" for p in parents]
    lines += [f"author {person}", f"committer {person}", "", message]
    return "\n".join(lines).encode()


def commit_id(*arguments):
    return object_id("commit", commit_payload(*arguments))
