# SPDX-License-Identifier: Apache-2.0
# What was asked of the Hub and the CDN, in order, so that tests can count. A row exists from
# the moment a request is read; its byte count runs ahead of the wire, never behind it, so a
# client that has read the whole answer finds the whole count here. Thread-safe.
import json
import re
import threading
import time

ROWS_MAX = 200_000


class RequestLog:
    def __init__(self, file_name=None):
        self._changed = threading.Condition()
        self._rows = []
        self._sequence = 0
        self._file = open(file_name, "a", encoding="utf-8") if file_name else None

    def begin(self, listener, request, token_name):
        headers = {k: v for k, v in request.headers.items() if k != "authorization"}
        with self._changed:
            self._sequence += 1
            row = {
                "seq": self._sequence, "time": time.time(), "listener": listener,
                "connection": request.connection, "method": request.method,
                "target": request.target, "range": request.header("range"),
                "authorization": request.header("authorization") is not None,
                "token": token_name, "user_agent": request.header("user-agent"),
                "status": None, "bytes": 0, "content": False, "done": False,
                "aborted": False, "faults": [], "headers": headers,
            }
            self._rows.append(row)
            del self._rows[:-ROWS_MAX]
            self._changed.notify_all()
        return row

    def update(self, row, **values):
        with self._changed:
            row.update(values)
            self._changed.notify_all()

    def add_bytes(self, row, count):
        with self._changed:
            row["bytes"] += count

    def finish(self, row, aborted):
        """The row is in the file before anybody can see that it is done."""
        if self._file:
            with self._changed:
                self._file.write(json.dumps({**row, "done": True, "aborted": aborted}) + "\n")
                self._file.flush()
        self.update(row, done=True, aborted=aborted)

    def rows(self, since=0, match=None, listener=None):
        pattern = re.compile(match) if match else None
        with self._changed:
            return [dict(r) for r in self._rows if r["seq"] > since
                    and (listener is None or r["listener"] == listener)
                    and (pattern is None or pattern.search(r["target"]))]

    def wait(self, count, timeout, since=0, match=None, listener=None, done=False):
        """Blocks until `count` rows match, and returns them; fewer after the timeout."""
        deadline = time.monotonic() + timeout
        while True:
            rows = [r for r in self.rows(since, match, listener) if r["done"] or not done]
            left = deadline - time.monotonic()
            if len(rows) >= count or left <= 0:
                return rows
            with self._changed:
                self._changed.wait(min(left, 0.05))

    def clear(self):
        with self._changed:
            self._rows = []
            return self._sequence

    def stats(self):
        with self._changed:
            rows = list(self._rows)
            sequence = self._sequence
        sums = {}
        for name in ("hub", "cdn"):
            mine = [r for r in rows if r["listener"] == name]
            sums[name] = {
                "requests": len(mine),
                "bytes": sum(r["bytes"] for r in mine),
                "content_bytes": sum(r["bytes"] for r in mine if r["content"]),
                "open": sum(1 for r in mine if not r["done"]),
            }
        total = {k: sums["hub"][k] + sums["cdn"][k] for k in sums["hub"]}
        return {"sequence": sequence, **total, **sums}
