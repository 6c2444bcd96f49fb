# SPDX-License-Identifier: Apache-2.0
"""curl, wget -c, aria2c -x8 with a checksum, rclone copyurl by the lines of docs/clients.md: each
on a cold and on a warm mirror, whole and resumed."""

import concurrent.futures as threads
import hashlib

import pytest

from clients_doc import snippet
from conftest import sha256_of
from foreign import Home, cold_and_warm, command
from isolated import Isolated

PAGE_FILE = "demo/big/resolve/main/blob-8m.bin"
SIZE = 8 << 20
BLOCK = 1 << 20  # cache.block_size
TOOLS = ["curl", "wget", "aria2c", "rclone"]


def lines_for(tool, url, name):
    """The page's lines with another file, so that each test has content that nobody fetched."""
    command(tool)
    return snippet(tool, url).replace(PAGE_FILE, f"{name}/resolve/main/blob-8m.bin")


def content(hub, repo):
    name, sha = repo([("blob-8m.bin", SIZE)])
    return name, hub.sha256("models", name, sha, "blob-8m.bin")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_download_as_the_page_tells(hub, mirror, repo, tmp_path, tool):
    name, digest = content(hub, repo)
    lines = lines_for(tool, mirror.http, name)

    def work(home):
        home.run(["sh", "-ec", lines])
        return sha256_of(home.folder / "blob-8m.bin")

    assert cold_and_warm(hub, mirror, tmp_path, work, SIZE) == digest


@pytest.mark.parametrize("tool", ["curl", "wget"])
def test_an_interrupted_download_goes_on_where_it_ended(hub, mirror, repo, tmp_path, tool):
    """What the first attempt has is neither sent nor, by whole blocks, fetched."""
    have = 3_000_001
    name, digest = content(hub, repo)
    lines = lines_for(tool, mirror.http, name)
    head = hub.content_of("models", name, "main", "blob-8m.bin")[:have]
    hub.clear()
    with Isolated(mirror) as net:
        home = Home(net, tmp_path / "home")
        (home.folder / "blob-8m.bin").write_bytes(head)
        home.run(["sh", "-ec", lines])
        assert not net.attempts, f"asked past the mirror: {net.attempts}"
    assert sha256_of(home.folder / "blob-8m.bin") == digest
    assert hub.content_bytes() == SIZE - have // BLOCK * BLOCK


def test_aria2c_checks_the_hash_that_the_etag_says(hub, mirror, repo, tmp_path):
    name, digest = content(hub, repo)
    words = f"--checksum=sha-256={digest} "
    with Isolated(mirror) as net:
        home = Home(net, tmp_path / "home")
        lines = lines_for("aria2c", mirror.http, name)
        etag = home.run(["curl", "-sI", lines.split()[-1]]).lower()
        assert f'etag: "{digest}"' in etag
        home.run(["sh", "-ec", lines.replace("aria2c ", "aria2c " + words)])
        wrong = hashlib.sha256(b"other").hexdigest()
        with pytest.raises(AssertionError, match="hecksum"):
            home.run(["sh", "-ec", lines.replace(
                "aria2c ", f"aria2c --checksum=sha-256={wrong} --allow-overwrite=true ")])


def test_aria2c_has_eight_ranges_under_way_and_upstream_sends_no_byte_twice(hub, mirror, repo,
                                                                            tmp_path):
    name, digest = content(hub, repo)
    lines = lines_for("aria2c", mirror.http, name)
    # No block is complete before several ranges have begun.
    held = hub.fault("hold", "", listener="cdn", after_bytes=BLOCK // 4)
    try:
        with Isolated(mirror) as net:
            home = Home(net, tmp_path / "home")
            with threads.ThreadPoolExecutor(1) as pool:
                running = pool.submit(home.run, ["sh", "-ec", lines])
                try:
                    hub.wait_held(held, 2)
                finally:
                    hub.release(held)
                running.result()
    finally:
        hub.remove_fault(held)
    assert sha256_of(home.folder / "blob-8m.bin") == digest
    assert hub.content_bytes() == SIZE
    log = "".join(path.read_text() for path in (mirror.folder / "log").glob("access*"))
    ranged = [line for line in log.splitlines() if f"/{name}/" in line and " 206 " in line]
    assert len(ranged) >= 7
