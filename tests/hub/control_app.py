# SPDX-License-Identifier: Apache-2.0
# The control address: the request log, faults, switches, and changes of repositories, as
# JSON over HTTP. README.md is its manual. For tests only; it trusts its callers.
import json
import re
from urllib.parse import unquote

from . import control_repos, hostile
from .auth import TOKENS
from .http_message import Response, dump_json

WAIT_MAX = 120.0


def answer(value, status=200):
    return Response(status, [("Content-Type", "application/json; charset=utf-8")],
                    dump_json(value))


class ControlApp:
    def __init__(self, state, log, faults, listeners):
        self._state = state
        self._log = log
        self._faults = faults
        self._listeners = listeners
        self._routes = [
            ("GET", r"/requests", self._requests),
            ("GET", r"/requests/wait", self._wait_requests),
            ("POST", r"/requests/clear", self._clear),
            ("GET", r"/stats", self._stats),
            ("GET", r"/tokens", self._tokens),
            ("GET", r"/repos", self._list_repos),
            ("POST", r"/repos", self._create_repo),
            ("POST", r"/repos/(\w+)/(.+)/(state|commit|ref|hostile)", self._change_repo),
            ("GET", r"/hostile", self._list_hostile),
            ("GET", r"/faults", self._list_faults),
            ("POST", r"/faults", self._add_fault),
            ("DELETE", r"/faults(?:/(\d+))?", self._remove_faults),
            ("GET", r"/faults/(\d+)", self._list_faults),
            ("GET", r"/faults/(\d+)/wait", self._wait_fault),
            ("POST", r"/faults/(\d+)/release", self._release),
            ("POST", r"/down", self._down),
            ("GET", r"/settings", self._settings),
            ("POST", r"/settings", self._settings),
            ("POST", r"/clock", self._clock),
        ]

    def __call__(self, request):
        path = unquote(request.path).rstrip("/")
        for method, pattern, handler in self._routes:
            match = re.fullmatch(pattern, path)
            if match and method == request.method:
                try:
                    body = json.loads(request.body) if request.body else {}
                    return answer(handler(request, body, *match.groups()))
                except KeyError as error:
                    return answer({"error": f"not there: {error}"}, 404)
                except (ValueError, TypeError, AttributeError, re.error) as error:
                    return answer({"error": str(error)}, 400)
        return answer({"error": f"no such control: {request.method} {path}",
                       "routes": [f"{m} {p}" for m, p, _ in self._routes]}, 404)

    def _filters(self, request):
        return {"since": int(request.value("since", "0")), "match": request.value("match"),
                "listener": request.value("listener")}

    def _requests(self, request, body):
        return self._log.rows(**self._filters(request))

    def _wait_requests(self, request, body):
        timeout = min(float(request.value("timeout", "10")), WAIT_MAX)
        return self._log.wait(int(request.value("count", "1")), timeout,
                              done=request.flag("done"), **self._filters(request))

    def _clear(self, request, body):
        return {"sequence": self._log.clear()}

    def _stats(self, request, body):
        return self._log.stats()

    def _tokens(self, request, body):
        return {t.name: {"token": t.value, "user": t.user, "about": t.about, "valid": t.valid}
                for t in TOKENS.values()}

    def _list_repos(self, request, body):
        return [control_repos.describe(repo) for repo in self._state.repos.values()]

    def _create_repo(self, request, body):
        return control_repos.create(self._state, body)

    def _change_repo(self, request, body, kind, repo_id, what):
        return control_repos.CHANGES[what](self._state, kind, repo_id, body)

    def _list_hostile(self, request, body):
        return hostile.describe()

    def _list_faults(self, request, body, fault_id=None):
        found = self._faults.describe(fault_id)
        if fault_id is None:
            return found
        if not found:
            raise KeyError(fault_id)
        return found[0]

    def _add_fault(self, request, body):
        return self._faults.add(body)

    def _remove_faults(self, request, body, fault_id=None):
        return {"removed": self._faults.remove(fault_id)}

    def _wait_fault(self, request, body, fault_id):
        def number(key):
            return int(request.value(key)) if request.value(key) else None
        timeout = min(float(request.value("timeout", "10")), WAIT_MAX)
        return self._faults.wait(fault_id, timeout, number("held"), number("struck"))

    def _release(self, request, body, fault_id):
        return self._faults.release(fault_id, body.get("count"))

    def _down(self, request, body):
        how = body.get("how", "refuse") if body["down"] else None
        if how not in (None, "refuse", "close", "blackhole"):
            raise ValueError('how is "refuse", "close" or "blackhole"')
        names = [body["listener"]] if body.get("listener") else ["hub", "cdn"]
        for listener in self._listeners:
            if listener.name in names:
                listener.set_down(how)
        return {"down": how}

    def _settings(self, request, body):
        unknown = set(body) - set(self._state.settings)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        with self._state.lock:
            self._state.settings = {**self._state.settings, **body}
        return self._state.settings

    def _clock(self, request, body):
        """Moves the emulator's clock, so that signed addresses expire without waiting."""
        self._state.clock_offset = float(body["offset"])
        return {"offset": self._state.clock_offset, "now": self._state.now()}
