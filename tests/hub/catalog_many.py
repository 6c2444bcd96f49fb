# SPDX-License-Identifier: Apache-2.0
# Repositories of 20,000 and 100,000 files. Their trees are made when first looked into; the
# commit ids are written down here, so that lists and references need no tree.
# hub_many_test.py checks that they are the true ones.
from .authoring import FIRST_DAY, RepoBuilder, make_entry
from .catalog import CARD, GITATTRIBUTES, generated, model_fields
from .content import BytesContent
from .repos import Commit, FileEntry, LazyTree

WIDE_ID, DEEP_ID = "demo/files-20k", "demo/files-100k"
WIDE_COMMIT = "81e0c7e419a7ad3aefb8cd6883a34827ced827d2"
DEEP_COMMIT = "59ac88180047b62b02a7681ac581c90aaad6b6ad"
FLAT = 10_000                   # the most the Hub wants in one folder
PARTS, PART = 100, 100
YEARS, DAYS, SHARDS = 10, 100, 99


def text(path, number):
    return FileEntry(path, BytesContent(f"{path}\nfile {number}\n".encode()))


def wide_files():
    """Exactly 20,000: one folder of 10,000, the others in 100 folders of about 100."""
    yield make_entry("README.md", CARD.format(WIDE_ID))
    for number in range(FLAT):
        yield text(f"flat/item-{number:05d}.txt", number)
    for number in range(PARTS * PART - 1):
        yield text(f"parts/{number // PART:03d}/part-{number % PART:03d}.json", number)


def deep_files():
    """Exactly 100,000: data/{year}/{day}/, 99 texts and an LFS file in each; the last folder
    has two texts less, for the two files of the root."""
    yield make_entry("README.md", CARD.format(DEEP_ID))
    yield make_entry(".gitattributes", GITATTRIBUTES)
    for folder in range(YEARS * DAYS):
        base = f"data/year-{folder // DAYS:02d}/day-{folder % DAYS:03d}"
        last = folder == YEARS * DAYS - 1
        for number in range(SHARDS - (2 if last else 0)):
            yield text(f"{base}/row-{number:02d}.json", folder * 100 + number)
        path = base + "/blob.bin"
        yield FileEntry(path, generated(DEEP_ID, path, 256 + folder), lfs=True)


def lazy_repo(kind, repo_id, make_files, commit_id, fields):
    repo = RepoBuilder(kind, repo_id, fields=fields).repo
    repo.set_ref("branches", "main", Commit(
        LazyTree(make_files), title="Many files", timestamp=FIRST_DAY, commit_id=commit_id))
    return repo


def fill(state):
    fields = {"tags": ["license:mit", "region:us"], "cardData": {"license": "mit"},
              "description": "Many files."}
    state.add(lazy_repo("model", WIDE_ID, wide_files, WIDE_COMMIT, model_fields()))
    state.add(lazy_repo("dataset", DEEP_ID, deep_files, DEEP_COMMIT, fields))
