# SPDX-License-Identifier: Apache-2.0
# The set-up program without a network: what is complete is left alone, what is missing and
# cannot be had is named with exit code 3. And what the emulator makes of the content.
import json
import os
import subprocess
import sys
import zipfile

import pytest

from hub_asking import Asker
from hub import fetch_content
from hub.client import Hub

PROGRAM = os.path.abspath(fetch_content.__file__)
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0",
           "PIP_FIND_LINKS": "", "PIP_NO_INDEX": "1", "npm_config_registry": "http://127.0.0.1:9",
           "npm_config_fetch_retries": "0"}


def run(*arguments):
    return subprocess.run([sys.executable, PROGRAM, *arguments], text=True, check=False,
                          stdout=subprocess.PIPE, env={**os.environ, **NOWHERE})


def make_complete(folder, name):
    """Files of the pinned sizes; hashes are looked at only when fetching."""
    for path, facts in fetch_content.load_pins()[name]["files"].items():
        target = folder / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "wb") as file:
            file.truncate(facts["size"])


def test_what_is_there_needs_no_network(tmp_path):
    make_complete(tmp_path, "penguins")
    done = run("--into", str(tmp_path), "--only", "penguins")
    assert (done.returncode, done.stdout) == (0, "fetch_content: all there: penguins\n")


def test_an_unreachable_registry_is_exit_3_with_the_name(tmp_path):
    done = run("--into", str(tmp_path), "--only", "penguins")
    assert done.returncode == 3
    assert "penguins: MISSING: pip download palmerpenguins==0.1.6" in done.stdout
    assert os.listdir(tmp_path) == [".lock"]


def test_an_unknown_name_is_refused(tmp_path):
    assert run("--into", str(tmp_path), "--only", "nonsense").returncode == 2


def wheel(path, data):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("palmerpenguins/data/penguins.csv", data)
    return str(path)


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path):
    pin = fetch_content.load_pins()["penguins"]
    with pytest.raises(fetch_content.Missing, match="is not the pinned file"):
        fetch_content.extract(pin, wheel(tmp_path / "a.whl", "wrong"), str(tmp_path / "out"))


def test_a_package_without_the_file_is_refused(tmp_path):
    pin = {**fetch_content.load_pins()["penguins"], "prefix": "elsewhere/"}
    with pytest.raises(fetch_content.Missing, match="has no penguins.csv"):
        fetch_content.extract(pin, wheel(tmp_path / "a.whl", "x"), str(tmp_path / "out"))


def test_fetched_content_becomes_repositories(tmp_path):
    make_complete(tmp_path, "penguins")
    make_complete(tmp_path, "flights")
    model = tmp_path / "minilm"
    (model / "1_Pooling").mkdir(parents=True)
    for name in (".gitattributes", "1_Pooling/config.json", "config.json", "tokenizer.json",
                 "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
                 "model.safetensors"):
        (model / name).write_text(f"stands for {name}\n")
    make_complete(tmp_path, "xenova")
    with Hub(content=tmp_path) as hub:
        get = Asker(hub, {})
        tree = json.loads(get("/api/models/sentence-transformers/all-MiniLM-L6-v2/tree/main"
                              "?recursive=true").body)
        assert {e["path"]: "lfs" in e for e in tree}["model.safetensors"]
        answer = get.follow("/sentence-transformers/all-MiniLM-L6-v2/resolve/main/config.json")
        assert answer.text == "stands for config.json\n"
        names = {s["rfilename"] for s in json.loads(
            get("/api/models/Xenova/all-MiniLM-L6-v2").body)["siblings"]}
        assert {"onnx/model_quantized.onnx", "vocab.txt", "tokenizer.json"} <= names
        head = get("/datasets/demo/flights-3m/resolve/main/data/train-00000-of-00001.parquet",
                   "HEAD")
        assert (head.status, head.headers["x-linked-size"]) == (302, "13493022")
        assert len(get.follow("/datasets/demo/penguins/resolve/main/penguins.csv").body) == 15241


def test_without_content_the_model_is_absent_and_penguins_are_made_up(get):
    assert get("/api/models/sentence-transformers/all-MiniLM-L6-v2").status == 401
    csv = get.follow("/datasets/demo/penguins/resolve/main/penguins.csv").text
    assert csv.startswith("species,island,") and csv.count("\n") == 16
