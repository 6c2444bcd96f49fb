# SPDX-License-Identifier: Apache-2.0
"""transformers with a real model (all-MiniLM-L6-v2) by HF_ENDPOINT, on two roads.

A: AutoModel with Debian's torch. C: the newest transformers without torch, the model by ONNX. Each
with an empty cache before a node that holds nothing, and again before the same node.
The expected figures are facts of the model, computed without any mirror.
"""

import json

import pytest

from clients_doc import environment, snippet
from conftest import has_model

COSINE = 0.311161  # of the two sentences, mean pooling, fp32
FIRST_VALUES = [-0.079618, -0.01805, 0.03509, -0.012239]
TOKENS = [101, 1996, 5259, 7906, 1037, 6100, 1997, 1996, 2944, 1012, 102]
COSINE_INT8 = 0.311753

ROAD_A = """
import json, torch
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


def cold_and_warm(hub, client, net, road, code):
    """The answer of both runs; the second one costs upstream nothing."""
    answers = []
    for _ in range(2):
        hub.clear()
        out = client(road, net).run(code, **environment("env", net.url))
        answers.append(json.loads(out.splitlines()[-1]))
        targets = [row["target"] for row in hub.requests()]
    assert answers[0] == answers[1]
    assert targets == []
    return answers[0]


def test_automodel_from_pretrained_gives_the_expected_embedding(hub, cold, client, content_dir):
    if not has_model(content_dir):
        pytest.skip("the model's package was not fetched (PyPI not reached?)")
    out = cold_and_warm(hub, client, cold, "road-a", snippet("transformers") + ROAD_A)
    assert out["cosine"] == pytest.approx(COSINE, abs=1e-4)
    assert out["first"] == pytest.approx(FIRST_VALUES, abs=1e-4)
    assert out["tokens"] == TOKENS
    assert out["parameters"] == 22_713_216


def test_newest_transformers_with_onnx(hub, cold, client, content_dir):
    if not any(content_dir.glob("**/model_quantized.onnx")):
        pytest.skip("the ONNX package was not fetched (PyPI not reached?)")
    out = cold_and_warm(hub, client, cold, "road-c", ROAD_C)
    assert out["cosine"] == pytest.approx(COSINE_INT8, abs=1e-3)
    assert out["hidden"] == 384
