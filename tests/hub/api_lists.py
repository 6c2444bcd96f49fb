# SPDX-License-Identifier: Apache-2.0
# /api/models, /api/datasets, /api/spaces, quicksearch and the tag lists (hub-api.md 2.3).
import base64
import binascii
import json

from . import auth, errors
from .api_answers import int_value, json_answer, next_link
from .api_info import facts, select

PAGE = 1000
ITEM = {
    "model": "_id id likes trendingScore private downloads tags pipeline_tag library_name "
             "createdAt modelId",
    "dataset": "_id id author disabled gated lastModified likes trendingScore private sha "
               "description downloads tags createdAt",
    "space": "_id id likes trendingScore private sdk tags createdAt",
}
FULL = {"model": "author gated lastModified sha siblings disabled config cardData",
        "dataset": "citation cardData siblings", "space": "author lastModified sha siblings"}
SORTS = ("createdAt", "downloads", "lastModified", "likes", "trendingScore", "likes30d",
         "num_parameters", "mainSize")


def _visible(state, kind, caller):
    return [r for r in state.repos.values() if r.kind == kind and auth.is_visible(r, caller)]


def _fits(repo, known, request):
    search = request.value("search")
    if search and search.lower() not in repo.id.lower():
        return False
    author = request.value("author")
    if author and repo.author != author:
        return False
    tags = set(known.get("tags", ())) | {known.get("pipeline_tag"), known.get("library_name")}
    wanted = [part for text in request.values("filter") for part in text.split(",") if part]
    if not all(tag in tags for tag in wanted):
        return False
    task = request.value("pipeline_tag")
    if task and known.get("pipeline_tag") != task:
        return False
    gated = request.value("gated")
    return gated is None or bool(repo.gated) == (gated.lower() in ("true", "auto", "manual"))


def _keys(request, kind):
    """The keys an item shows; with `expand` those named and no others."""
    names = request.values("expand")
    if names:
        return names
    keys = ITEM[kind].split()
    if request.flag("full"):
        keys += [k for k in FULL[kind].split() if k not in keys]
    return keys + [k for k in ("config", "cardData") if request.flag(k) and k not in keys]


def _item(repo, known, request, keys):
    known = {"trendingScore": known.get("likes", 0), **known}
    if request.values("expand"):
        return select(repo, known, keys)
    return {key: known[key] for key in keys if key in known}


def _offset_of(cursor):
    try:
        return int(json.loads(base64.b64decode(cursor, validate=True))["skip"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise errors.HubError(400, "Invalid cursor") from None


def list_repos(call, kind):
    request = call.request
    sort = request.value("sort", "trendingScore")
    if sort not in SORTS:
        raise errors.HubError(400, "Invalid sort parameter")
    keys = _keys(request, kind)
    found = []
    for repo in _visible(call.state, kind, call.caller):
        known = facts(repo, repo.main, call.caller, names=())
        if _fits(repo, known, request):
            found.append((repo, known))
    # The id decides between equals, so that a cursor means the same on every page.
    found.sort(key=lambda pair: pair[0].id)
    default = "" if sort in ("createdAt", "lastModified") else 0
    found.sort(key=lambda pair: pair[1].get("likes" if sort == "trendingScore" else sort)
               or default, reverse=True)
    limit = int_value(call, "limit", PAGE, PAGE)
    cursor = request.value("cursor")
    offset = _offset_of(cursor) if cursor else 0
    page = found[offset:offset + limit]
    headers = []
    if offset + limit < len(found):
        mark = json.dumps({"skip": offset + limit, "sort": sort}).encode()
        headers.append(next_link(call, cursor=base64.b64encode(mark).decode()))
    # Files and sizes for the page alone: they may be many.
    known_by_page = [(repo, {**facts(repo, repo.main, call.caller, names=keys), **known})
                     for repo, known in page]
    return json_answer([_item(repo, known, request, keys) for repo, known in known_by_page],
                       headers)


def quicksearch(call):
    text = call.request.value("q", "").lower()
    limit = int_value(call, "limit", 5, 20)
    only = call.request.values("type")
    answer = {}
    for name, kind in (("models", "model"), ("datasets", "dataset"), ("spaces", "space")):
        hits = [r for r in _visible(call.state, kind, call.caller) if text in r.id.lower()]
        wanted = not only or kind in only or name in only
        answer[name] = [{"_id": r._id, "id": r.id} for r in hits[:limit]] if wanted else []
        answer[name + "Count"] = len(hits) if wanted else 0
    return json_answer({**answer, "orgs": [], "users": [], "papers": [], "collections": []})


def tags_by_type(call, kind):
    groups = {}
    for repo in _visible(call.state, kind, call.caller):
        known = {**repo.fields}
        plain = {t: "other" for t in known.get("tags", ())}
        plain.update({t: t.split(":")[0] for t in plain if ":" in t})
        for key, group in (("pipeline_tag", "pipeline_tag"), ("library_name", "library")):
            if known.get(key):
                plain[known[key]] = group
        for tag, group in plain.items():
            label = tag.partition(":")[2] or tag
            groups.setdefault(group, {})[tag] = {"id": tag, "label": label, "type": group}
    only = call.request.value("type")
    return json_answer({group: [tags[t] for t in sorted(tags)]
                        for group, tags in sorted(groups.items()) if only in (None, group)})
