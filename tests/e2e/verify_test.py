# SPDX-License-Identifier: Apache-2.0
"""Bits that flip in the files of the cache: found by their checksums, fetched again, one by one.

What is read afterwards, through the mount and HTTP, is the Hub's.
"""

import errno
import json
import os
import subprocess
import urllib.request

MIB = 1 << 20


def verify(node, *words):
    done = subprocess.run(node.command("hf-mirror", "verify", *words, "--json"), check=False,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def prefetch(node, name, *words):
    subprocess.run(node.command("hf-mirror", "prefetch", name, *words), check=True,
                   capture_output=True, timeout=120)


def cached_file(node, digest):
    return node.folder / "cache" / "sha256" / digest[:2] / digest


def flip(node, digest, at):
    with open(cached_file(node, digest), "r+b", buffering=0) as file:
        byte = os.pread(file.fileno(), 1, at)
        os.pwrite(file.fileno(), bytes([byte[0] ^ 8]), at)
        os.fsync(file.fileno())


def by_mount(node, name, sha, path, first, end):
    file = os.open(node.path("models", name, sha, path), os.O_RDONLY)
    try:
        got = b""
        while len(got) < end - first:
            part = os.pread(file, end - first - len(got), first + len(got))
            assert part, "the file ends early"
            got += part
        return got
    finally:
        os.close(file)


def by_http(node, name, sha, path, first, end):
    request = urllib.request.Request(f"{node.http}/{name}/resolve/{sha}/{path}",
                                     headers={"Range": f"bytes={first}-{end - 1}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def stats(node):
    return json.loads((node.mount / ".status/stats.json").read_text())


def damaged_blocks(node):
    return stats(node)["cache"]["damaged_blocks"]


def test_a_running_node_mends_single_blocks_of_whole_and_partial_files(hub, fresh, repo):
    name, sha = repo([("whole.bin", 6 * MIB + 5), ("part.bin", 64 * MIB), ("good.bin", 2 * MIB)])
    truth = {path: hub.content_of("models", name, sha, path)
             for path in ("whole.bin", "part.bin", "good.bin")}
    digest = {path: hub.sha256("models", name, sha, path) for path in truth}
    prefetch(fresh, name, "--include", "whole.bin", "--include", "good.bin")
    for at in (8 * MIB, 40 * MIB):
        assert by_mount(fresh, name, sha, "part.bin", at, at + 100) == \
            truth["part.bin"][at:at + 100]
    clean = verify(fresh, name)
    assert clean["files"] == 3 and clean["files_damaged"] == 0
    assert 10 * MIB + 5 <= clean["bytes"] < 40 * MIB

    opened = os.open(fresh.path("models", name, sha, "whole.bin"), os.O_RDONLY)
    assert os.pread(opened, 10, 0) == truth["whole.bin"][:10]
    flip(fresh, digest["whole.bin"], 3 * MIB + 77)
    flip(fresh, digest["part.bin"], 40 * MIB + MIB // 2)
    # The kernel has pages of the wrong bytes now.
    spot = 40 * MIB + MIB // 2
    assert by_mount(fresh, name, sha, "part.bin", spot, spot + 1) != \
        truth["part.bin"][spot:spot + 1]
    hub.clear()
    found = verify(fresh, name)
    assert (found["files_damaged"], found["files_repaired"]) == (2, 2)
    assert hub.content_bytes() == 2 * MIB  # one block of each
    assert damaged_blocks(fresh) == 2
    # Who has it open from before: the right bytes (the kernel reads the file) or an error.
    try:
        assert os.pread(opened, 4096, 3 * MIB) == truth["whole.bin"][3 * MIB:3 * MIB + 4096]
    except OSError as error:
        assert error.errno == errno.EIO
    finally:
        os.close(opened)
    for way in (by_mount, by_http):
        for path in ("whole.bin", "good.bin"):
            assert way(fresh, name, sha, path, 0, len(truth[path])) == truth[path], way
        assert way(fresh, name, sha, "part.bin", 40 * MIB, 41 * MIB) == \
            truth["part.bin"][40 * MIB:41 * MIB]
    assert os.getxattr(fresh.path("models", name, sha, "whole.bin"), "user.hub.verified") == b"1"
    assert verify(fresh)["files_damaged"] == 0


def test_without_a_repository_the_file_is_found_by_its_content(hub, fresh, repo):
    name, sha = repo([("whole.bin", 5 * MIB)])
    truth = hub.content_of("models", name, sha, "whole.bin")
    prefetch(fresh, name)
    flip(fresh, hub.sha256("models", name, sha, "whole.bin"), 0)
    hub.clear()
    found = verify(fresh)
    assert (found["files_damaged"], found["files_repaired"]) == (1, 1)
    assert os.getxattr(fresh.path("models", name, sha, "whole.bin"), "user.hub.verified") == b"1"
    assert hub.content_bytes() == MIB
    assert by_http(fresh, name, sha, "whole.bin", 0, 5 * MIB) == truth
    assert hub.content_bytes() == MIB


def test_what_happened_to_the_files_of_a_stopped_node_is_mended(hub, fresh, repo):
    paths = ("part.bin", "flipped.bin", "short.bin", "gone.bin")
    name, sha = repo([("part.bin", 64 * MIB), ("flipped.bin", 4 * MIB), ("short.bin", 3 * MIB),
                      ("gone.bin", 2 * MIB)])
    truth = {path: hub.content_of("models", name, sha, path) for path in paths}
    digest = {path: hub.sha256("models", name, sha, path) for path in paths}
    prefetch(fresh, name, "--exclude", "part.bin")
    spot = 20 * MIB
    assert by_mount(fresh, name, sha, "part.bin", spot, spot + 100) == \
        truth["part.bin"][spot:spot + 100]
    fresh.stop()
    flip(fresh, digest["part.bin"], spot + MIB - 1)
    flip(fresh, digest["flipped.bin"], 2 * MIB)
    os.truncate(cached_file(fresh, digest["short.bin"]), MIB)
    cached_file(fresh, digest["gone.bin"]).unlink()
    fresh.start()

    # A block of a partial file is compared before its first read.
    assert by_mount(fresh, name, sha, "part.bin", spot, spot + MIB) == \
        truth["part.bin"][spot:spot + MIB]
    assert damaged_blocks(fresh) == 1
    found = verify(fresh, name)
    assert (found["files_damaged"], found["files_repaired"]) == (1, 1)
    assert damaged_blocks(fresh) == 2
    for way in (by_mount, by_http):
        for path in paths[1:]:
            assert way(fresh, name, sha, path, 0, len(truth[path])) == truth[path], (way, path)
        assert way(fresh, name, sha, "part.bin", spot, spot + MIB) == \
            truth["part.bin"][spot:spot + MIB]


def test_checksums_outlive_a_power_loss(hub, fresh, repo):
    name, sha = repo([("whole.bin", 8 * MIB + 1)])
    truth = hub.content_of("models", name, sha, "whole.bin")
    prefetch(fresh, name)
    assert verify(fresh)["files_damaged"] == 0  # which makes all of it durable
    fresh.kill()
    flip(fresh, hub.sha256("models", name, sha, "whole.bin"), 5 * MIB)
    fresh.start()
    hub.clear()
    found = verify(fresh, name)
    assert (found["files_damaged"], found["files_repaired"]) == (1, 1)
    assert hub.content_bytes() == MIB
    assert by_http(fresh, name, sha, "whole.bin", 0, len(truth)) == truth
