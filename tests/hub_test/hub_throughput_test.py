# SPDX-License-Identifier: Apache-2.0
# How fast one connection streams. The bound here is lenient, CI's two cores are busy; the
# strict figure (300 MB/s on an idle machine) is asked for by
#   HUB_STRICT=1 /usr/bin/python3 -m pytest -s tests/hub_test/hub_throughput_test.py
import os
import socket
import time
from urllib.parse import urlsplit

BOUND = 300e6 if os.environ.get("HUB_STRICT") else 150e6
NAME, SIZE = "blob-256m.bin", 256 << 20


def drain(url):
    """Bytes and seconds of one answer, read into one buffer: no client cost worth naming."""
    parts = urlsplit(url)
    buffer = memoryview(bytearray(1 << 20))
    total = 0
    with socket.create_connection((parts.hostname, parts.port), 60) as sock:
        target = url.split(parts.netloc, 1)[1]
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        start = time.monotonic()
        while count := sock.recv_into(buffer):
            total += count
    return total, time.monotonic() - start


def test_one_connection_streams_fast_enough(hub, get):
    location = get(f"/demo/big/resolve/main/{NAME}").headers["location"]
    best = 0.0
    for _ in range(3):      # the best of three: other work on the machine is not ours
        total, seconds = drain(location)
        assert total > SIZE
        best = max(best, SIZE / seconds)
        if best >= BOUND:
            break
    print(f"\n{best / 1e6:.0f} MB/s")
    assert best >= BOUND
    assert hub.stats()["cdn"]["content_bytes"] >= SIZE
