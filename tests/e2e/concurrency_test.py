# SPDX-License-Identifier: Apache-2.0
"""Many readers of one cold file: one fetch for all, through the mount and over HTTP."""

import hashlib
import threading
import urllib.request


def in_parallel(count, work):
    """work(i) in `count` threads at once; their results, failures raised."""
    results, failures = [None] * count, []
    gate = threading.Barrier(count)

    def one(number):
        try:
            gate.wait(timeout=60)
            results[number] = work(number)
        except Exception as error:  # collected: a failure in a thread must fail the test
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures, failures[:3]
    assert not any(thread.is_alive() for thread in threads)
    return results


def sha256_of_stream(stream):
    digest = hashlib.sha256()
    while piece := stream.read(1 << 18):
        digest.update(piece)
    return digest.hexdigest()


def test_fifty_readers_of_one_cold_file_fetch_it_once(hub, mirror, repo):
    """P8: Upstream sends the file's size, not fifty times that."""
    size = 24 << 20
    name, sha = repo([("one.bin", size)])
    path = mirror.path("models", name, sha, "one.bin")
    hub.clear()

    def read(_):
        with open(path, "rb") as file:
            return sha256_of_stream(file)

    assert set(in_parallel(50, read)) == {hub.sha256("models", name, sha, "one.bin")}
    assert hub.content_bytes() == size
    assert no_range_twice(hub)


def test_twenty_cold_downloads_over_http_fetch_it_once(hub, mirror, repo):
    """The same by HTTP, straight from nothing known."""
    size = 10 << 20
    name, sha = repo([("h.bin", size)])
    hub.clear()

    def read(_):
        with urllib.request.urlopen(f"{mirror.http}/{name}/resolve/main/h.bin",
                                    timeout=60) as answer:
            return sha256_of_stream(answer)

    assert set(in_parallel(20, read)) == {hub.sha256("models", name, sha, "h.bin")}
    assert hub.content_bytes() == size
    trees = [r for r in hub.requests() if "/tree/" in r["target"]]
    assert len(trees) == 1


def no_range_twice(hub):
    """Whether every byte range of content left the Hub at most once."""
    seen = set()
    for request in hub.requests():
        if request["listener"] == "cdn" and request["range"]:
            key = (request["target"].split("?")[0], request["range"])
            if key in seen:
                return False
            seen.add(key)
    return True
