# SPDX-License-Identifier: Apache-2.0
# `Range` as the Hub and its CDN read it (hub-api.md 1.8): one range, clamped at the end.
import re

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


class Unsatisfiable(Exception):
    pass


def parse_range(header, size):
    """(start, stop) or None for the whole file; raises Unsatisfiable for a 416.

    Several ranges and nonsense are answered with the whole file, never multipart.
    """
    match = _ONE_RANGE.match(header.replace(" ", "")) if header else None
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.group(1), match.group(2)
    if first == "":
        start, stop = max(0, size - int(last)), size
    else:
        start = int(first)
        stop = size if last == "" else min(int(last) + 1, size)
        if last != "" and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable()
    return start, stop


def apply_range(request, response, content):
    """Makes `response` carry the content, or the part asked for, or the 416."""
    response.set("Accept-Ranges", "bytes")
    response.is_content = True
    wanted = request.header("range")
    if request.header("if-range") not in (None, response.header("ETag")):
        wanted = None               # the client's part is of another content
    try:
        asked = parse_range(wanted, content.size)
    except Unsatisfiable:
        response.status = 416
        response.set("Content-Range", f"bytes */{content.size}")
        response.remove("ETag")
        return response
    response.content, response.start, response.stop = content, 0, content.size
    if asked:
        response.status = 206
        response.start, response.stop = asked
        response.set("Content-Range", f"bytes {asked[0]}-{asked[1] - 1}/{content.size}")
    return response
