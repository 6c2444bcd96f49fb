# SPDX-License-Identifier: Apache-2.0
# Endpoints that look into files: /v2 for Ollama and llama.cpp, safetensors headers, parquet
# addresses, compare, treesize.
import hashlib
import json
import struct

import pytest

from hub.catalog_formats import GGUF_FILES
from hub.oci import BAD_TAG

V2 = "/v2/demo/gguf"
LLAMA = {"User-Agent": "llama-cpp"}
SHARDED = "/api/models/demo/sharded/safetensors-metadata/"
DATA = "/api/datasets/demo/versioned"


def manifest(get, tag, **options):
    answer = get(f"{V2}/manifests/{tag}", **options)
    assert answer.status == 200, answer.text
    return json.loads(answer.body)


def test_a_manifest_for_ollama_names_blobs_that_are_there(get):
    found = manifest(get, "latest", headers={"User-Agent": "ollama/0.5.7"})
    assert list(found) == ["schemaVersion", "mediaType", "config", "layers"]
    kinds = [layer["mediaType"].rsplit(".", 1)[-1] for layer in found["layers"]]
    assert kinds == ["model", "projector", "template", "params"]
    for part in [found["config"], *found["layers"]]:
        target = f"{V2}/blobs/{part['digest']}"
        body = get.follow(target).body
        assert len(body) == part["size"]
        assert "sha256:" + hashlib.sha256(body).hexdigest() == part["digest"]
        head = get.follow(target, "HEAD")
        assert int(head.headers["content-length"]) == part["size"]
    assert get(target, headers={"Range": "bytes=0-0"}).status == 206


def test_big_blobs_are_redirected_to_the_file(get):
    found = manifest(get, "Q8_0")
    digest = found["layers"][0]["digest"]
    answer = get(f"{V2}/blobs/{digest}")
    assert (answer.status, answer.headers["location"]) == (
        307, "/demo/gguf/resolve/main/demo-Q8_0.gguf")
    body = get.follow(f"{V2}/blobs/{digest.replace(':', '%3A')}").body
    assert body[:8] == b"GGUF" + struct.pack("<I", 3) and len(body) == GGUF_FILES["demo-Q8_0.gguf"]


def test_llama_cpp_is_told_the_file(get):
    answer = get(f"{V2}/manifests/latest", headers=LLAMA)
    assert answer.headers["vary"] == "Origin, User-Agent"
    assert answer.headers["cache-control"] == "public, max-age=60"
    found = json.loads(answer.body)
    tree = {e["path"]: e for e in json.loads(get("/api/models/demo/gguf/tree/main").body)}
    for key, path in (("ggufFile", "demo-Q4_K_M.gguf"), ("mmprojFile", "mmproj-demo-F16.gguf")):
        entry = tree[path]
        assert found[key] == {
            "rfilename": path, "blobId": entry["oid"], "size": entry["size"],
            "lfs": {"sha256": entry["lfs"]["oid"], "size": entry["size"],
                    "pointerSize": entry["lfs"]["pointerSize"]}}


@pytest.mark.parametrize("tag, path", [
    ("q8_0", "demo-Q8_0.gguf"), ("Q4_K_M", "demo-Q4_K_M.gguf"),
    ("demo-Q8_0.gguf", "demo-Q8_0.gguf")])
def test_tags_are_quantisations_or_files(tag, path, get):
    assert manifest(get, tag, headers=LLAMA)["ggufFile"]["rfilename"] == path


def test_what_v2_refuses(get):
    answer = get(f"{V2}/manifests/Q1_Z")
    assert (answer.status, json.loads(answer.body)) == (400, {"error": BAD_TAG})
    assert get("/v2/demo/small/manifests/latest").status == 400
    assert get(f"{V2}/blobs/sha256:" + "0" * 64).status == 404
    assert get(f"{V2}/nonsense/x").status == 404 and get(f"{V2}/manifests/x", "POST").status == 404
    private = get("/v2/private-org/private-model/manifests/latest")
    assert private.status == 401
    assert private.headers["www-authenticate"].startswith("Basic ")
    assert get("/v2/gated-org/gated-model/manifests/latest", token="pending").status == 403
    assert get("/v2/Demo/GGUF/manifests/latest?a=b").headers["location"] == \
        "/v2/demo/gguf/manifests/latest?a=b"


