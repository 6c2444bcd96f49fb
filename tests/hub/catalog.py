# SPDX-License-Identifier: Apache-2.0
# The built-in repositories the tests rely on (README.md lists them). All bytes, dates and
# ids are fixed. Real models and data sets are in catalog_content.py, recordings in recorded.py.
from .authoring import RepoBuilder, make_entry
from .content import GeneratedContent
from .repos import LFS_PATTERNS

GITATTRIBUTES = "".join(f"{p} filter=lfs diff=lfs merge=lfs -text\n" for p in LFS_PATTERNS)
LONG_NAME = "long-" + "n" * 191 + ".txt"                # 200 bytes
BIG_SIZES = {"blob-1m.bin": 1 << 20, "blob-8m.bin": 8 << 20, "blob-64m.bin": 64 << 20,
             "blob-256m.bin": 256 << 20, "blob-1g.bin": 1 << 30}
WIDE_COUNT = 2500
CARD = "---\nlicense: mit\n---\n\n# {}\n\nA repository of the Hub emulator.\n"


def generated(repo_id, path, size):
    return GeneratedContent(f"{repo_id}/{path}", size)


def model_fields(**more):
    return {"tags": ["license:mit", "region:us"], "cardData": {"license": "mit"}, **more}


def demo_small():
    """Small files of every awkward name, and references of every kind."""
    builder = RepoBuilder("model", "demo/small", fields=model_fields(
        pipeline_tag="text-classification", library_name="transformers", likes=7,
        downloads=120))
    first = builder.commit("initial commit", {".gitattributes": GITATTRIBUTES})
    builder.commit("Add model card and configuration", {
        "README.md": CARD.format("demo/small"),
        "config.json": '{\n  "model_type": "bert",\n  "hidden_size": 32\n}\n',
        "vocab.txt": "".join(f"token{n}\n" for n in range(400)),
    })
    builder.commit("Add files with awkward names", {
        "empty.txt": b"",
        "name with spaces.txt": "a name with spaces\n",
        "hash#tag.txt": "a name with a hash sign\n",
        "100%.txt": "a name with a percent sign\n",
        "percent%20escape.txt": "a name that looks escaped\n",
        "plus+plus.txt": "a name with plus signs\n",
        "grüße-名前.txt": "a name in UTF-8: grüße, 名前\n",
        "dir with space/inner file.txt": "below a directory with a space\n",
        "nested/a/b/c/deep.txt": "deep\n",
        "nested/a/sibling.txt": "less deep\n",
        "nested/empty.txt": b"",
        LONG_NAME: "a name of 200 bytes\n",
    })
    tagged = builder.commit("Add weights", {
        "weights.bin": generated("demo/small", "weights.bin", 100_000),
        "pytorch/model.safetensors": generated("demo/small", "model.safetensors", 4096),
    })
    main = builder.commit("Update configuration", {
        "config.json": '{\n  "model_type": "bert",\n  "hidden_size": 64\n}\n'})
    repo = builder.repo
    builder.commit("Try something else", {"config.json": '{"model_type": "dev"}\n',
                                          "only-on-dev.txt": "dev\n"}, "dev", main)
    builder.commit("Feature work", {"feature.txt": "a branch with a slash\n"}, "feature/x", main)
    repo.set_ref("tags", "v1.0", tagged)
    repo.set_ref("tags", "v0", first)
    repo.set_ref("pullRequests", "1", builder.detached(
        "Propose a change", {"proposal.txt": "pull request 1\n"}, main))
    return repo


def demo_wide():
    builder = RepoBuilder("model", "demo/wide", fields=model_fields())
    files = {f"files/part-{n:05d}.txt": f"part {n}\n" for n in range(WIDE_COUNT)}
    builder.commit("Many files", {"README.md": CARD.format("demo/wide"), **files})
    return builder.repo


def demo_big():
    builder = RepoBuilder("model", "demo/big", fields=model_fields())
    builder.commit("Big files", {
        "README.md": CARD.format("demo/big"), ".gitattributes": GITATTRIBUTES,
        **{name: generated("demo/big", name, size) for name, size in BIG_SIZES.items()}})
    return builder.repo


