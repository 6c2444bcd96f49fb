# SPDX-License-Identifier: Apache-2.0
"""`fastembed` with the quantised all-MiniLM-L6-v2, as docs/clients.md writes it."""

import json

import pytest

from clients_doc import environment, snippet

COSINE_INT8 = 0.311753

SENTENCES = """
import json
a, b = model.embed(["The mirror keeps a copy of the model.",
                    "A cache stores the weights locally."])
print(json.dumps(float(a @ b)))
"""


def test_an_embedding_cold_and_warm(hub, cold, client, content_dir):
    if not any(content_dir.glob("**/model_quantized.onnx")):
        pytest.skip("the ONNX package was not fetched (PyPI not reached?)")
    hub.clear()
    for _ in range(2):
        out = client("hub1", cold).run(snippet("fastembed") + SENTENCES,
                                       **environment("env", cold.url))
        assert json.loads(out.splitlines()[-1]) == pytest.approx(COSINE_INT8, abs=1e-4)
        seen = [row for row in hub.requests() if row["content"]]
        hub.clear()
    assert seen == []
