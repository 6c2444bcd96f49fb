# SPDX-License-Identifier: Apache-2.0
# Repositories of real content, made from the folder that fetch_content.py fills. What was
# not fetched is left out, except for a made-up penguins table that takes the real one's place.
import os

from .authoring import RepoBuilder, make_entry
from .catalog import CARD, GITATTRIBUTES
from .content import FileContent

MINILM = "all-MiniLM-L6-v2"
TOKENIZER_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json",
                   "special_tokens_map.json", "vocab.txt")
MINILM_FIELDS = {
    "pipeline_tag": "sentence-similarity", "library_name": "sentence-transformers",
    "tags": ["sentence-transformers", "safetensors", "bert", "feature-extraction",
             "sentence-similarity", "transformers", "en", "license:apache-2.0", "region:us"],
    "downloads": 100_000, "likes": 3000, "config": {
        "architectures": ["BertModel"], "model_type": "bert", "tokenizer_config": {
            "cls_token": "[CLS]", "mask_token": "[MASK]", "pad_token": "[PAD]",
            "sep_token": "[SEP]", "unk_token": "[UNK]"}},
    "cardData": {"language": "en", "license": "apache-2.0",
                 "library_name": "sentence-transformers",
                 "tags": ["sentence-transformers", "feature-extraction", "sentence-similarity",
                          "transformers"], "pipeline_tag": "sentence-similarity"},
    "transformersInfo": {"auto_model": "AutoModel", "pipeline_tag": "feature-extraction",
                         "processor": "AutoTokenizer"},
    "safetensors": {"parameters": {"I64": 512, "F32": 22713216}, "total": 22713728},
}
XENOVA_FIELDS = {"pipeline_tag": "feature-extraction", "library_name": "transformers.js",
                 "tags": ["transformers.js", "onnx", "bert", "region:us"], "likes": 100,
                 "cardData": {"library_name": "transformers.js"},
                 "config": {"architectures": ["BertModel"], "model_type": "bert"}}


def data_fields(file_format):
    return {"tags": [f"format:{file_format}", "license:cc0-1.0", "region:us"],
            "cardData": {"license": "cc0-1.0"}, "description": "A data set."}


def _files_below(folder):
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(root, name)
            yield os.path.relpath(path, folder).replace(os.sep, "/"), path


def minilm(folder):
    builder = RepoBuilder("model", f"sentence-transformers/{MINILM}", fields=MINILM_FIELDS)
    files = {p: make_entry(p, FileContent(full)) for p, full in _files_below(folder)}
    builder.commit("initial commit", {".gitattributes": files[".gitattributes"]})
    main = builder.commit("Add model", files)
    builder.repo.set_ref("tags", "v1", main)
    return builder.repo


def xenova(folder, tokenizer_folder):
    builder = RepoBuilder("model", f"Xenova/{MINILM}", fields=XENOVA_FIELDS)
    model = "onnx/model_quantized.onnx"
    files = {model: make_entry(model, FileContent(os.path.join(folder, model)))}
    for name in TOKENIZER_FILES:
        files[name] = make_entry(name, FileContent(os.path.join(tokenizer_folder, name)))
    builder.commit("Add model", {".gitattributes": GITATTRIBUTES, **files})
    return builder.repo


def data_set(repo_id, path, content, file_format):
    builder = RepoBuilder("dataset", repo_id, fields=data_fields(file_format))
    builder.commit("Add data", {".gitattributes": GITATTRIBUTES,
                                "README.md": CARD.format(repo_id).replace("mit", "cc0-1.0"),
                                path: content})
    return builder.repo


def made_up_penguins():
    rows = [f"{species},{island},{n},{3000 + 37 * n},2007\n" for n, (species, island) in
            enumerate([("Adelie", "Torgersen"), ("Chinstrap", "Dream"), ("Gentoo", "Biscoe")] * 5)]
    return ("species,island,bill_length_mm,body_mass_g,year\n" + "".join(rows)).encode()


def fill_without(state):
    state.add(data_set("demo/penguins", "penguins.csv", made_up_penguins(), "csv"))


def fill(state, folder):
    model, quantized = os.path.join(folder, "minilm"), os.path.join(folder, "xenova")
    if os.path.isdir(model):
        state.add(minilm(model))
        if os.path.isdir(quantized):
            state.add(xenova(quantized, model))
    penguins = os.path.join(folder, "penguins", "penguins.csv")
    if os.path.exists(penguins):
        state.add(data_set("demo/penguins", "penguins.csv", FileContent(penguins), "csv"))
    else:
        fill_without(state)
    flights = os.path.join(folder, "flights", "flights-3m.parquet")
    if os.path.exists(flights):
        state.add(data_set("demo/flights-3m", "data/train-00000-of-00001.parquet",
                           FileContent(flights), "parquet"))