def test_the_headers_of_all_shards(get):
    found = json.loads(get(SHARDED + "model.safetensors.index.json").body)
    index = json.loads(get.follow(
        "/demo/sharded/resolve/main/model.safetensors.index.json").body)
    assert found["index"] == {"metadata": index["metadata"]}
    assert sorted(found["headers"]) == sorted(set(index["weight_map"].values()))
    total = 0
    for shard, header in found["headers"].items():
        body = get.follow(f"/demo/sharded/resolve/main/{shard}").body
        length, = struct.unpack("<Q", body[:8])
        assert json.loads(body[8:8 + length]) == header
        ends = [t["data_offsets"][1] for n, t in header.items() if n != "__metadata__"]
        assert len(body) == 8 + length + max(ends)
        assert {n for n in header if n != "__metadata__"} == {
            t for t, s in index["weight_map"].items() if s == shard}
        total += max(ends)
    assert index["metadata"]["total_size"] == total


@pytest.mark.parametrize("path, status", [
    ("README.md", 400), ("absent.json", 404), ("", 404),
    ("model-00001-of-00002.safetensors", 400)])
def test_what_is_no_index_is_refused(path, status, get):
    assert get(SHARDED + path).status == status


def test_parquet_addresses_lead_to_the_converted_files(hub, get):
    found = json.loads(get(DATA + "/parquet").body)
    assert found == {"default": {"train": [
        f"{hub.url}{DATA}/parquet/default/train/{n}.parquet" for n in (0, 1)]}}
    assert json.loads(get(DATA + "/parquet/default").body) == found["default"]
    assert json.loads(get(DATA + "/parquet/default/train").body) == found["default"]["train"]
    sizes = [len(get.follow(url).body) for url in found["default"]["train"]]
    assert sizes == [3000, 3001]
    for path in ("/absent", "/default/absent", "/default/train/2.parquet", "/default/train/x"):
        assert get(DATA + "/parquet" + path).status == 404
    assert get("/api/models/demo/small/parquet").status == 404
    assert json.loads(get("/api/datasets/demo/penguins/parquet").body) == {}


def test_compare_shows_what_changed(get):
    text = get(DATA + "/compare/v1..main").text
    assert "diff --git a/data/train.csv b/data/train.csv\n" in text and "\n+149,298\n" in text
    assert "deleted file mode 100644\n" in text and "--- a/blobs/old.bin\n+++ /dev/null\n" in text
    assert "\n-size 400000\n" in text and "\n+size 700000\n" in text and "README.md" not in text
    assert get(DATA + "/compare/v1...main").text == text
    assert get(DATA + "/compare/main..main").body == b""
    new = get(DATA + "/compare/main..refs%2Fpr%2F1").text
    assert "new file mode 100644\n" in new and "+++ b/proposal.txt\n@@ -0,0 +1 @@\n+?\n" in new
    assert get(DATA + "/compare/main..absent").headers["x-error-code"] == "RevisionNotFound"
    assert get(DATA + "/compare/main").status == 400
    assert get("/api/models/gated-org/gated-model/compare/main..main").status == 401


def test_treesize_of_the_root_and_of_nothing(get):
    tree = json.loads(get("/api/models/demo/small/tree/main?recursive=true").body)
    size = json.loads(get("/api/models/demo/small/treesize/main").body)
    assert size == {"path": "", "size": sum(e["size"] for e in tree)}
    assert get("/api/models/demo/small/treesize/main/absent").status == 404
    assert get("/api/models/demo/small/treesize/main/config.json").status == 404
