# SPDX-License-Identifier: Apache-2.0
# /v2/{id}/manifests/{tag} and /v2/{id}/blobs/sha256:{hex} (hub-api.md 2.9): what Ollama and
# older llama.cpp read of a GGUF repository. Small blobs are made up here, big ones are files.
import hashlib
import re
from urllib.parse import quote, unquote

from . import auth, errors
from .api_answers import json_answer
from .content import BytesContent
from .http_message import Response, dump_json
from .ranges import apply_range

QUANTISATION = re.compile(r"[-.]((?:I?Q\d|TQ\d|BF16|F16|F32|MXFP4)\w*)\.gguf$", re.IGNORECASE)
PREFERRED = ("Q4_K_M", "Q4_0", "Q8_0")      # of `latest`
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.ollama.image."
TEMPLATE = "{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}{{ .Prompt }}"
PARAMETERS = {"stop": ["<|im_start|>", "<|im_end|>"]}
BAD_TAG = ("The specified tag is not a valid quantization scheme. "
           'Please use another tag or "latest"')
NO_GGUF = "Repository is not GGUF or is not compatible with llama.cpp"


def models_of(repo):
    """({quantisation in capitals: entry}, projector entry or None) of the main branch."""
    models, projector = {}, None
    for entry in (repo.main.tree.files.values() if repo.main else ()):
        match = QUANTISATION.search(entry.path)
        if match and entry.is_lfs and "-of-" not in entry.path:
            if "mmproj" in entry.path:
                projector = projector or entry
            else:
                models.setdefault(match.group(1).upper(), entry)
    return models, projector


def select(repo, tag):
    """(quantisation, entry, projector) of a tag: a quantisation in any letter case, a file
    name, or `latest`."""
    models, projector = models_of(repo)
    if not models:
        raise errors.HubError(400, NO_GGUF)
    if tag == "latest":
        name = next((n for n in PREFERRED if n in models), next(iter(models)))
        return name, models[name], projector
    for name, entry in models.items():
        if tag.upper() == name or tag.lower() == entry.path.lower():
            return name, entry, projector
    raise errors.HubError(400, BAD_TAG)


def small_blobs(quantisation, entry):
    """(media type, bytes) of configuration, template and parameters, in this order."""
    config = {"model_format": "gguf", "model_family": "llama", "model_families": ["llama"],
              "model_type": "1M", "file_type": quantisation, "architecture": "amd64",
              "os": "linux", "rootfs": {"type": "layers",
                                        "diff_ids": [f"sha256:{entry.lfs_sha256}"]}}
    return [(CONFIG, dump_json(config)), (LAYER + "template", TEMPLATE.encode()),
            (LAYER + "params", dump_json(PARAMETERS))]


def _digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _file_layer(kind, entry):
    return {"mediaType": LAYER + kind, "digest": f"sha256:{entry.lfs_sha256}", "size": entry.size}


def _file_facts(entry):
    return {"rfilename": entry.path, "blobId": entry.oid, "size": entry.size,
            "lfs": {"sha256": entry.lfs_sha256, "size": entry.size,
                    "pointerSize": len(entry.pointer)}}


def manifest(call, tag):
    quantisation, entry, projector = select(call.repo, tag)
    config, *small = [{"mediaType": kind, "digest": _digest(data), "size": len(data)}
                      for kind, data in small_blobs(quantisation, entry)]
    layers = [_file_layer("model", entry)]
    if projector is not None:
        layers.append(_file_layer("projector", projector))
    answer = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config,
              "layers": layers + small}
    if call.request.header("user-agent", "").startswith("llama-cpp"):
        answer["ggufFile"] = _file_facts(entry)
        if projector is not None:
            answer["mmprojFile"] = _file_facts(projector)
    return json_answer(answer, [("Cache-Control", "public, max-age=60"),
                                ("Vary", "Origin, User-Agent")])


def blob(call, digest):
    models, projector = models_of(call.repo)
    for entry in [*models.values(), *([projector] if projector else [])]:
        if digest == f"sha256:{entry.lfs_sha256}":
            location = f"{call.repo.page_prefix}/{call.repo.id}/resolve/main/{quote(entry.path)}"
            return Response(307, [("Content-Type", "text/plain; charset=utf-8"),
                                  ("Location", location), ("Vary", "Origin, Accept")],
                            f"Temporary Redirect. Redirecting to {location}".encode())
    for quantisation, entry in models.items():
        for _, data in small_blobs(quantisation, entry):
            if _digest(data) == digest:
                response = Response(200, [("Content-Type", "application/octet-stream"),
                                          ("ETag", f'"{digest[7:]}"')])
                return apply_range(call.request, response, BytesContent(data))
    raise errors.HubError(404, "blob unknown to registry")


def split(segments):
    """(id segments, "manifests" or "blobs", tag or digest), or None."""
    if len(segments) in (3, 4) and segments[-2] in ("manifests", "blobs"):
        return segments[:-2], segments[-2], unquote(segments[-1])
    return None


def serve(call, what, name):
    auth.require_gate(call.repo, call.caller)
    if call.request.method == "POST":
        raise errors.page_not_found()
    return manifest(call, name) if what == "manifests" else blob(call, name)
