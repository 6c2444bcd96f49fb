# SPDX-License-Identifier: Apache-2.0
# /tree/ and /paths-info/ (hub-api.md 2.4, 2.5): listings, pages, masking.
import base64
import binascii
import json
from urllib.parse import parse_qsl

from . import auth, errors
from .api_answers import (MASK, int_value, json_answer, next_link, revision_and_path,
                          single_revision)

PAGE = 1000
EXPANDED_PAGE = 100
PATHS_MAX = 2000
SAFE = {"status": "safe", "avScan": {"status": "safe", "virusFound": False},
        "pickleImportScan": None}


def tree_item(call, commit, path, expand=False):
    """One file or directory, keys in the recorded order; None when `path` is not there."""
    tree = commit.tree
    entry = tree.files.get(path)
    if entry is None:
        if path not in tree.directories or path == "":
            return None
        item = {"type": "directory", "oid": tree.directory_oids[path], "size": 0, "path": path}
    else:
        if entry.size is None:
            raise errors.not_recorded()
        item = {"type": "file", "oid": entry.oid, "size": entry.size}
        masked = not auth.passes_gate(call.repo, call.caller)
        if entry.is_lfs:
            item["lfs"] = {"oid": MASK if masked else entry.lfs_sha256, "size": entry.size,
                           "pointerSize": len(entry.pointer)}
        if entry.xet_hash and call.state.settings["xet"]:
            item["xetHash"] = MASK if masked else entry.xet_hash
        item["path"] = path
    if expand:
        last = entry.last_commit if entry is not None else None
        if last is None:
            found = commit.last_change(path)
            last = {"id": found.id, "title": found.title, "date": found.date}
        item["lastCommit"] = last
        if entry is not None:
            item["securityFileStatus"] = SAFE
    return item


def make_cursor(path, oid, offset):
    """Opaque to clients; the form is the Hub's: base64 of base64 JSON, a colon, a number."""
    inner = base64.b64encode(json.dumps({"file_name": path, "tree_oid": oid}).encode())
    return base64.b64encode(inner + b":%d" % offset).decode()


def offset_of(cursor):
    try:
        return int(base64.b64decode(cursor, validate=True).rpartition(b":")[2])
    except (binascii.Error, ValueError):
        raise errors.HubError(400, "Invalid cursor") from None


def tree(call):
    commit, base = revision_and_path(call)
    if base not in commit.tree.directories:
        raise errors.entry_not_found(commit)
    expand = call.request.flag("expand")
    most = EXPANDED_PAGE if expand else PAGE
    limit = int_value(call, "limit", most, most)
    cursor = call.request.value("cursor")
    offset = offset_of(cursor) if cursor else 0
    paths = commit.tree.listing(base, call.request.flag("recursive"))
    page = paths[offset:offset + limit]
    headers = []
    if offset + limit < len(paths):
        mark = make_cursor(page[-1], commit.tree.directory_oids[base], offset + limit)
        headers.append(next_link(call, limit=limit, cursor=mark))
    return json_answer([tree_item(call, commit, p, expand) for p in page], headers)


def _asked_paths(call):
    """Python sends a form, huggingface.js sends JSON."""
    body = call.request.body
    if "json" in call.request.header("content-type", ""):
        try:
            value = json.loads(body or b"{}")
            paths, expand = value.get("paths", []), bool(value.get("expand"))
        except (ValueError, AttributeError):
            raise errors.HubError(400, "Invalid JSON") from None
        return ([paths] if isinstance(paths, str) else paths), expand
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    paths = [v for k, v in pairs if k in ("paths", "paths[]")]
    expand = any(k == "expand" and v.lower() in ("true", "1") for k, v in pairs)
    return paths, expand


def paths_info(call):
    if call.request.method != "POST":
        raise errors.HubError(404, "Sorry, we can't find the page you are looking for.")
    commit = single_revision(call)
    paths, expand = _asked_paths(call)
    if len(paths) > PATHS_MAX:
        raise errors.HubError(413, "too many parameters")
    items = [tree_item(call, commit, path.strip("/"), expand) for path in paths]
    return json_answer([item for item in items if item is not None])


def treesize(call):
    """Bytes of all files below a directory."""
    commit, base = revision_and_path(call)
    if base not in commit.tree.directories:
        raise errors.entry_not_found(commit)
    prefix = base + "/" if base else ""
    size = sum(e.size or 0 for p, e in commit.tree.files.items() if p.startswith(prefix))
    return json_answer({"path": base, "size": size})
