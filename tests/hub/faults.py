# SPDX-License-Identifier: Apache-2.0
# Faults that the control address switches on: which requests they strike, and requests they
# hold until released. What a fault does to an answer is in connection.py and sender.py.
import re
import threading
import time

KINDS = ("slow", "cut", "wrong_bytes", "status", "hold", "reset", "wrong_length_short",
         "wrong_length_long", "redirect", "delay", "headers", "no_range", "expired",
         "gzip_bomb")


class Fault:
    """One rule. Mutable fields are guarded by the board's lock."""

    def __init__(self, number, rule):
        if rule.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        unknown = set(rule) - {
            "match", "listener", "method", "kind", "status", "bytes_per_second", "after_bytes",
            "times", "skip", "headers", "location", "body", "seconds", "length", "size",
            "retry_after"}
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        self.id = str(number)
        self.kind = rule["kind"]
        self.pattern = re.compile(rule.get("match") or "")
        self.listener = rule.get("listener")
        self.method = rule.get("method")
        self.times = rule.get("times")          # None: for ever
        self.skip = rule.get("skip", 0)         # lets this many matching requests pass first
        self.after_bytes = rule.get("after_bytes")
        self.rule = rule
        self.struck = 0
        self.held = 0
        self.permits = 0
        self.released = False
        self.deleted = False

    def get(self, key, default=None):
        value = self.rule.get(key)
        return default if value is None else value

    def describe(self):
        return {"id": self.id, **self.rule, "struck": self.struck, "held": self.held,
                "released": self.released, "left": self.times}

    def fits(self, listener, method, target):
        return (self.listener in (None, listener) and self.method in (None, method)
                and self.times != 0 and self.pattern.search(target))


class FaultBoard:
    """All faults, oldest first. Thread-safe."""

    def __init__(self):
        self._changed = threading.Condition()
        self._faults = {}
        self._next = 1

    def add(self, rule):
        with self._changed:
            fault = Fault(self._next, rule)
            self._next += 1
            self._faults[fault.id] = fault
            return fault.describe()

    def remove(self, fault_id=None):
        """Removes one fault or all; whatever they hold goes on."""
        with self._changed:
            gone = [f for f in self._faults.values() if fault_id in (None, f.id)]
            for fault in gone:
                fault.deleted = True
                del self._faults[fault.id]
            self._changed.notify_all()
            return len(gone)

    def describe(self, fault_id=None):
        with self._changed:
            return [f.describe() for f in self._faults.values() if fault_id in (None, f.id)]

    def strike(self, listener, method, target):
        """The faults that apply to this request; counts them."""
        with self._changed:
            found = []
            for fault in self._faults.values():
                if not fault.fits(listener, method, target):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.struck += 1
                if fault.times is not None:
                    fault.times -= 1
                found.append(fault)
            if found:
                self._changed.notify_all()
            return found

    def hold(self, fault, peer_gone):
        """Waits until the fault is released or removed; False if the client left first."""
        with self._changed:
            fault.held += 1
            self._changed.notify_all()
            try:
                while not (fault.released or fault.deleted):
                    if fault.permits > 0:
                        fault.permits -= 1
                        return True
                    # Wakes now and then because a vanished client raises no event here.
                    self._changed.wait(0.05)
                    if peer_gone():
                        return False
                return True
            finally:
                fault.held -= 1
                self._changed.notify_all()

    def pause(self, fault, seconds, peer_gone):
        """A delay that ends early when the fault is removed or the client leaves."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not fault.deleted and time.monotonic() < deadline and not peer_gone():
                self._changed.wait(min(0.05, max(0, deadline - time.monotonic())))

    def release(self, fault_id, count=None):
        """Lets `count` held requests go, or all of them and every later one."""
        with self._changed:
            fault = self._faults[fault_id]
            if count is None:
                fault.released = True
            else:
                fault.permits += count
            self._changed.notify_all()
            return fault.describe()

    def wait(self, fault_id, timeout, held=None, struck=None):
        """Blocks until so many requests are held or struck; `ok` says whether that came."""
        deadline = time.monotonic() + timeout
        with self._changed:
            fault = self._faults[fault_id]
            while True:
                ok = fault.held >= (held or 0) and fault.struck >= (struck or 0)
                left = deadline - time.monotonic()
                if ok or left <= 0:
                    return {**fault.describe(), "ok": ok}
                self._changed.wait(left)
