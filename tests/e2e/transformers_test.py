# SPDX-License-Identifier: Apache-2.0
"""transformers with a real model (all-MiniLM-L6-v2) by HF_ENDPOINT, on two roads.

A: AutoModel with Debian's torch. C: the newest transformers without torch, the model by ONNX.
The expected figures are facts of the model, computed without any mirror.
"""

import json

import pytest

from conftest import has_model

COSINE = 0.311161  # of the two sentences, mean pooling, fp32
FIRST_VALUES = [-0.079618, -0.01805, 0.03509, -0.012239]
TOKENS = [101, 1996, 5259, 7906, 1037, 6100, 1997, 1996, 2944, 1012, 102]
COSINE_INT8 = 0.311753

ROAD_A = """
import json, torch
from transformers import AutoModel, AutoTokenizer
name = "sentence-transformers/all-MiniLM-L6-v2"
tokenizer, model = AutoTokenizer.from_pretrained(name), AutoModel.from_pretrained(name)
batch = tokenizer(["The mirror keeps a copy of the model.", "A cache stores the weights locally."],
                  padding=True, return_tensors="pt")
with torch.no_grad():
    hidden = model(**batch).last_hidden_state
mask = batch["attention_mask"].unsqueeze(-1).float()
vectors = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
print(json.dumps({"cosine": float(vectors[0] @ vectors[1]), "first": vectors[0][:4].tolist(),
                  "tokens": batch["input_ids"][0][:11].tolist(),
                  "parameters": sum(p.numel() for p in model.parameters())}))
"""

ROAD_C = """
import json, numpy, onnxruntime
from huggingface_hub import hf_hub_download
from transformers import AutoConfig, AutoTokenizer
name = "Xenova/all-MiniLM-L6-v2"
config, tokenizer = AutoConfig.from_pretrained(name), AutoTokenizer.from_pretrained(name)
session = onnxruntime.InferenceSession(hf_hub_download(name, "onnx/model_quantized.onnx"))
batch = tokenizer(["The mirror keeps a copy of the model.", "A cache stores the weights locally."],
                  padding=True, return_tensors="np")
wanted = {item.name for item in session.get_inputs()}
feed = {key: value.astype("int64") for key, value in batch.items() if key in wanted}
hidden = session.run(None, feed)[0]
mask = batch["attention_mask"][..., None]
vectors = (hidden * mask).sum(1) / mask.sum(1)
vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
print(json.dumps({"cosine": float(vectors[0] @ vectors[1]), "hidden": config.hidden_size}))
"""


def test_automodel_from_pretrained_gives_the_expected_embedding(hub, mirror, client, content_dir):
    if not has_model(content_dir):
        pytest.skip("the model's package was not fetched (PyPI not reached?)")
    hub.clear()
    out = json.loads(client("road-a").run(ROAD_A, HF_ENDPOINT=mirror.http).splitlines()[-1])
    assert out["cosine"] == pytest.approx(COSINE, abs=1e-4)
    assert out["first"] == pytest.approx(FIRST_VALUES, abs=1e-4)
    assert out["tokens"] == TOKENS
    assert out["parameters"] == 22_713_216
    cold = hub.content_bytes()
    again = json.loads(client("road-a").run(ROAD_A, HF_ENDPOINT=mirror.http).splitlines()[-1])
    assert again == out
    assert hub.content_bytes() == cold


def test_newest_transformers_with_onnx(mirror, client, content_dir):
    if not any(content_dir.glob("**/model_quantized.onnx")):
        pytest.skip("the ONNX package was not fetched (PyPI not reached?)")
    out = json.loads(client("road-c").run(ROAD_C, HF_ENDPOINT=mirror.http).splitlines()[-1])
    assert out["cosine"] == pytest.approx(COSINE_INT8, abs=1e-3)
    assert out["hidden"] == 384
