# SPDX-License-Identifier: Apache-2.0
"""Synthetic traffic of a mirror: who asks for which content at what time.

A catalog of repositories with the Hub's mix of tiny and huge files, and visitors of four kinds:
users (Zipf), crawlers (every repository once), CI (one repository again and again) and one-hit
wonders. Everything comes from one seed. Knows nothing of caches.
"""

import bisect
import dataclasses
import itertools
import random

KB, MB, GB = 1000, 10**6, 10**9
DAY = 86400.0
TRANSFER_BYTES_PER_S = 50 * MB  # how fast a client takes a large file
SHARED_CONTENTS = 300           # tokenizers and licences that many repositories have in common
CI_REPOS = 20
CI_RUNS = 40                    # of one burst
CI_GAP = 90.0                   # seconds between two runs


@dataclasses.dataclass
class Trace:
    """Accesses in the order of time; a key is an index of `sizes`."""
    name: str
    keys: list
    times: list
    sizes: list
    seed: int = 0

    def footprint(self):
        """Bytes of everything that is asked for at least once."""
        return sum(self.sizes[key] for key in set(self.keys))


@dataclasses.dataclass
class Mix:
    """Shares of sessions (the rest are users), and how users choose."""
    skew: float = 1.0
    scan: float = 0.0
    ci: float = 0.0
    once: float = 0.0
    drift: float = 0.0  # share of the repositories that change their rank every day


MIXES = {
    "zipf0.8": Mix(skew=0.8),
    "zipf1.1": Mix(skew=1.1),
    "drift": Mix(drift=0.03),
    "scan10": Mix(scan=0.10),
    "scan50": Mix(scan=0.50),
    "ci": Mix(ci=0.40),
    "once": Mix(once=0.40),
    "mixed": Mix(skew=0.9, scan=0.20, ci=0.10, once=0.15, drift=0.02),
}


class Catalog:
    """Repositories as lists of content numbers, small files first."""

    def __init__(self, rng, repos):
        self.rng = rng
        self.sizes = [self._tiny() for _ in range(SHARED_CONTENTS)]
        self.repos = []
        self.small = []  # how many of a repository's files are small
        for _ in range(repos):
            self.add()

    def _tiny(self):
        return int(min(max(self.rng.lognormvariate(9.0, 2.0), KB), 5 * MB))

    def _content(self, size):
        self.sizes.append(int(size))
        return len(self.sizes) - 1

    def _large(self):
        """Sizes of the weights or tables of one repository."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.25:
            shard = rng.choice([1 * GB, 2 * GB, 5 * GB, 5 * GB, 10 * GB])
            return [shard] * rng.randint(1, 11) + [rng.uniform(0.1, 1.0) * shard]
        if kind < 0.75:
            size = min(max(rng.lognormvariate(19.8, 1.2), 5 * MB), 8 * GB)  # median 400 MB
            return [size] * rng.choice([1, 1, 1, 2])  # two formats of the same weights
        return [rng.uniform(1 * MB, 300 * MB) for _ in range(rng.randint(0, 20))]

    def add(self):
        """A new repository; its number."""
        small = {self.rng.randrange(SHARED_CONTENTS) if self.rng.random() < 0.25 else
                 self._content(self._tiny()) for _ in range(self.rng.randint(5, 10))}
        self.repos.append(sorted(small) + [self._content(size) for size in self._large()])
        self.small.append(len(small))
        return len(self.repos) - 1

    def new_commit(self, repo):
        """One small file changes; the old content is not asked for any more."""
        files = list(self.repos[repo])
        files[self.rng.randrange(self.small[repo])] = self._content(self._tiny())
        self.repos[repo] = files


class Visitors:
    """Sessions of the four kinds; each answers (start, repository, what) of its accesses."""

    def __init__(self, rng, catalog, mix):
        self.rng, self.catalog, self.mix = rng, catalog, mix
        count = len(catalog.repos)
        self.order = rng.sample(range(count), count)  # rank -> repository
        self.weights = list(itertools.accumulate(1 / (n + 1) ** mix.skew for n in range(count)))
        self.ci_repos = rng.sample([n for n in range(count) if self._bytes(n) < GB], CI_REPOS)
        self.walk = itertools.cycle(rng.sample(range(count), count))

    def _bytes(self, repo):
        return sum(self.catalog.sizes[key] for key in self.catalog.repos[repo])

    def next_day(self):
        """Popularity moves: ranks are exchanged, something new becomes popular, commits come."""
        count, rng = len(self.order), self.rng
        for _ in range(int(count * self.mix.drift)):
            a, b = int(count * rng.random() ** 2), rng.randrange(count)
            self.order[a], self.order[b] = self.order[b], self.order[a]
            self.catalog.new_commit(self.order[int(count * rng.random() ** 2)])
        if self.mix.drift:
            for _ in range(3):
                self.order[rng.randrange(min(count, 100))] = self.catalog.add()

    def session(self, now):
        """Accesses (time, key) of one visitor that comes at `now`."""
        mix, kind = self.mix, self.rng.random()
        if kind < mix.scan:
            return self._take(now, next(self.walk), "all")
        kind -= mix.scan
        if kind < mix.once:
            return self._take(now, self.catalog.add(), "all")
        kind -= mix.once
        if kind < mix.ci / CI_RUNS:
            repo = self.rng.choice(self.ci_repos)
            return [access for run in range(CI_RUNS)
                    for access in self._take(now + run * CI_GAP, repo, "all")]
        rank = bisect.bisect(self.weights, self.rng.random() * self.weights[-1])
        what = self.rng.choices(["all", "small", "one"], [70, 20, 10])[0]
        return self._take(now, self.order[min(rank, len(self.order) - 1)], what)

    def _take(self, now, repo, what):
        """snapshot_download ("all"), a configuration and a tokenizer ("small"), or one file."""
        files = self.catalog.repos[repo]
        if what == "small":
            files = files[:self.catalog.small[repo]]
        elif what == "one":
            files = [self.rng.choice(files)]
        accesses = []
        for key in files:
            accesses.append((now, key))
            now += 0.1 + self.catalog.sizes[key] / TRANSFER_BYTES_PER_S
        return accesses


def synthetic(name, requests, seed, days):
    """About `requests` accesses over `days`; a fortieth as many repositories."""
    rng = random.Random(f"{name}/{seed}")
    catalog = Catalog(rng, max(100, requests // 40))
    visitors = Visitors(rng, catalog, MIXES[name])
    accesses, now, today = [], 0.0, 0
    gap = days * DAY / (requests / 13)  # a session has about 13 accesses
    while len(accesses) < requests:
        accesses += visitors.session(now)
        now += rng.expovariate(1 / gap)
        if now // DAY > today:
            today = now // DAY
            visitors.next_day()
    accesses.sort()
    return Trace(name, [key for _, key in accesses], [at for at, _ in accesses], catalog.sizes,
                 seed)
