#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which eviction policy makes upstream send least again: policies over traces, as tables.

A miss brings the whole content. `exact` frees what the new content needs; `batch` works as
fs/cache does: from the quota down to 95 %, uses exact to 60 s, and a content that is being sent
stays. The first quarter of a trace only fills the cache. See docs/decisions/0005-eviction.md.
"""

import argparse
import collections
import dataclasses
import sys

import policies
import recorded
import traces

WARM_UP = 0.25
LOW_MARK = 0.95
RESOLUTION_S = 60.0


@dataclasses.dataclass
class Figures:
    """What one run counted; bytes and accesses without the warm-up."""
    accesses: int = 0
    hits: int = 0
    asked_bytes: int = 0
    hit_bytes: int = 0
    removed: int = 0
    passes: int = 0   # times that the records were looked through
    looked: int = 0   # records looked at, were every pass over all of them
    writes: int = 0   # records changed by uses
    largest: int = 0  # bytes held at most

    def object_ratio(self):
        return 100 * self.hits / max(1, self.accesses)

    def byte_ratio(self):
        return 100 * self.hit_bytes / max(1, self.asked_bytes)

    def per_thousand(self, count):
        return 1000 * count / max(1, self.accesses)


class Cache:
    """Bytes and uses; the policy decides who goes."""

    def __init__(self, policy, sizes, capacity, batch):
        self.policy, self.sizes, self.capacity = policy, sizes, capacity
        self.low = int(capacity * LOW_MARK) if batch else capacity
        self.resolution = RESOLUTION_S if batch else 0.0
        self.batch = batch
        self.used = 0
        self.held = {}  # key -> its last use that the policy was told of
        self.last = {}  # key -> its last use
        self.now = 0.0
        self.figures = Figures()

    def busy(self, key):
        """Is it still being sent to somebody?"""
        return self.batch and \
            self.now < self.last[key] + self.sizes[key] / traces.TRANSFER_BYTES_PER_S

    def access(self, key, now):
        """One use; whether the content was there."""
        self.now = now
        seen = self.held.get(key)
        if seen is not None:
            if now - seen >= self.resolution:
                self.held[key] = now
                self.policy.hit(key, now)
            self.last[key] = now
            return True
        size = self.sizes[key]
        if size > self.low:
            return False  # served without being stored
        if self.used + size > self.capacity and not self._make_room(size):
            return False
        self.policy.insert(key, now)
        self.held[key] = self.last[key] = now
        self.used += size
        self.figures.largest = max(self.figures.largest, self.used)
        return False

    def _make_room(self, size):
        self.figures.passes += 1
        self.figures.looked += len(self.held)
        while self.used + size > self.low:
            victim = self.policy.victim(self.busy)
            if victim is None:
                break  # everything is in use
            self.used -= self.sizes[victim]
            del self.held[victim], self.last[victim]
            self.figures.removed += 1
        return self.used + size <= self.capacity


def run(trace, name, share, batch):
    """The figures of one policy over one trace with a cache of `share` of its footprint."""
    capacity = int(trace.footprint() * share)
    policy = policies.make(name, capacity, trace)
    cache = Cache(policy, trace.sizes, capacity, batch)
    figures, begin, written_before = cache.figures, int(len(trace.keys) * WARM_UP), 0
    for at, (key, now) in enumerate(zip(trace.keys, trace.times)):
        if at == begin:
            figures.passes = figures.removed = figures.looked = 0
            written_before = policy.writes
        hit = cache.access(key, now)
        if at >= begin:
            figures.accesses += 1
            figures.asked_bytes += trace.sizes[key]
            if hit:
                figures.hits += 1
                figures.hit_bytes += trace.sizes[key]
    figures.writes = policy.writes - written_before
    return figures


def describe(trace):
    unique = len(set(trace.keys))
    asked = sum(trace.sizes[key] for key in trace.keys)
    days = (trace.times[-1] - trace.times[0]) / traces.DAY
    return (f"{trace.name}, seed {trace.seed}: {len(trace.keys)} accesses, {unique} contents, "
            f"{trace.footprint() / 1e9:.1f} GB, {asked / 1e9:.1f} GB asked for, {days:.1f} days")


def table(head, rows):
    """Markdown with columns of equal width."""
    cells = [head, *rows]
    wide = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(text.ljust(w) for text, w in zip(row, wide)) + " |"
             for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (w + 2) for w in wide) + "|", *lines[1:]])


def summary(results, mode, ratio):
    """Policies by traces, the mean over seeds and sizes of the cache; and the mean of all."""
    sums = collections.defaultdict(list)
    for (trace, _, _, name, of_mode), figures in results.items():
        if of_mode == mode:
            sums[name, trace].append(ratio(figures))
    names = list(dict.fromkeys(name for name, _ in sums))
    columns = list(dict.fromkeys(trace for _, trace in sums))
    rows = []
    for name in names:
        means = [sum(sums[name, trace]) / len(sums[name, trace]) for trace in columns]
        rows.append([name, *(f"{mean:.1f}" for mean in means), f"{sum(means) / len(means):.1f}"])
    return table(["policy", *columns, "mean"], rows)


def report(results, modes):
    """The tables after the single results."""
    for mode in modes:
        for title, ratio in [
                ("byte hit ratio, %", Figures.byte_ratio),
                ("object hit ratio, %", Figures.object_ratio),
                ("records written by uses, per 1000 accesses",
                 lambda f: f.per_thousand(f.writes)),
                ("contents removed, per 1000 accesses", lambda f: f.per_thousand(f.removed)),
                ("passes, per 1000 accesses", lambda f: f.per_thousand(f.passes))]:
            print(f"\n{mode}: {title}\n\n{summary(results, mode, ratio)}")


def words(text):
    return text.split(",")


def parser():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--requests", type=int, default=100_000, metavar="N",
                   help="accesses of each synthetic trace (%(default)s)")
    p.add_argument("--cache-share", type=lambda t: [float(w) for w in words(t)],
                   default=[0.01, 0.05, 0.1, 0.3], metavar="SHARE,...",
                   help="the quota as a share of the trace's bytes (0.01,0.05,0.1,0.3)")
    p.add_argument("--traces", type=words, default=list(traces.MIXES), metavar="NAME,...",
                   help=f"synthetic ones, or none: {','.join(traces.MIXES)}")
    p.add_argument("--log", nargs="+", default=[], metavar="FILE",
                   help="access logs of hub-httpd, one recorded trace together")
    p.add_argument("--stretch", type=float, default=1, metavar="FACTOR",
                   help="time between the accesses of the log, times this (%(default)s)")
    p.add_argument("--policies", type=words, default=list(policies.NAMES), metavar="NAME,...",
                   help=f"{','.join(policies.NAMES)}; warm-Hd-Bm-rM: half life H days (Ht: "
                        "turns of the quota), bonus B MiB, memory M days or turns")
    p.add_argument("--modes", type=words, default=["exact", "batch"], metavar="NAME,...",
                   help="exact,batch")
    p.add_argument("--days", type=float, default=30, help="length of a synthetic trace")
    p.add_argument("--seeds", type=lambda t: [int(w) for w in words(t)], default=[1],
                   metavar="N,...", help="each synthetic trace once with each of them (1)")
    return p


def all_traces(options):
    for name in options.traces:
        if name in traces.MIXES:
            for seed in options.seeds:
                yield traces.synthetic(name, options.requests, seed, options.days)
        elif name != "none":
            raise ValueError(f"no trace {name}; there are: {', '.join(traces.MIXES)}")
    if options.log:
        yield recorded.read(options.log, options.stretch)


def main(arguments):
    options = parser().parse_args(arguments)
    results, rows = {}, []
    try:
        for trace in all_traces(options):
            print(describe(trace), flush=True)
            for mode in options.modes:
                for share in options.cache_share:
                    for name in options.policies:
                        f = run(trace, name, share, mode == "batch")
                        results[trace.name, trace.seed, share, name, mode] = f
                        rows.append([trace.name, str(trace.seed), mode, f"{share:g}", name,
                                     f"{f.byte_ratio():.2f}", f"{f.object_ratio():.2f}",
                                     f"{f.per_thousand(f.removed):.1f}", str(f.passes),
                                     f"{f.per_thousand(f.looked):.0f}",
                                     f"{f.per_thousand(f.writes):.1f}"])
    except (ValueError, OSError) as error:
        print(f"eviction.py: {error}", file=sys.stderr)
        return 2
    print("\n" + table(["trace", "seed", "mode", "cache", "policy", "byte hit %", "object hit %",
                        "removed/1000", "passes", "looked at/1000", "written/1000"], rows))
    report(results, options.modes)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
