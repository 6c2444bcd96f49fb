# SPDX-License-Identifier: Apache-2.0
"""Eviction policies: which of the contents that are held goes next.

Each one hears of uses and says a victim when it is asked; the simulator counts bytes. `writes`
counts changes of a record by a use: what would have to be made durable. `busy(key)` is a content
in use: it is never a victim.
"""

import collections
import heapq
import math
import re

DAY = 86400.0
MIB = 1 << 20
SMALL_SHARE = 0.1       # S3-FIFO: the part of the cache that new contents pass through
SPLIT_BYTES = 8 * MIB   # contents up to this size are small
SPLIT_SHARE = 0.05      # what small contents may take before one of them goes
COUNT_EVERY = 600.0     # warmth: uses of one content that count are at least this far apart


class Policy:
    """What all of them answer. A victim is forgotten at once."""

    def __init__(self, capacity, sizes):
        self.capacity, self.sizes = capacity, sizes
        self.writes = 0

    def insert(self, key, now):
        raise NotImplementedError

    def hit(self, key, now):
        raise NotImplementedError

    def victim(self, busy):
        raise NotImplementedError


class Fifo(Policy):
    def __init__(self, capacity, sizes):
        super().__init__(capacity, sizes)
        self.queue = collections.OrderedDict()

    def insert(self, key, now):
        self.queue[key] = None

    def hit(self, key, now):
        pass

    def victim(self, busy):
        for key in self.queue:
            if not busy(key):
                del self.queue[key]
                return key
        return None


class Lru(Fifo):
    def hit(self, key, now):
        self.queue.move_to_end(key)
        self.writes += 1


class _Node:
    __slots__ = ("key", "visited", "older", "newer")

    def __init__(self, key, older):
        self.key, self.visited, self.older, self.newer = key, False, older, None


class Sieve(Policy):
    """Zhang et al., NSDI 2024: one bit, and a hand that moves from old to new."""

    def __init__(self, capacity, sizes):
        super().__init__(capacity, sizes)
        self.nodes = {}
        self.oldest = self.newest = self.hand = None

    def insert(self, key, now):
        node = self.nodes[key] = _Node(key, self.newest)
        if self.newest:
            self.newest.newer = node
        else:
            self.oldest = node
        self.newest = node

    def hit(self, key, now):
        node = self.nodes[key]
        if not node.visited:
            node.visited = True
            self.writes += 1

    def victim(self, busy):
        for _ in range(2 * len(self.nodes)):
            node = self.hand or self.oldest
            self.hand = node.newer
            if node.visited:
                node.visited = False
                self.writes += 1
            elif not busy(node.key):
                self._remove(node)
                return node.key
        return None

    def _remove(self, node):
        del self.nodes[node.key]
        if node.older:
            node.older.newer = node.newer
        else:
            self.oldest = node.newer
        if node.newer:
            node.newer.older = node.older
        else:
            self.newest = node.older


class S3Fifo(Policy):
    """Yang et al., SOSP 2023, in bytes: a small queue, a main one, and names of what left."""

    def __init__(self, capacity, sizes):
        super().__init__(capacity, sizes)
        self.small, self.main = collections.OrderedDict(), collections.OrderedDict()
        self.ghost = collections.OrderedDict()
        self.small_bytes = self.ghost_bytes = 0

    def insert(self, key, now):
        if key in self.ghost:
            self._forget(key)
            self.main[key] = 0
        else:
            self.small[key] = 0
            self.small_bytes += self.sizes[key]

    def hit(self, key, now):
        queue = self.small if key in self.small else self.main
        if queue[key] < 3:
            queue[key] += 1
            self.writes += 1

    def victim(self, busy):
        for _ in range(5 * (len(self.small) + len(self.main))):
            small = self.small_bytes >= SMALL_SHARE * self.capacity or not self.main
            key = self._from_small(busy) if small and self.small else self._from_main(busy)
            if key is not None:
                return key
        return None

    def _from_small(self, busy):
        key, uses = next(iter(self.small.items()))
        if busy(key):
            self.small.move_to_end(key)
            return None
        del self.small[key]
        self.small_bytes -= self.sizes[key]
        if uses > 1:
            self.main[key] = 0
            self.writes += 1
            return None
        self.ghost[key] = None
        self.ghost_bytes += self.sizes[key]
        while self.ghost_bytes > (1 - SMALL_SHARE) * self.capacity:
            self._forget(next(iter(self.ghost)))
        return key

    def _from_main(self, busy):
        key, uses = next(iter(self.main.items()))
        if uses > 0 or busy(key):
            self.main[key] = max(0, uses - 1)
            self.main.move_to_end(key)
            self.writes += 1
            return None
        del self.main[key]
        return key

    def _forget(self, key):
        del self.ghost[key]
        self.ghost_bytes -= self.sizes[key]


