# SPDX-License-Identifier: Apache-2.0
# For tests: starts the emulator as a subprocess and speaks to its control address.
#   with Hub() as hub: ... hub.url, hub.cdn_url, hub.fault(kind="cut", match="x", after_bytes=9)
# Knows nothing of the emulator's insides; every wait blocks in the emulator, none sleeps here.
import json
import os
import selectors
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hub.py")
START_SECONDS = 30
WAIT_SECONDS = 20


class HubError(Exception):
    """The control address refused; the text says why."""


class Hub:
    def __init__(self, *arguments, content=None, python=None, **flags):
        """`flags`: signed_lifetime=5 becomes --signed-lifetime 5; `arguments` go as they are."""
        self._command = [python or sys.executable, PROGRAM, "--die-with-parent", *arguments]
        if content:
            self._command += ["--content", str(content)]
        for name, value in flags.items():
            self._command += ["--" + name.replace("_", "-"), str(value)]
        self._process = None
        self.url = self.cdn_url = self.control_url = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """--die-with-parent means the thread that calls this: let it live as long as the test."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if ready.select(START_SECONDS) else ""
        if not line.startswith("ready "):
            self._process.kill()
            raise HubError(f"the emulator did not start: {' '.join(self._command)}")
        urls = dict(word.split("=", 1) for word in line.split()[1:])
        self.url, self.cdn_url, self.control_url = urls["hub"], urls["cdn"], urls["control"]
        return self

    def stop(self):
        """Ends the emulator; answers its exit code."""
        if self._process is None:
            return None
        self._process.terminate()
        code = self._process.wait(10)
        self._process.stdout.close()
        self._process = None
        return code

    @property
    def pid(self):
        return self._process.pid

    def _control_wait(self, path, seconds, **query):
        return self.control("GET", path, answer_seconds=seconds + 10, timeout=seconds, **query)

    def control(self, method, path, body=None, answer_seconds=30, **query):
        query = {k: v for k, v in query.items() if v is not None}
        url = self.control_url + quote(path) + ("?" + urlencode(query) if query else "")
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data, method=method)
        # No proxy from the environment: the control address is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=answer_seconds) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise HubError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    # The request log

    def requests(self, match=None, listener=None, since=None):
        """Rows of the log; `match` is a regular expression on the target."""
        return self.control("GET", "/requests", match=match, listener=listener, since=since)

    def wait_requests(self, count, match=None, listener=None, since=None, done=None,
                      timeout=WAIT_SECONDS):
        """Blocks until `count` rows match; `done=True` counts finished ones only."""
        rows = self._control_wait("/requests/wait", timeout, count=count, match=match,
                                  since=since, listener=listener, done=done)
        if len(rows) < count:
            raise HubError(f"waited for {count} requests, saw {len(rows)}")
        return rows

    def clear(self):
        """Empties the log; answers the last number given out, for `since`."""
        return self.control("POST", "/requests/clear")["sequence"]

    def stats(self):
        return self.control("GET", "/stats")

    def content_bytes(self):
        """Bytes of files (not of API answers) sent since the last clear."""
        return self.stats()["content_bytes"]

    # Faults

    def fault(self, kind, match="", **rule):
        """Switches a fault on; answers its id. Fields: README.md."""
        return self.control("POST", "/faults", {"kind": kind, "match": match, **rule})["id"]

    def faults(self):
        return self.control("GET", "/faults")

    def remove_fault(self, fault_id=None):
        """Removes one fault, or all; what they hold goes on."""
        self.control("DELETE", "/faults" + (f"/{fault_id}" if fault_id else ""))

    def release(self, fault_id, count=None):
        body = {} if count is None else {"count": count}
        return self.control("POST", f"/faults/{fault_id}/release", body)

    def wait_held(self, fault_id, held=1, timeout=WAIT_SECONDS):
        """Blocks until so many requests are held now."""
        return self._wait(fault_id, timeout, held=held)

    def wait_struck(self, fault_id, struck=1, timeout=WAIT_SECONDS):
        return self._wait(fault_id, timeout, struck=struck)

    def _wait(self, fault_id, timeout, **what):
        state = self._control_wait(f"/faults/{fault_id}/wait", timeout, **what)
        if not state["ok"]:
            raise HubError(f"fault {fault_id}: waited for {what}, is {state}")
        return state

    # Repositories and switches

    def tokens(self):
        """name -> token value; the names are listed in README.md."""
        return {k: v["token"] for k, v in self.control("GET", "/tokens").items()}

    def repos(self):
        return self.control("GET", "/repos")

    def repo(self, repo_id, kind="model"):
        return next(r for r in self.repos() if r["id"] == repo_id and r["type"] == kind)

    def create_repo(self, repo_id, files=(), kind="model", **options):
        """`files`: dicts with path and text, base64, or size (and seed, lfs, xet)."""
        return self.control("POST", "/repos", {"type": kind, "id": repo_id,
                                               "files": list(files), **options})

    def commit(self, repo_id, files=(), delete=(), branch="main", kind="model", **options):
        """A new commit; answers its id."""
        body = {"files": list(files), "delete": list(delete), "branch": branch, **options}
        return self.control("POST", f"/repos/{kind}/{repo_id}/commit", body)["sha"]

    def set_state(self, repo_id, kind="model", **state):
        """gated, private, disabled, members, pending, fields, rename, delete."""
        return self.control("POST", f"/repos/{kind}/{repo_id}/state", state)

    def move_ref(self, repo_id, name, target=None, ref_kind="branch", delete=False,
                 kind="model"):
        body = {"kind": ref_kind, "name": name, "delete": delete}
        if target is not None:
            body["target"] = target
        return self.control("POST", f"/repos/{kind}/{repo_id}/ref", body)["sha"]

    def hostile(self, repo_id, hostile, kind="model", **options):
        """Spoils the repository's API answers; None makes them honest. Kinds: README.md."""
        body = {"kind": hostile, **options}
        return self.control("POST", f"/repos/{kind}/{repo_id}/hostile", body)

    def down(self, down=True, how="refuse", listener=None):
        """Hub and CDN refuse connections ("refuse"), hang up ("close") or accept and never
        answer ("blackhole") until `down(False)`."""
        return self.control("POST", "/down", {"down": down, "how": how, "listener": listener})

    def settings(self, **changes):
        """gzip, gzip_files, xet."""
        return self.control("POST", "/settings", changes)

    def move_clock(self, seconds):
        """The emulator's clock runs this far ahead of the machine's."""
        return self.control("POST", "/clock", {"offset": seconds})
