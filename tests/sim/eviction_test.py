# SPDX-License-Identifier: Apache-2.0
"""The simulator: policies against sequences worked out by hand, traces, the log's reader."""

import io
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import eviction  # noqa: E402
import policies  # noqa: E402
import recorded  # noqa: E402
import traces  # noqa: E402

LOG = HERE / "recordings/access-2026-11-21.log"
HOUR = 3600.0


def trace_of(text, gap=HOUR, size=1):
    """Letters as accesses, one every `gap` seconds."""
    names = sorted(set(text))
    return traces.Trace("text", [names.index(c) for c in text],
                        [at * gap for at in range(len(text))], [size] * len(names))


def held_after(name, text, capacity, **more):
    """The letters that are held in the end, and a letter for each hit."""
    trace = trace_of(text, **more)
    cache = eviction.Cache(policies.make(name, capacity, trace), trace.sizes, capacity, False)
    hits = "".join(c for c, key, now in zip(text, trace.keys, trace.times)
                   if cache.access(key, now))
    names = sorted(set(text))
    return "".join(sorted(names[key] for key in cache.held)), hits


@pytest.mark.parametrize("name, text, capacity, held, hits", [
    ("fifo", "abcad", 3, "bcd", "a"),            # the use of a does not help it
    ("lru", "abcad", 3, "acd", "a"),             # b is the oldest use
    ("sieve", "abcad", 3, "acd", "a"),           # a was visited: b goes
    ("sieve", "abcadea", 3, "ade", "aa"),        # the hand goes on from c, a keeps its place
    ("lfuda", "aabbcd", 3, "abd", "ab"),         # c was used once
    ("gdsf", "aabbcd", 3, "abd", "ab"),          # all of one size: the same
    ("warm-7d", "aabbcd", 3, "abd", "ab"),
    ("warm-3t", "aabbcd", 3, "abd", "ab"),
    ("belady", "abcdab", 3, "abd", "ab"),        # c does not come again
    ("s3fifo", "abcde", 3, "cde", ""),           # nothing is used again: first in, first out
    ("s3fifo", "aaabcde", 3, "ade", "aa"),       # a was used twice and goes to the main queue
    ("s3fifo", "abcdade", 3, "ade", "d"),        # a comes back while its name is known: main
])
def test_a_policy_keeps_what_was_worked_out_by_hand(name, text, capacity, held, hits):
    assert held_after(name, text, capacity) == (held, hits)


def test_a_scan_does_not_drive_out_what_is_used_again():
    scan = "".join(chr(ord("A") + n) for n in range(26))
    for name, keeps in [("lru", False), ("fifo", False), ("sieve", True), ("s3fifo", True),
                        ("warm-7d", True), ("warm-30d", True)]:
        held, _ = held_after(name, "aaabbb" + scan, 10)
        assert ("a" in held and "b" in held) == keeps, name


def test_warmth_fades_by_half_in_a_half_life():
    warm = policies.Warmth(10, [1], half_life=2.0, turns=True)
    assert warm.used(5.0, 5.0) == pytest.approx(7.0)    # two uses now: as one in a half life
    assert warm.used(3.0, 5.0) == pytest.approx(5 + 2 * 0.5849625)  # one and a half
    assert warm.used(-1e9, 5.0) == pytest.approx(5.0)   # long ago counts for nothing


def test_uses_within_ten_minutes_count_once():
    assert held_after("warm-7d", "aaaabbc", 2, gap=1.0)[0] == "bc"  # all once: the oldest goes
    assert held_after("warm-7d", "aaaabbc", 2)[0] == "ac"


def test_small_contents_stay_longer_for_their_bonus():
    sizes = [1000, 10 * policies.MIB, 10 * policies.MIB, 10 * policies.MIB]
    for name, victim in [("warm-3t", 0), ("warm-3t-16m", 1), ("gdsf", 1), ("sieve-split", 1)]:
        policy = policies.make(name, sum(sizes), traces.Trace("sizes", [], [], sizes))
        for key in range(4):
            policy.insert(key, key * HOUR)
        assert policy.victim(lambda key: False) == victim, name


def test_what_left_is_remembered_for_its_time():
    text = "aa" + "bcdefghklm" + "aij"  # a leaves as k comes, and is back at 5.5 turns
    assert held_after("warm-3t-r9", text, 2)[0] == "aj"  # its warmth is 7.5, that of i is 6
    assert held_after("warm-3t", text, 2)[0] == "ij"


