# SPDX-License-Identifier: Apache-2.0
"""The JavaScript clients under Node: @huggingface/hub, transformers, gguf, hyparquet and
node-llama-cpp, each as docs/clients.md tells it."""

import base64
import hashlib
import json
import re

import pytest

from clients_doc import snippet
from conftest import has_model, sha256_of
from foreign import Home, cold_and_warm
from gguf_file import minilm_gguf
from isolated import Isolated

COSINE_INT8 = 0.311753  # of transformers_test.py's two sentences
COSINE_F16 = 0.311258
XENOVA = "Xenova/all-MiniLM-L6-v2"
GGUF = "demo/gguf"


def last(out):
    return json.loads(out.splitlines()[-1])


@pytest.fixture(scope="module")
def crowd(hub):
    """More models than one page of huggingface.js holds (500)."""
    names = [f"crowd/m{number:03}" for number in range(505)]
    for name in names:
        hub.create_repo(name, [{"path": "a.txt", "text": "a"}])
    return names


def test_huggingface_js_reads_lists_and_snapshots(hub, mirror, repo, crowd, tmp_path):
    name, sha = repo([("model.safetensors", 5 << 20), ("sub dir/part.bin", 1_000_001)])
    truth = {path: hub.sha256("models", name, sha, path) for path in hub.paths("models", name, sha)}
    part = hub.content_of("models", name, sha, "model.safetensors")[1000:5000]
    out = cold_and_warm(hub, mirror, tmp_path,
                        lambda home: last(home.node("hub.mjs", mirror.http, name)),
                        (5 << 20) + 1_000_001, passed="^POST .*/paths-info/")
    assert out["snapshot"] == truth
    assert out["files"]["sub dir/part.bin"] == 1_000_001 and set(out["files"]) == set(truth)
    assert out["sha"] == sha
    assert out["one"] == ["model.safetensors", {"size": 5 << 20,
                                                "sha256": truth["model.safetensors"]}]
    assert out["part"] == hashlib.sha256(part).hexdigest()
    assert out["exists"] == [True, False] and out["absent"] is None
    assert sorted(out["names"]) == crowd


def test_huggingface_js_as_the_page_tells(hub, fresh, tmp_path):
    code = snippet("js-hub", fresh.http) + """
    const files = items.filter((item) => item.type === "file");
    console.log(JSON.stringify([bytes.byteLength, files.length]));"""
    size = len(hub.content_of("models", "demo/small", "main", "config.json"))
    names = hub.paths("models", "demo/small", "main")
    assert cold_and_warm(hub, fresh, tmp_path,
                         lambda home: last(home.node("page.mjs", text=code)),
                         size) == [size, len(names)]


def test_huggingface_js_goes_on_while_the_hub_is_down(hub, fresh, repo, crowd, tmp_path):
    """What a first user fetched a second one gets without the Hub, listings included."""
    name, _ = repo([("model.safetensors", 2 << 20), ("config.json", 700)])
    with Isolated(fresh) as net:
        first = last(Home(net, tmp_path / "first").node("hub.mjs", fresh.http, name))
        hub.down()
        try:
            second = last(Home(net, tmp_path / "second").node("hub.mjs", fresh.http, name))
        finally:
            hub.down(False)
    assert first == second and len(first["names"]) == len(crowd)


def test_huggingface_js_reads_a_private_file_with_its_token_only(hub, mirror, tmp_path):
    code = """
    import { downloadFile } from "@huggingface/hub";
    const [hubUrl, accessToken] = process.argv.slice(2);
    const repo = "private-org/private-model", path = "config.json";
    const mine = await downloadFile({ repo, path, hubUrl, accessToken });
    const theirs = await downloadFile({ repo, path, hubUrl }).catch((error) => error.statusCode);
    console.log(JSON.stringify([await mine.text(), theirs]));
    """
    token = hub.tokens()["private_owner"]
    truth = hub.content_of("models", "private-org/private-model", "main", "config.json").decode()
    with Isolated(mirror) as net:
        out = Home(net, tmp_path / "home").node("private.mjs", mirror.http, token, text=code)
        assert last(out) == [truth, 401]
        assert not net.attempts, f"asked past the mirror: {net.attempts}"


