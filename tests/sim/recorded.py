# SPDX-License-Identifier: Apache-2.0
"""Access logs of hub-httpd (docs/http.md) as a trace for the simulator.

An access is a content sent to a client: GET with 200 or 206 of /resolve/ or /raw/. The log has no
hash, so a content is its repository and path, whatever the revision: a new commit of a file looks
like the old one. Ranges of one client without a pause of a minute are one access. The size of a
content is the most that one access was sent.
"""

import datetime
import re

import traces

PAUSE_S = 60.0
LINE = re.compile(r"(\S+) (\S+) ([A-Z]+) (\S+) (\d{3}) (\d+) (\S+) (\d+) \"")
REVISION = r"(?:refs/(?:pr|convert)/[^/]+|[^/]+)"
TARGET = re.compile(rf"(/.+?)/(?:resolve|raw)/{REVISION}/(.+)")


def accesses(lines):
    """[time, content, bytes] of each access, and how many lines were no lines of such a log."""
    found, open_ranges, strange = [], {}, 0
    for line in lines:
        match = LINE.match(line)
        if not match:
            strange += 1
            continue
        at, client, method, path, status, size = match.groups()[:6]
        target = TARGET.fullmatch(path)
        if method != "GET" or status not in ("200", "206") or not target:
            continue
        now = datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()
        content = target.groups()
        before = open_ranges.get((client, content)) if status == "206" else None
        if before and now - before[0] < PAUSE_S:
            before[0] = now
            before[1][2] += int(size)
            continue
        access = [now, content, int(size)]
        found.append(access)
        if status == "206":
            open_ranges[client, content] = [now, access]
    return found, strange


def read(paths, stretch=1.0):
    """One trace of all files together; a short recording may be stretched to days."""
    found, strange = [], 0
    for path in paths:
        with open(path, encoding="ascii", errors="replace") as lines:
            more, odd = accesses(lines)
        found += more
        strange += odd
    if not found or strange > len(found):
        raise ValueError(f"{' '.join(map(str, paths))}: {len(found)} accesses, "
                         f"{strange} lines that are not an access log's")
    found.sort(key=lambda access: access[0])  # lines of hot answers may stand behind later ones
    numbers, sizes = {}, []
    for _, content, size in found:
        number = numbers.setdefault(content, len(numbers))
        if number == len(sizes):
            sizes.append(size)
        sizes[number] = max(sizes[number], size)
    return traces.Trace("recorded", [numbers[content] for _, content, _ in found],
                        [(now - found[0][0]) * stretch for now, _, _ in found], sizes)
