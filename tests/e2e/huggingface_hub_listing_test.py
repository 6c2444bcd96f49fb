# SPDX-License-Identifier: Apache-2.0
"""Python huggingface_hub: lists and trees over several pages, HfFileSystem, safetensors heads.

Link addresses must name the mirror: a page asked elsewhere would show in the namespace.
"""

import hashlib
import json

import pytest

from clients_doc import environment, snippet
from conftest import has_model

VERSIONS = ["hub", "hub1", "hub036", "hub024"]
MANY = 1_050  # more than one page of 1,000


@pytest.fixture(scope="module")
def many(hub):
    for number in range(MANY):
        hub.create_repo(f"many/m{number:04}", [])


def ask(client, version, net, code):
    out = client(version, net).run("import json\nfrom huggingface_hub import HfApi, HfFileSystem\n"
                                   "api = HfApi()\n" + code, HF_ENDPOINT=net.url)
    return json.loads(out.splitlines()[-1])


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("version", VERSIONS)
def test_lists_of_repositories_follow_their_pages(net, client, version):
    whole, part, datasets, tagged = ask(client, version, net, f"""
print(json.dumps([
    [m.id for m in api.list_models(author="many")],
    [m.id for m in api.list_models(author="many", limit={MANY - 20})],
    [d.id for d in api.list_datasets(author="demo", limit=2)],
    [m.id for m in api.list_models(author="demo", filter="gguf", search="GGUF", limit=5)]]))
""")
    assert sorted(whole) == [f"many/m{number:04}" for number in range(MANY)]
    assert part == whole[:MANY - 20]
    assert len(datasets) == 2 and all(name.startswith("demo/") for name in datasets)
    assert tagged == ["demo/gguf"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_tree_of_2500_files_comes_whole_and_warm_costs_nothing(hub, net, client, version):
    code = """
files = [entry for entry in api.list_repo_tree("demo/wide", recursive=True)
         if type(entry).__name__ == "RepoFile"]
print(json.dumps([{f.path: [f.size, f.blob_id] for f in files},
                  sorted(api.list_repo_files("demo/wide")),
                  [f.path for f in api.get_paths_info("demo/wide", ["files", "README.md"])]]))
"""
    tree, names, some = ask(client, version, net, code)
    assert sorted(tree) == sorted(hub.paths("models", "demo/wide", "main")) == names
    assert len(tree) > 2500 and set(some) == {"files", "README.md"}
    content = hub.content_of("models", "demo/wide", "main", "README.md")
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    assert tree["README.md"] == [len(content), blob]
    hub.clear()
    assert ask(client, version, net, code) == [tree, names, some]
    assert [row["target"] for row in hub.requests()] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_filesystem_lists_globs_and_reads_ranges(hub, net, client, repo, version):
    """A seek costs the blocks around it, not the file; the second reader costs nothing."""
    name, sha = repo([("data/big.bin", 40 << 20), ("data/a.txt", 100), ("top.bin", 10)])
    truth = hub.content_of("models", name, sha, "data/big.bin")
    code = f"""
import hashlib
fs = HfFileSystem()
with fs.open("{name}/data/big.bin", "rb", block_size=1 << 16) as file:
    file.seek(30_000_000)
    piece = file.read(1000)
    file.seek(-77, 2)
    end = file.read()
print(json.dumps([sorted(fs.ls("{name}", detail=False)), sorted(fs.glob("{name}/**/*.txt")),
                  fs.info("{name}/data/big.bin")["size"], fs.isdir("{name}/data"),
                  fs.exists("{name}/nope"), [e["name"] for e in fs.ls("{name}@main/data")],
                  piece.hex(), end.hex()]))
"""
    hub.clear()
    top, texts, size, folder, nope, entries, piece, end = ask(client, version, net, code)
    assert top == [f"{name}/data", f"{name}/top.bin"] and texts == [f"{name}/data/a.txt"]
    assert (size, folder, nope) == (40 << 20, True, False)
    assert entries == [f"{name}@main/data/a.txt", f"{name}@main/data/big.bin"]
    assert bytes.fromhex(piece) == truth[30_000_000:30_001_000]
    assert bytes.fromhex(end) == truth[-77:]
    assert 0 < hub.content_bytes() <= 16 << 20
    hub.clear()
    ask(client, version, net, code)
    # 0.24 asks for security scans and last commits too (expand), which only the Hub knows.
    asked = {row["target"] for row in hub.requests()}
    assert asked <= ({f"/api/models/{name}/paths-info/main"} if version == "hub024" else set())


def test_the_filesystem_snippet(net, client):
    out = client("hub", net).run(snippet("hub-filesystem") + "print(*names)",
                                 **environment("env", net.url))
    assert "datasets/demo/penguins/penguins.csv" in out.split()


@pytest.mark.parametrize("version", VERSIONS)
def test_safetensors_metadata_needs_the_head_alone(hub, fresh, cold, client, content_dir, version):
    if not has_model(content_dir):
        pytest.skip("the model's package was not fetched (PyPI not reached?)")
    hub.clear()
    code = """
metadata = api.get_safetensors_metadata("sentence-transformers/all-MiniLM-L6-v2")
print(json.dumps([metadata.sharded, metadata.parameter_count]))
"""
    assert ask(client, version, cold, code) == [False, {"I64": 512, "F32": 22_713_216}]
    assert hub.content_bytes() <= 8 << 20
    hub.clear()
    assert ask(client, version, cold, code) == [False, {"I64": 512, "F32": 22_713_216}]
    assert [row["target"] for row in hub.requests() if row["content"]] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_safetensors_metadata_of_shards(net, client, version):
    sharded, counts, files = ask(client, version, net, """
metadata = api.get_safetensors_metadata("demo/sharded")
print(json.dumps([metadata.sharded, metadata.parameter_count, sorted(metadata.files_metadata)]))
""")
    assert sharded and counts == {"F32": 64 * 32 + 16, "F16": 32 * 16}
    assert files == [f"model-0000{n}-of-00002.safetensors" for n in (1, 2)]
