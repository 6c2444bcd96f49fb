# SPDX-License-Identifier: Apache-2.0
# Endpoints that look into files: /safetensors-metadata/, /compare/, and a data set's /parquet
# (hub-api.md 2.1). No body of theirs was recorded; keys and forms are those clients read.
import difflib
import json
import struct
from urllib.parse import quote, unquote

from . import auth, errors
from .api_answers import json_answer
from .headers import weak_etag
from .http_message import Response, decode_segments

HEADER_MAX = 25_000_000         # the limit of the safetensors format's own readers
COMPARED_MAX = 100_000


def _file(commit, path):
    entry = commit.tree.files.get(path) if commit else None
    if entry is None:
        raise errors.entry_not_found(commit)
    if entry.content is None or not entry.content.available:
        raise errors.not_recorded()
    return entry


def _safetensors_header(entry):
    try:
        length, = struct.unpack("<Q", entry.content.read(0, 8))
        if length > min(HEADER_MAX, entry.size - 8):
            raise ValueError(length)
        return json.loads(entry.content.read(8, 8 + length))
    except (ValueError, struct.error):
        raise errors.HubError(400, f"{entry.path} is not a safetensors file") from None


def safetensors_metadata(call):
    """The header of every shard that an index file names, on main."""
    auth.require_gate(call.repo, call.caller)
    path = decode_segments(call.rest)
    commit = call.repo.main
    if call.repo.kind != "model" or not path or commit is None:
        raise errors.page_not_found()
    try:
        index = json.loads(_file(commit, path).content.read())
        shards = sorted(set(index["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise errors.HubError(400, f"{path} is not a safetensors index file") from None
    folder = path.rpartition("/")[0]
    prefix = folder + "/" if folder else ""
    headers = {shard: _safetensors_header(_file(commit, prefix + shard)) for shard in shards}
    return json_answer({"index": {"metadata": index.get("metadata", {})}, "headers": headers})


def _text(entry):
    """Lines of a file as git has it, or None when git would call it binary."""
    if entry is None:
        return []
    content = entry.git_content()
    if content is None or not content.available or content.size > COMPARED_MAX:
        return None
    try:
        text = content.read().decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.splitlines(keepends=True)


def _difference(path, old, new):
    lines = [f"diff --git a/{path} b/{path}\n"]
    if old is None:
        lines.append("new file mode 100644\n")
    if new is None:
        lines.append("deleted file mode 100644\n")
    lines.append(f"index {(old.oid if old else '0' * 40)[:10]}.."
                 f"{(new.oid if new else '0' * 40)[:10]}{' 100644' if old and new else ''}\n")
    before, after = _text(old), _text(new)
    names = f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null"
    if before is None or after is None:
        return lines + [f"Binary files {names[0]} and {names[1]} differ\n"]
    for line in difflib.unified_diff(before, after, *names):
        lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return lines


def compare(call):
    """/compare/{a}..{b}: the difference of two revisions in git's form; the gate applies, it
    shows contents."""
    auth.require_gate(call.repo, call.caller)
    names = unquote("/".join(call.rest))
    first, dots, second = names.partition("..")
    second = second.removeprefix(".")       # three dots: the same here, histories are linear
    if not dots:
        raise errors.HubError(400, "Invalid compare")
    commits = []
    for name in (first, second):
        commits.append(call.repo.find_revision(name))
        if commits[-1] is None:
            raise errors.revision_not_found(name)
    old, new = (commit.tree.files for commit in commits)
    lines = []
    for path in sorted({**old, **new}, key=str.encode):
        if path not in old or path not in new or old[path].oid != new[path].oid:
            lines += _difference(path, old.get(path), new.get(path))
    body = "".join(lines).encode()
    return Response(200, [("Content-Type", "text/plain; charset=utf-8"),
                          ("ETag", weak_etag(body))], body)


def _converted(repo):
    """config -> split -> sorted paths, of refs/convert/parquet."""
    commit = repo.refs["converts"].get("parquet")
    found = {}
    for path in (commit.tree.files if commit else ()):
        parts = path.split("/")
        if len(parts) == 3 and path.endswith(".parquet"):
            found.setdefault(parts[0], {}).setdefault(parts[1], []).append(path)
    return found


def parquet(call):
    """/parquet[/{config}[/{split}[/{n}.parquet]]]: addresses, and at the end the file."""
    if call.repo.kind != "dataset" or len(call.rest) > 3:
        raise errors.page_not_found()
    auth.require_gate(call.repo, call.caller)
    found = _converted(call.repo)
    asked = [unquote(s) for s in call.rest]
    base = f"{call.state.base_url(call.request)}/api/datasets/{call.repo.id}/parquet"
    answer = {config: {split: [f"{base}/{quote(config)}/{quote(split)}/{n}.parquet"
                               for n in range(len(paths))]
                       for split, paths in splits.items()} for config, splits in found.items()}
    try:
        for name in asked[:2]:
            answer = answer[name]
        if len(asked) < 3:
            return json_answer(answer)
        path = found[asked[0]][asked[1]][int(asked[2].removesuffix(".parquet"))]
    except (KeyError, IndexError, ValueError):
        raise errors.HubError(404, "Not found", "EntryNotFound") from None
    location = (f"/datasets/{call.repo.id}/resolve/refs%2Fconvert%2Fparquet/{quote(path)}")
    return Response(302, [("Content-Type", "text/plain; charset=utf-8"),
                          ("Location", location), ("Vary", "Origin, Accept")],
                    f"Found. Redirecting to {location}".encode())