class Scored(Policy):
    """The lowest score goes. Scores only rise while a content is held, so the heap has one entry
    of each, perhaps too low, that is put right when it comes to the top."""

    def __init__(self, capacity, sizes):
        super().__init__(capacity, sizes)
        self.score, self.heap, self.order = {}, [], 0

    def _enter(self, key, score):
        self.score[key] = score
        self.order += 1
        heapq.heappush(self.heap, (score, self.order, key))

    def victim(self, busy):
        aside, found = [], None
        while self.heap and found is None:
            score, order, key = self.heap[0]
            if score != self.score[key]:
                heapq.heapreplace(self.heap, (self.score[key], order, key))
                continue
            heapq.heappop(self.heap)
            if busy(key):
                aside.append((score, order, key))
            else:
                found = key
        for entry in aside:
            heapq.heappush(self.heap, entry)
        if found is not None:
            self.gone(found, self.score.pop(found))
        return found

    def gone(self, key, score):
        """A victim left; what else is known of it may go, too."""


class Gdsf(Scored):
    """Cherkasova 1998: uses / size above the score of what left last. cost = size: LFU-DA."""

    def __init__(self, capacity, sizes, by_size=True):
        super().__init__(capacity, sizes)
        self.uses, self.floor, self.by_size = {}, 0.0, by_size

    def _worth(self, key):
        return self.floor + self.uses[key] / (self.sizes[key] if self.by_size else 1)

    def insert(self, key, now):
        self.uses[key] = 1
        self._enter(key, self._worth(key))

    def hit(self, key, now):
        self.uses[key] += 1
        self.score[key] = self._worth(key)
        self.writes += 1

    def gone(self, key, score):
        self.floor = score
        del self.uses[key]


class Warmth(Scored):
    """Uses that fade: each counts 2^(-age / half life) (LRFU, Lee et al. 2001), kept as one time,
    the moment at which a single use would be worth as much. The clock goes by days, or by
    turns: bytes stored since the beginning, divided by the quota. `bonus` bytes are what a miss
    costs besides the content: small contents stay longer for it. Of what left, the warmth is
    remembered for `memory` of the clock."""

    def __init__(self, capacity, sizes, half_life, turns, bonus=0, memory=0.0):
        super().__init__(capacity, sizes)
        self.half_life, self.turns, self.bonus, self.memory = half_life, turns, bonus, memory
        self.stored_bytes, self.now = 0, 0.0
        self.warm, self.counted = {}, {}
        self.left = collections.OrderedDict()  # what is remembered: key -> (left at, warmth)

    def clock(self, now):
        return self.stored_bytes / self.capacity if self.turns else now / DAY

    def used(self, warm, clock):
        """The time that stands for one use more."""
        return clock + self.half_life * math.log2(1 + 2 ** ((warm - clock) / self.half_life))

    def _worth(self, key):
        size = max(1, self.sizes[key])
        return self.warm[key] + self.half_life * math.log2(1 + self.bonus / size)

    def insert(self, key, now):
        self.now = now
        before, clock = self.left.pop(key, None), self.clock(now)
        self.warm[key] = clock if before is None else self.used(before[1], clock)
        self.counted[key] = now
        self.stored_bytes += self.sizes[key]
        self._enter(key, self._worth(key))

    def hit(self, key, now):
        self.now = now
        if now - self.counted[key] < COUNT_EVERY:
            return
        self.warm[key] = self.used(self.warm[key], self.clock(now))
        self.counted[key] = now
        self.score[key] = self._worth(key)
        self.writes += 1

    def gone(self, key, score):
        del self.counted[key]
        clock = self.clock(self.now)
        self.left[key] = (clock, self.warm.pop(key))
        while self.left and next(iter(self.left.values()))[0] + self.memory <= clock:
            self.left.popitem(last=False)


