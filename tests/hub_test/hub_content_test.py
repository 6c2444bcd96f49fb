# SPDX-License-Identifier: Apache-2.0
# Contents and ids without a server: the generator, git's hashes against git itself, ETags.
import hashlib
import json
import os
import shutil
import subprocess

import pytest

from hub import catalog, content, git_objects
from hub.content import BLOCK, PIECE, BytesContent, FileContent, GeneratedContent
from hub.headers import content_disposition, content_type, etag_matches, weak_etag
from hub.ranges import Unsatisfiable, parse_range
from hub.repos import FileEntry, Tree, is_lfs_by_default

SIZES = (0, 1, 63, 64, 65, BLOCK - 1, BLOCK, BLOCK + 1, PIECE, PIECE + 1, 3 * PIECE + 12345)


@pytest.mark.parametrize("size", SIZES)
def test_the_generator_gives_the_same_bytes_twice(size):
    first, second = GeneratedContent("seed", size), GeneratedContent("seed", size)
    assert first.read() == second.read()
    assert len(first.read()) == size
    assert first.sha256 == hashlib.sha256(second.read()).hexdigest()


def test_a_range_of_a_generated_file_is_a_slice_of_it():
    generated = GeneratedContent("slices", 3 * PIECE + 777)
    whole = generated.read()
    edges = (0, 1, 64, BLOCK - 1, BLOCK, BLOCK + 64, PIECE - 1, PIECE, 2 * PIECE + 3, len(whole))
    for start in edges:
        for stop in edges:
            if start < stop:
                assert generated.read(start, stop) == whole[start:stop]


def test_different_seeds_and_different_blocks_differ():
    one, two = GeneratedContent("a", 4 * BLOCK).read(), GeneratedContent("b", 4 * BLOCK).read()
    blocks = {one[n * BLOCK:(n + 1) * BLOCK] for n in range(4)}
    assert len(blocks | {two[n * BLOCK:(n + 1) * BLOCK] for n in range(4)}) == 8


@pytest.mark.parametrize("name", ["blob-1m.bin", "blob-8m.bin", "blob-64m.bin"])
def test_the_committed_digests_are_true(name):
    generated = catalog.generated("demo/big", name, catalog.BIG_SIZES[name])
    with open(content.DIGESTS_FILE, encoding="utf-8") as file:
        known = json.load(file)
    digest = hashlib.sha256()
    for piece in generated.pieces(0, generated.size):
        digest.update(piece)
    assert known[content.digest_key(generated.seed, generated.size)] == digest.hexdigest()


def test_the_digest_table_covers_all_big_files():
    with open(content.DIGESTS_FILE, encoding="utf-8") as file:
        known = json.load(file)
    for name, size in catalog.BIG_SIZES.items():
        assert content.digest_key(f"demo/big/{name}", size) in known


def test_a_file_on_disk_is_read_by_ranges(tmp_path):
    path = tmp_path / "file"
    data = GeneratedContent("disk", 2 * PIECE + 5).read()
    path.write_bytes(data)
    on_disk = FileContent(str(path))
    assert (on_disk.size, on_disk.read()) == (len(data), data)
    assert on_disk.read(PIECE - 3, PIECE + 3) == data[PIECE - 3:PIECE + 3]


def git(*arguments, data=b"", folder):
    return subprocess.run(["git", *arguments], input=data, cwd=folder, check=True,
                          stdout=subprocess.PIPE).stdout.decode().strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to compare with")
def test_object_ids_are_those_of_git(tmp_path):
    git("init", "-q", folder=tmp_path)
    for data in (b"", b"text\n", GeneratedContent("git", 100_000).read()):
        assert git("hash-object", "-w", "--stdin", data=data, folder=tmp_path) == \
            git_objects.blob_id(data)
    files = {"b.txt": b"b", "a/x": b"x", "a.txt": b"a", "a/deeper/y": b"y", "a-b": b"-"}
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    git("add", ".", folder=tmp_path)
    tree = Tree([FileEntry(path, BytesContent(data)) for path, data in files.items()])
    assert tree.directory_oids[""] == git("write-tree", folder=tmp_path)
    parent = "1" * 40
    text = (f"tree {tree.directory_oids['']}\nparent {parent}\n"
            "author me <me@users.noreply.huggingface.co> 1760000000 +0000\n"
            "committer me <me@users.noreply.huggingface.co> 1760000000 +0000\n\ntitle\n")
    assert git_objects.commit_id(tree.directory_oids[""], [parent], "me", 1760000000,
                                 "title\n") == \
        git("hash-object", "-t", "commit", "--literally", "--stdin", data=text.encode(),
            folder=tmp_path)


def test_the_pointer_of_an_lfs_file_is_what_git_holds():
    entry = FileEntry("w.bin", GeneratedContent("p", 691784), lfs=True)
    assert entry.oid == git_objects.blob_id(entry.pointer)
    assert entry.pointer.endswith(b"\nsize 691784\n") and len(entry.pointer) == 131
    assert entry.git_content().read() == entry.pointer


@pytest.mark.parametrize("path, size, lfs", [
    ("model.safetensors", 1, True), ("a/b.parquet", 1, True), ("x.tar.gz", 1, True),
    ("events.out.tfevents.1", 1, True), ("saved_model/a/b", 1, True), ("config.json", 1, False),
    ("vocab.txt", 2_000_000, True), ("data.csv", 999_999, False)])
def test_lfs_is_decided_by_pattern_and_size(path, size, lfs):
    assert is_lfs_by_default(path, size) is lfs


@pytest.mark.parametrize("header, size, wanted", [
    ("bytes=0-0", 10, (0, 1)), ("bytes=0-99", 10, (0, 10)), ("bytes=5-", 10, (5, 10)),
    ("bytes=-3", 10, (7, 10)), ("bytes=-99", 10, (0, 10)), ("bytes=9-10", 10, (9, 10)),
    ("bytes=5-2", 10, None), ("bytes=-", 10, None), ("lines=0-1", 10, None),
    ("bytes=0-1,3-4", 10, None), (None, 10, None), ("bytes=a-b", 10, None)])
def test_ranges_are_read(header, size, wanted):
    assert parse_range(header, size) == wanted


@pytest.mark.parametrize("header, size", [
    ("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=0-0", 0), ("bytes=0-", 0), ("bytes=-0", 10)])
def test_ranges_beyond_the_end_are_refused(header, size):
    with pytest.raises(Unsatisfiable):
        parse_range(header, size)


def test_etags_and_their_comparison():
    assert weak_etag(b'{"error":"Repository not found"}') == 'W/"20-bITJowpdmeRi6flSV9yCp5Fkq5k"'
    assert etag_matches('"a", W/"b"', '"b"') and etag_matches("*", '"b"')
    assert not etag_matches('"a"', '"b"')


def test_names_in_content_disposition_stay_one_header():
    assert content_disposition("a/config.json") == \
        "inline; filename*=UTF-8''config.json; filename=\"config.json\";"
    assert content_disposition("grüße 100%.txt", True).startswith(
        "attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe%20100%25.txt; filename=\"gr??e 100%.txt\"")


def test_a_character_cut_by_the_sample_is_still_text():
    sample = ("a" * 1023 + "ü").encode()[:1024]
    assert content_type("README.md", sample).startswith("text/plain")
    assert content_type("a.png", b"\x89PNG\xff") == "image/png"


def test_no_committed_file_is_above_a_mebibyte():
    folder = os.path.dirname(os.path.abspath(content.__file__))
    for root, _, names in os.walk(folder):
        assert all(os.path.getsize(os.path.join(root, n)) < 1 << 20 for n in names)