@pytest.mark.parametrize("name", policies.NAMES)
def test_content_in_use_is_never_a_victim(name):
    policy = policies.make(name, 3, trace_of("abc"))
    for key in range(3):
        policy.insert(key, key * HOUR)
    assert policy.victim(lambda key: key != 1) == 1
    assert policy.victim(lambda key: True) is None
    assert {policy.victim(lambda key: False), policy.victim(lambda key: False)} == {0, 2}
    assert policy.victim(lambda key: False) is None


@pytest.mark.parametrize("name", policies.NAMES)
def test_the_quota_holds_and_the_same_seed_gives_the_same_figures(name):
    trace = traces.synthetic("mixed", 3000, seed=5, days=30)
    first = eviction.run(trace, name, 0.05, batch=True)
    assert 0 < first.largest <= trace.footprint() * 0.05
    assert 0 < first.hits < first.accesses
    assert eviction.run(traces.synthetic("mixed", 3000, 5, 30), name, 0.05, True) == first


def test_a_batch_goes_down_to_the_low_mark():
    trace = trace_of("".join(chr(ord("0") + n) for n in range(70)), size=10)
    cache = eviction.Cache(policies.make("lru", 400, trace), trace.sizes, 400, True)
    for key, now in zip(trace.keys[:41], trace.times):
        cache.access(key, now)
    assert cache.used == 380 and cache.figures.removed == 3 and cache.figures.passes == 1


@pytest.mark.parametrize("name", traces.MIXES)
def test_a_trace_has_tiny_and_huge_contents_in_the_order_of_time(name):
    trace = traces.synthetic(name, 3000, seed=1, days=30)
    asked = [trace.sizes[key] for key in trace.keys]
    assert len(trace.keys) == len(trace.times) >= 3000
    assert trace.times == sorted(trace.times)
    assert min(asked) < 10_000 and max(asked) >= 10**9


def test_the_log_of_a_true_node_is_a_trace():
    trace = recorded.read([LOG])
    lines = LOG.read_text(encoding="ascii").splitlines()
    gets = [line for line in lines if " GET " in line and "/resolve/" in line]
    assert len(trace.keys) == len(gets) > 400  # whole files, one request each
    assert sum(trace.sizes[key] for key in trace.keys) == \
        sum(int(line.split()[5]) for line in gets)
    assert 0 < eviction.run(trace, "lru", 0.3, batch=True).hits < len(gets)


def test_the_reader_of_logs_joins_ranges_and_leaves_the_rest_out():
    line = '2026-11-21T15:{}Z 192.0.2.0 {} {} {} {} HIT 3 "ua"\n'
    file = "/datasets/a/b/resolve/refs/convert/parquet/x/1.parquet"
    found, strange = recorded.accesses(io.StringIO("".join([
        line.format("00:00.000000", "GET", file, 206, 70),
        line.format("00:30.000000", "GET", file, 206, 30),
        line.format("09:00.000000", "GET", file, 206, 40),     # a minute and more later
        line.format("09:01.000000", "HEAD", file, 200, 0),
        line.format("09:02.000000", "GET", file, 304, 0),
        line.format("09:03.000000", "GET", "/api/models/a/b", 200, 9),
        line.format("09:04.000000", "GET", "/a/b/raw/main/f", 200, 5), "nonsense\n"])))
    assert [(content, size) for _, content, size in found] == \
        [(("/datasets/a/b", "x/1.parquet"), 100), (("/datasets/a/b", "x/1.parquet"), 40),
         (("/a/b", "f"), 5)]
    assert strange == 1


def test_the_program_prints_tables_and_refuses_what_it_does_not_know():
    program = [sys.executable, str(HERE / "eviction.py")]
    good = subprocess.run([*program, "--requests", "500", "--traces", "ci", "--cache-share", "0.1",
                           "--policies", "lru,sieve", "--log", str(LOG), "--stretch", "9"],
                          capture_output=True, text=True, check=True).stdout
    assert "| policy | ci" in good and "| recorded | 0" in good
    bad = subprocess.run([*program, "--traces", "none", "--log", str(HERE / "traces.py")],
                         capture_output=True, text=True, check=False)
    assert bad.returncode == 2 and "access log" in bad.stderr
    assert subprocess.run([*program, "--help"], check=False, capture_output=True).returncode == 0
