# SPDX-License-Identifier: Apache-2.0
# Repositories with files of a true format: GGUF for /v2, safetensors in shards for
# /safetensors-metadata/, and a data set with a history worth a git clone.
import json
import struct

from .authoring import RepoBuilder, make_entry
from .catalog import CARD, GITATTRIBUTES, generated, model_fields
from .content import BytesContent

GGUF_ID, SHARDED_ID, VERSIONED_ID = "demo/gguf", "demo/sharded", "demo/versioned"
GGUF_FILES = {"demo-Q4_K_M.gguf": 300_000, "demo-Q8_0.gguf": 500_000,
              "mmproj-demo-F16.gguf": 100_000}
GGUF_STRING, GGUF_UINT32 = 8, 4
SHARD = "model-{:05d}-of-00002.safetensors"
WEIGHTS = {1: {"embed.weight": ("F32", [64, 32])},
           2: {"out.weight": ("F16", [32, 16]), "out.bias": ("F32", [16])}}
WIDTH = {"F32": 4, "F16": 2}


def gguf(name, size):
    """A GGUF file without tensors: magic, version 3, counts, three keys; noise after."""
    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    keys = (text("general.architecture") + struct.pack("<I", GGUF_STRING) + text("llama")
            + text("general.name") + struct.pack("<I", GGUF_STRING) + text(name)
            + text("llama.context_length") + struct.pack("<II", GGUF_UINT32, 2048))
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 3) + keys
    return BytesContent(head + generated(GGUF_ID, name, size - len(head)).read())


def safetensors(name, tensors):
    """Length, header, and bytes of the tensors; `tensors`: name -> (dtype, shape)."""
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for tensor, (dtype, shape) in tensors.items():
        start, count = end, WIDTH[dtype]
        for extent in shape:
            count *= extent
        end = start + count
        header[tensor] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return BytesContent(struct.pack("<Q", len(text)) + text
                        + generated(SHARDED_ID, name, end).read())


def demo_gguf():
    builder = RepoBuilder("model", GGUF_ID, fields={
        **model_fields(pipeline_tag="text-generation"), "tags": ["gguf", "region:us"],
        "gguf": {"total": 0, "architecture": "llama", "context_length": 2048}})
    builder.commit("Add quantised models", {
        "README.md": CARD.format(GGUF_ID), ".gitattributes": GITATTRIBUTES,
        **{name: gguf(name, size) for name, size in GGUF_FILES.items()}})
    return builder.repo


def demo_sharded():
    builder = RepoBuilder("model", SHARDED_ID, fields=model_fields())
    shards = {SHARD.format(n): tensors for n, tensors in WEIGHTS.items()}
    total = sum(WIDTH[d] * s[0] * (s[1] if len(s) > 1 else 1)
                for tensors in WEIGHTS.values() for d, s in tensors.values())
    index = {"metadata": {"total_size": total},
             "weight_map": {t: shard for shard, tensors in shards.items() for t in tensors}}
    builder.commit("Add shards", {
        "README.md": CARD.format(SHARDED_ID), ".gitattributes": GITATTRIBUTES,
        "model.safetensors.index.json": json.dumps(index, indent=2) + "\n",
        **{shard: safetensors(shard, tensors) for shard, tensors in shards.items()}})
    return builder.repo


def demo_versioned():
    """Branches, a tag, a pull request, a conversion, LFS files that change and vanish."""
    builder = RepoBuilder("dataset", VERSIONED_ID, fields={
        "tags": ["license:mit", "format:csv", "region:us"], "cardData": {"license": "mit"},
        "description": "A data set with a history."})

    def weights(version, size):
        return make_entry("blobs/table.bin", generated(VERSIONED_ID, f"table {version}", size))

    def rows(count):
        return "n,double\n" + "".join(f"{n},{2 * n}\n" for n in range(count))

    builder.commit("initial commit", {".gitattributes": GITATTRIBUTES})
    first = builder.commit("Add data", {
        "README.md": CARD.format(VERSIONED_ID), "data/train.csv": rows(100),
        "data/deep/er/test.csv": rows(5), "blobs/table.bin": weights(1, 400_000),
        "blobs/old.bin": generated(VERSIONED_ID, "old.bin", 1000), "name with spaces.txt": "x\n"})
    builder.repo.set_ref("tags", "v1", first)
    main = builder.commit("Second edition", {
        "data/train.csv": rows(150), "blobs/table.bin": weights(2, 700_000),
        "blobs/old.bin": None})
    builder.commit("Work", {"work.txt": "in progress\n"}, "work/in-progress", main)
    repo = builder.repo
    repo.set_ref("pullRequests", "1", builder.detached("Propose", {"proposal.txt": "?\n"}, main))
    for name, number in (("0000", 0), ("0001", 1)):
        path = f"default/train/{name}.parquet"
        parent = repo.refs["converts"].get("parquet", main)
        repo.set_ref("converts", "parquet", builder.detached(
            "Convert", {path: generated(VERSIONED_ID, path, 3000 + number)}, parent))
    return repo


def fill(state):
    for repo in (demo_gguf(), demo_sharded(), demo_versioned()):
        state.add(repo)
