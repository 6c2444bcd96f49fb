# SPDX-License-Identifier: Apache-2.0
"""Writes the real all-MiniLM-L6-v2 as an f16 GGUF (version 3), as llama.cpp names its parts.

Public names and types: the GGUF specification, and the "bert" architecture of llama.cpp. Knows
nothing of who reads the file.
"""

import array
import json
import struct

ALIGNMENT = 32
F32, F16 = 0, 1
PIECE = 1 << 20  # numbers converted at a time
OUTER = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm": "token_embd_norm",
}
INNER = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k",
    "attention.self.value": "attn_v", "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm", "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}
KEPT_F32 = ("position_embd.weight", "token_types.weight")


def gguf_name(name):
    """llama.cpp's name of a tensor of BertModel; nothing for what it does not use."""
    for ours, theirs in OUTER.items():
        if name.startswith(ours):
            return theirs + name[len(ours):]
    if not name.startswith("encoder.layer."):
        return None
    number, rest = name.removeprefix("encoder.layer.").split(".", 1)
    base, kind = rest.rsplit(".", 1)
    return f"blk.{number}.{INNER[base]}.{kind}"


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def field(key, value, code=None):
    """One entry of the metadata; `code` is a struct letter for numbers."""
    types = {"I": 4, "f": 6, "?": 7, "i": 5}
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, list):
        if code is None:
            return text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
        return text(key) + struct.pack("<IIQ", 9, types[code], len(value)) + \
            struct.pack(f"<{len(value)}{code}", *value)
    return text(key) + struct.pack(f"<I{code}", types[code], value)


def word(token):
    """A WordPiece of vocab.txt as llama.cpp spells it: beginnings of words are marked instead."""
    if token.startswith("[") and token.endswith("]"):
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


def metadata(config, words):
    special = {name: words.index(f"[{name}]") for name in ("UNK", "SEP", "PAD", "CLS", "MASK")}
    kinds = [3 if number in special.values() else 1 for number in range(len(words))]
    return [
        field("general.architecture", "bert"), field("general.name", "all-MiniLM-L6-v2"),
        field("general.file_type", F16, "I"),
        field("bert.context_length", config["max_position_embeddings"], "I"),
        field("bert.embedding_length", config["hidden_size"], "I"),
        field("bert.feed_forward_length", config["intermediate_size"], "I"),
        field("bert.block_count", config["num_hidden_layers"], "I"),
        field("bert.attention.head_count", config["num_attention_heads"], "I"),
        field("bert.attention.layer_norm_epsilon", config["layer_norm_eps"], "f"),
        field("bert.attention.causal", False, "?"), field("bert.pooling_type", 1, "I"),
        field("tokenizer.ggml.model", "bert"), field("tokenizer.ggml.pre", "bert-bge"),
        field("tokenizer.ggml.token_type_count", config["type_vocab_size"], "I"),
        field("tokenizer.ggml.tokens", [word(one) for one in words]),
        field("tokenizer.ggml.token_type", kinds, "i"),
        field("tokenizer.ggml.unknown_token_id", special["UNK"], "I"),
        field("tokenizer.ggml.seperator_token_id", special["SEP"], "I"),  # their spelling
        field("tokenizer.ggml.padding_token_id", special["PAD"], "I"),
        field("tokenizer.ggml.cls_token_id", special["CLS"], "I"),
        field("tokenizer.ggml.mask_token_id", special["MASK"], "I"),
        field("tokenizer.ggml.bos_token_id", special["CLS"], "I"),
        field("tokenizer.ggml.eos_token_id", special["SEP"], "I"),
    ]


def halves(data):
    numbers = array.array("f", data)
    return b"".join(struct.pack(f"<{len(piece)}e", *piece) for at in range(0, len(numbers), PIECE)
                    for piece in [numbers[at:at + PIECE]])


def tensors(path):
    """(name, shape, type, bytes) of each tensor of model.safetensors that llama.cpp wants."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        base = file.tell()
        for name, entry in header.items():
            new = gguf_name(name)
            if new is None:
                continue
            first, end = entry["data_offsets"]
            file.seek(base + first)
            data = file.read(end - first)
            small = len(entry["shape"]) == 1 or new in KEPT_F32
            yield new, entry["shape"], F32 if small else F16, data if small else halves(data)


def padded(data):
    return data + b"\0" * (-len(data) % ALIGNMENT)


def minilm_gguf(folder):
    """The bytes of the GGUF made from a folder with the model's files."""
    config = json.loads((folder / "config.json").read_text())
    words = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")[:config["vocab_size"]]
    fields = metadata(config, words)
    infos, body = [], []
    offset = 0
    for name, shape, kind, data in tensors(folder / "model.safetensors"):
        infos.append(text(name) + struct.pack("<I", len(shape)) +
                     struct.pack(f"<{len(shape)}Q", *reversed(shape)) +
                     struct.pack("<IQ", kind, offset))
        body.append(padded(data))
        offset += len(body[-1])
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(infos), len(fields))
    return padded(head + b"".join(fields) + b"".join(infos)) + b"".join(body)
