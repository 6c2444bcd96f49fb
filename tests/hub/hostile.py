# SPDX-License-Identifier: Apache-2.0
# Spoils the API answers of one repository, when the control address says so: entries that no
# Hub lists (hostile_entries.py), bodies that are no JSON, pages without end, bodies without
# measure. The honest handler runs first, so gates, 404s and paging stay as they are.
import gzip
import json
import zlib

from . import hostile_entries
from .api_answers import JSON, next_link
from .api_tree import make_cursor, offset_of
from .headers import weak_etag
from .http_message import Response, dump_json

VERBS = ("info", "revision", "tree", "paths-info", "refs")
MILLION = 1_000_000
GIBIBYTE = 1 << 30
BLOCK = 1 << 20
DEPTH = 100_000
PER_PIECE = 2000
FIELDS = {"kind", "where", "count", "size", "depth", "location", "fill"}


def bomb(size, fill=b"\0"):
    """A gzip stream of `size` equal bytes, made as it is sent: about a thousandth of that.
    Each block is compressed on its own, so that one compressed block serves for all."""
    def deflated(data, last):
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(data) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)

    block = fill * BLOCK
    small, checksum = deflated(block, False), 0
    yield gzip.compress(b"", mtime=0)[:10]      # the header alone
    for _ in range(size // BLOCK):
        checksum = zlib.crc32(block, checksum)
        yield small
    rest = fill * (size % BLOCK)
    checksum = zlib.crc32(rest, checksum)
    yield (deflated(rest, True) + checksum.to_bytes(4, "little")
           + (size % (1 << 32)).to_bytes(4, "little"))


def bomb_response(size, fill=b"\0"):
    """Sent to everybody, whatever they accept."""
    response = Response(200, [("Content-Type", JSON), ("Content-Encoding", "gzip")])
    response.stream_from(bomb(size, fill))
    return response


def _many(verb, count):
    """`count` good entries in one page, made as they are sent."""
    if verb == "tree":
        yield b"["
    else:
        yield b'{"_id":"0","id":"x","sha":"%s","siblings":[' % (b"1" * 40)
    for start in range(0, count, PER_PIECE):
        numbers = range(start, min(start + PER_PIECE, count))
        if verb == "tree":
            piece = ",".join(f'{{"type":"file","oid":"{n:040x}","size":{n},'
                             f'"path":"many/{n // 1000:05d}/file-{n:08d}.bin"}}' for n in numbers)
        else:
            piece = ",".join(f'{{"rfilename":"many/{n // 1000:05d}/file-{n:08d}.bin"}}'
                             for n in numbers)
        yield ("," if start else "").encode() + piece.encode()
    yield b"]" if verb == "tree" else b"]}"


def _whole_answers(call, rule, verb, honest):
    """kind -> a function that makes the whole answer."""
    depth = rule.get("depth", DEPTH)

    def text(body, kind=JSON):
        return Response(200, [("Content-Type", kind), ("ETag", weak_etag(body))], body)

    def million():
        response = Response(200, [("Content-Type", JSON)])
        response.stream_from(_many(verb, rule.get("count", MILLION)))
        return response

    return {
        "million": million,
        "bomb": lambda: bomb_response(rule.get("size", GIBIBYTE),
                                      rule.get("fill", "\0").encode()),
        "deep_json": lambda: text(b"[" * depth + b"]" * depth),
        "deep_objects": lambda: text(b'{"a":' * depth + b"1" + b"}" * depth),
        "not_json": lambda: text(b"<html><body>It works!</body></html>", "text/html"),
        "truncated": lambda: text(honest.body[:len(honest.body) * 2 // 3]),
        "trailing": lambda: text(honest.body + b',{"more":'),
        "empty_body": lambda: text(b""),
        "other_type": lambda: text(b'{"error":"not what you asked"}' if honest.body[:1] == b"["
                                   else b"[]"),
        "scalar": lambda: text(b"null"),
        "nan": lambda: text(b'[{"type":"file","path":"a","size":NaN,"oid":"x"},Infinity]'),
        "raw_bytes": lambda: text(b'[{"type":"file","oid":"x","size":1,"path":"\xff\xfe\x00"}]'),
        "byte_order_mark": lambda: text(b"\xef\xbb\xbf" + honest.body),
    }


def _spoiled_links(call, rule):
    """kind -> the Link of a tree page."""
    address = call.state.base_url(call.request) + call.request.target
    return {
        "endless_pages": lambda: next_link(call, cursor=make_cursor("", "", _page(call) + 1)),
        "link_loop": lambda: ("Link", f'<{address}>; rel="next"'),
        "link_foreign": lambda: ("Link", f'<{rule["location"]}>; rel="next"'),
        "link_garbage": lambda: ("Link", '<>; rel="next", </relative>; rel=next, <http://[::1>'),
    }


def _page(call):
    cursor = call.request.value("cursor")
    return offset_of(cursor) if cursor else 0


def _linked(call, rule, honest):
    kind = rule["kind"]
    if kind == "endless_pages":
        number = _page(call)
        body = b"[" + b",".join(hostile_entries.Bad(f"endless/{number}/{n}").tree_item()
                                for n in range(rule.get("count", 1000))) + b"]"
        honest = Response(200, [("Content-Type", JSON), ("ETag", weak_etag(body))], body)
    honest.set(*_spoiled_links(call, rule)[kind]())
    return honest


def _with_entries(verb, entries, honest, commit_id):
    """The honest body, and the hostile entries behind the honest ones."""
    marks = []

    def marked(items, texts):
        for text in texts:
            marks.append((f"@hostile {len(marks)}@", text))
            items.append(marks[-1][0])

    value = json.loads(honest.body)
    if verb in ("tree", "paths-info"):
        marked(value, [e.tree_item() for e in entries])
    elif verb == "refs":
        marked(value["branches"], [e.reference(commit_id) for e in entries])
    else:
        marked(value.setdefault("siblings", []), [e.sibling() for e in entries])
    body = dump_json(value)
    for mark, text in marks:
        body = body.replace(f'"{mark}"'.encode(), text, 1)
    honest.body = body
    honest.set("ETag", weak_etag(body))
    return honest


WHOLE = ("million", "bomb", "deep_json", "deep_objects", "not_json", "truncated", "trailing",
         "empty_body", "other_type", "scalar", "nan", "raw_bytes", "byte_order_mark")
LINKS = ("endless_pages", "link_loop", "link_foreign", "link_garbage")


def describe():
    return {"entries": sorted(hostile_entries.NAMED), "whole": list(WHOLE), "links": list(LINKS),
            "where": list(VERBS)}


def check(rule):
    """The rule as it is kept, or None for honest answers; ValueError says what is wrong."""
    kind = rule.get("kind")
    if kind is None:
        return None
    if kind not in hostile_entries.NAMED and kind not in WHOLE + LINKS:
        raise ValueError(f"no such kind: {kind}")
    if set(rule) - FIELDS:
        raise ValueError(f"unknown fields: {', '.join(sorted(set(rule) - FIELDS))}")
    if set(rule.get("where", ())) - set(VERBS):
        raise ValueError(f"where: {', '.join(VERBS)}")
    if kind == "link_foreign" and "location" not in rule:
        raise ValueError("link_foreign needs a location")
    return rule


def spoil(call, verb, honest):
    """The answer to give in place of the honest one, which may be that."""
    rule = call.repo.hostile
    if (rule is None or verb not in rule.get("where", VERBS) or honest.status != 200):
        return honest
    kind = rule["kind"]
    if kind in LINKS:
        return _linked(call, rule, honest) if verb == "tree" else honest
    if kind in WHOLE:
        return _whole_answers(call, rule, verb, honest)[kind]()
    if verb == "tree" and call.request.value("cursor"):
        return honest           # the first page has them
    commit_id = call.repo.main.id if call.repo.main else "0" * 40
    return _with_entries(verb, hostile_entries.NAMED[kind](), honest, commit_id)