def demo_tiny_data():
    fields = {"tags": ["license:mit", "format:csv", "region:us"], "cardData": {"license": "mit"},
              "description": "A tiny data set."}
    builder = RepoBuilder("dataset", "demo/tiny", fields=fields)
    rows = "".join(f"{n},{n * n}\n" for n in range(20))
    main = builder.commit("Add data", {
        "README.md": CARD.format("demo/tiny"), ".gitattributes": GITATTRIBUTES,
        "data/train.csv": "n,square\n" + rows, "data/test.csv": "n,square\n20,400\n"})
    builder.repo.set_ref("converts", "parquet", builder.detached("Convert", {
        "default/train/0000.parquet": generated("demo/tiny", "0000.parquet", 2048)}, main))
    return builder.repo


def tinybert():
    """Keeps its one segment, as a few old repositories do: git files are answered 200."""
    builder = RepoBuilder("model", "tinybert", fields=model_fields())
    builder.commit("Old canonical model", {
        "README.md": CARD.format("tinybert"), "config.json": '{"model_type": "bert"}\n',
        "pytorch_model.bin": generated("tinybert", "pytorch_model.bin", 50_000)})
    return builder.repo


def demo_legacy():
    """LFS files that were never moved to Xet: other CDN paths, no Xet headers."""
    builder = RepoBuilder("model", "demo/legacy", fields=model_fields())
    weights = generated("demo/legacy", "old.bin", 300_000)
    builder.commit("Before Xet", {"README.md": CARD.format("demo/legacy"),
                                  "old.bin": make_entry("old.bin", weights, True, xet=False)})
    return builder.repo


def restricted(kind, repo_id, **options):
    builder = RepoBuilder(kind, repo_id, fields=model_fields(), **options)
    builder.commit("Restricted files", {
        "README.md": CARD.format(repo_id), "LICENSE": "MIT\n",
        ".gitattributes": GITATTRIBUTES, "config.json": '{"model_type": "secret"}\n',
        "sub/README.md": "not open to all\n",
        "model.safetensors": generated(repo_id, "model.safetensors", 200_000)})
    builder.repo.members |= {"granted-user"} if options.get("gated") else set()
    builder.repo.pending |= {"pending-user"} if options.get("gated") else set()
    return builder.repo


def demo_space():
    runtime = {"stage": "RUNNING", "hardware": {"current": "cpu-basic",
                                                "requested": "cpu-basic"},
               "storage": None, "gcTimeout": 172800, "replicas": {"requested": 1, "current": 1}}
    builder = RepoBuilder("space", "demo/space", fields={
        "host": "https://demo-space.hf.space", "subdomain": "demo-space", "sdk": "gradio",
        "tags": ["gradio", "region:us"], "likes": 3, "runtime": runtime,
        "cardData": {"title": "Demo", "sdk": "gradio", "app_file": "app.py"}})
    builder.commit("Add application", {
        "README.md": "---\ntitle: Demo\nsdk: gradio\napp_file: app.py\n---\n",
        "app.py": "print('demo')\n"})
    return builder.repo


def fill(state):
    for repo in (demo_small(), demo_wide(), demo_big(), demo_tiny_data(), tinybert(),
                 demo_legacy(), demo_space(),
                 restricted("model", "gated-org/gated-model", gated="manual"),
                 restricted("dataset", "gated-org/gated-data", gated="auto"),
                 restricted("model", "private-org/private-model", private=True),
                 restricted("dataset", "private-org/private-data", private=True),
                 restricted("model", "demo/disabled", disabled=True)):
        state.add(repo)
    state.renames = {**state.renames, ("model", "old-org/old-name"): "demo/small",
                     ("model", "small-old"): "demo/small",
                     ("model", "older-org/older-name"): "old-org/old-name",
                     ("dataset", "old-org/old-data"): "demo/tiny"}