def test_transformers_js_gives_the_expected_embedding(hub, fresh, content_dir, tmp_path):
    """Its question for a file's size says no-cache (fetch with no-store), which asks for the branch
    again when the last question is a second old."""
    if not any(content_dir.glob("**/model_quantized.onnx")):
        pytest.skip("the ONNX package was not fetched (PyPI not reached?)")
    own_cache = 'env.cacheDir = `${process.env.HOME}/cache`;\nconst embed'  # not node_modules
    code = snippet("js-transformers", fresh.http).replace("const embed", own_cache) + """
    const [a, b] = vectors.tolist();
    console.log(JSON.stringify({ cosine: a.reduce((sum, x, at) => sum + x * b[at], 0),
                                 version: env.version }));"""
    paths = ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_quantized.onnx"]
    size = sum(len(hub.content_of("models", XENOVA, "main", path)) for path in paths)
    out = cold_and_warm(hub, fresh, tmp_path,
                        lambda home: last(home.node("embed.mjs", text=code)), size,
                        passed=f"^GET /api/models/{XENOVA}/revision/main$")
    assert out["cosine"] == pytest.approx(COSINE_INT8, abs=1e-3)
    assert out["version"] == "4.3.1"


def test_gguf_and_parquet_readers_fetch_only_their_heads(hub, fresh, content_dir, tmp_path):
    if not any(content_dir.glob("**/*.parquet")):
        pytest.skip("the data set's package was not fetched (npm not reached?)")
    out = cold_and_warm(hub, fresh, tmp_path,
                        lambda home: last(home.node("heads.mjs", fresh.http)), None)

    assert out["gguf"] == {"architecture": "llama", "version": 3}
    assert out["rows"] == 3_000_000 and out["groups"] == 11


@pytest.mark.parametrize("kind", ["js-llama", "js-llama-tag"])
def test_node_llama_cpp_by_hf_addresses(hub, fresh, tmp_path, kind):
    """The file by name in parallel ranges; or by its quantization, which asks /v2/ first."""
    code = snippet(kind) + "\nconsole.log(JSON.stringify(path));"
    sha = hub.refs("models", GGUF)["main"]
    file = re.search(r"Q\d\w*", code)[0]
    expected = hub.sha256("models", GGUF, sha, f"demo-{file}.gguf")
    size = len(hub.content_of("models", GGUF, sha, f"demo-{file}.gguf"))

    def work(home):
        path = last(home.node("llama.mjs", text=code, HF_ENDPOINT=fresh.http))
        return sha256_of(path)

    assert cold_and_warm(hub, fresh, tmp_path, work, size,
                         passed="^GET /v2/") == expected


def test_node_llama_cpp_loads_a_real_model_fetched_in_parallel_ranges(hub, mirror, content_dir,
                                                                      tmp_path):
    """The only client here that runs on an f16 GGUF; made from the real model's own weights."""
    if not has_model(content_dir):
        pytest.skip("the model's package was not fetched (PyPI not reached?)")
    name, data = "gguf-org/all-MiniLM-L6-v2-f16", minilm_gguf(content_dir / "minilm")
    hub.create_repo(name, [{"path": "minilm-F16.gguf", "lfs": True,
                            "base64": base64.b64encode(data).decode()}])
    with Isolated(mirror) as net:
        home = Home(net, tmp_path / "home")
        hub.clear()
        out = last(home.node("llama.mjs", f"hf:{name}/minilm-F16.gguf", "load",
                             HF_ENDPOINT=mirror.http))
        assert len(data) <= hub.content_bytes() <= len(data) + (1 << 20)
        assert not net.attempts, f"asked past the mirror: {net.attempts}"
    assert sha256_of(home.folder / out["path"]) == hashlib.sha256(data).hexdigest()
    assert out["cosine"] == pytest.approx(COSINE_F16, abs=1e-4)
    log = "".join(path.read_text() for path in (mirror.folder / "log").glob("access*"))
    assert len(re.findall(rf"GET /{name}/resolve/main/minilm-F16.gguf 206 ", log)) >= 4