class Split(Policy):
    """Two of a kind: contents up to `limit` bytes go only when they take more than their share,
    or nothing else is left."""

    def __init__(self, kind, capacity, sizes, limit, share=SPLIT_SHARE):
        super().__init__(capacity, sizes)
        self.limit, self.small_capacity = limit, capacity * share
        self.small = kind(self.small_capacity, sizes)
        self.large = kind(capacity - self.small_capacity, sizes)
        self.small_bytes = 0

    def _of(self, key):
        return self.small if self.sizes[key] <= self.limit else self.large

    def insert(self, key, now):
        if self.sizes[key] <= self.limit:
            self.small_bytes += self.sizes[key]
        self._of(key).insert(key, now)

    def hit(self, key, now):
        self._of(key).hit(key, now)
        self.writes = self.small.writes + self.large.writes

    def victim(self, busy):
        parts = [self.small, self.large]
        for part in parts if self.small_bytes > self.small_capacity else reversed(parts):
            key = part.victim(busy)
            if key is not None:
                if part is self.small:
                    self.small_bytes -= self.sizes[key]
                return key
        return None


class Belady(Scored):
    """Knows the future: what is used last of all goes. A mark to measure by, not a choice."""

    def __init__(self, capacity, sizes, keys):
        super().__init__(capacity, sizes)
        self.uses = collections.defaultdict(collections.deque)
        for at, key in enumerate(keys):
            self.uses[key].append(at)
        self.end = len(keys)

    def _next(self, key):
        self.uses[key].popleft()
        return -(self.uses[key][0] if self.uses[key] else self.end)

    def insert(self, key, now):
        self._enter(key, self._next(key))

    def hit(self, key, now):
        self._enter(key, self._next(key))

    def victim(self, busy):
        aside, found = [], None
        while self.heap and found is None:
            entry = heapq.heappop(self.heap)
            if self.score.get(entry[2]) != entry[0]:
                continue  # an older entry of a content that was used again, or left
            if busy(entry[2]):
                aside.append(entry)
            else:
                found = entry[2]
                del self.score[found]
        for entry in aside:
            heapq.heappush(self.heap, entry)
        return found


NAMES = ("fifo", "lru", "sieve", "s3fifo", "lfuda", "gdsf", "sieve-split", "s3fifo-split",
         "warm-7d-16m", "warm-30d-16m", "warm-4t-16m", "warm-3t-16m-r1", "warm-4t-16m-r1",
         "belady")


def make(name, capacity, trace):
    """The policy of that name, e.g. warm-4t-16m-r1: half life 4 turns (7d: days), bonus
    16 MiB, what left is remembered for one turn."""
    plain = {"fifo": Fifo, "lru": Lru, "sieve": Sieve, "s3fifo": S3Fifo, "gdsf": Gdsf}
    if name in plain:
        return plain[name](capacity, trace.sizes)
    if name.removesuffix("-split") in plain:
        return Split(plain[name.removesuffix("-split")], capacity, trace.sizes, SPLIT_BYTES)
    if name == "lfuda":
        return Gdsf(capacity, trace.sizes, by_size=False)
    if name == "belady":
        return Belady(capacity, trace.sizes, trace.keys)
    match = re.fullmatch(r"warm-([\d.]+)([dt])(?:-(\d+)m)?(?:-r([\d.]+))?", name)
    if not match:
        raise ValueError(f"no policy {name}; there are: {', '.join(NAMES)}")
    return Warmth(capacity, trace.sizes, float(match[1]), match[2] == "t",
                  int(match[3] or 0) * MIB, float(match[4] or 0))
