# SPDX-License-Identifier: Apache-2.0
# /api/{type}/{id} and /revision/{rev} (hub-api.md 2.2). Key order is the recorded one: the
# weak ETags of the recordings come out only if it is kept.
from . import auth
from .api_answers import MASK, json_answer, single_revision

ORDER = {
    "model": "_id id private pipeline_tag library_name tags downloads likes modelId author sha "
             "lastModified gated inference disabled mask_token widgetData model-index config "
             "cardData transformersInfo siblings spaces createdAt safetensors gguf usedStorage",
    "dataset": "_id id author sha lastModified private gated disabled tags citation description "
               "paperswithcode_id downloads likes cardData siblings createdAt usedStorage",
    "space": "_id id author sha lastModified private gated disabled host subdomain tags likes "
             "sdk cardData siblings models datasets runtime createdAt",
}
ORDER = {kind: keys.split() for kind, keys in ORDER.items()}
DEFAULTS = {
    "model": {"tags": [], "downloads": 0, "likes": 0, "model-index": None, "config": {},
              "cardData": {}, "spaces": []},
    "dataset": {"tags": [], "citation": None, "description": "", "downloads": 0, "likes": 0,
                "cardData": {}},
    "space": {"tags": [], "likes": 0, "sdk": "static", "cardData": {}, "models": [],
              "datasets": []},
}
ONLY_BY_EXPAND = {"trendingScore": 0, "downloadsAllTime": 0, "baseModels": None,
                  "childrenModelCount": {}, "evalResults": [], "resourceGroup": None,
                  "inferenceProviderMapping": [], "mainSize": None, "xetEnabled": True,
                  "region": "us"}


def used_storage(repo):
    """Bytes of all different LFS files of all commits."""
    sizes = {}
    for commit in repo.commits.values():
        sizes.update(commit.tree.lfs_sizes)
    return sum(sizes.values())


def siblings(repo, commit, caller, blobs):
    masked = not auth.passes_gate(repo, caller)
    found = []
    for entry in commit.tree.files.values():
        item = {"rfilename": entry.path}
        if blobs and entry.size is not None:
            item.update(size=entry.size, blobId=entry.oid)
            if entry.is_lfs:        # `sha256` here, `oid` in the tree
                item["lfs"] = {"sha256": MASK if masked else entry.lfs_sha256,
                               "size": entry.size, "pointerSize": len(entry.pointer)}
        found.append(item)
    return found


def facts(repo, commit, caller, blobs=False, names=("siblings", "usedStorage")):
    """Every key we know of, in no particular order. Lists leave out of `names` what they do
    not show: it would make them look into every tree."""
    known = {
        **DEFAULTS[repo.kind], "_id": repo._id, "id": repo.id, "private": repo.private,
        "gated": repo.gated, "disabled": repo.disabled, "createdAt": repo.created_at,
    }
    if repo.kind == "model":
        known["modelId"] = repo.id
    if repo.author:
        known["author"] = repo.author
    if commit is not None:
        known.update(sha=commit.id, lastModified=commit.date)
        if "siblings" in names:
            known["siblings"] = siblings(repo, commit, caller, blobs)
        if "usedStorage" in names:
            known["usedStorage"] = used_storage(repo)
    known.update(repo.fields)
    return known


def select(repo, known, names):
    """`expand`: only `_id`, `id` and the fields named."""
    order = ORDER[repo.kind]
    wanted = ["_id", "id"] + sorted((n for n in dict.fromkeys(names) if n not in ("_id", "id")),
                                    key=lambda n: order.index(n) if n in order else 99)
    known = {**ONLY_BY_EXPAND, **known}
    return {name: known[name] for name in wanted if name in known}


def info(call, commit=None):
    """The info of a revision, `main` when none is given."""
    commit = commit or call.repo.main
    known = facts(call.repo, commit, call.caller, call.request.flag("blobs"))
    names = call.request.values("expand")
    if names:
        return json_answer(select(call.repo, known, names))
    body = {key: known[key] for key in ORDER[call.repo.kind] if key in known}
    if call.request.flag("securityStatus"):
        body["securityRepoStatus"] = {"scansDone": True, "filesWithIssues": []}
    return json_answer(body)


def revision_info(call):
    return info(call, single_revision(call))
