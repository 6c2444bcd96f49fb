# SPDX-License-Identifier: Apache-2.0
"""`hf-mirror prefetch`, `verify`, `evict`, `jobs` and `cancel` against a running node."""

import hashlib
import json
import os
import re
import signal
import subprocess

import pytest

from conftest import make_mirror
from mirror import bin_dir

MIB = 1 << 20


def run(node, *words, code=0):
    """One command of the operator, its standard output and standard error."""
    done = subprocess.run(node.command("hf-mirror", *words), capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr}"
    return done.stdout, done.stderr


def jobs(node):
    return json.loads((node.mount / ".status/jobs").read_text())


def verified(node, name, sha, path):
    return os.getxattr(node.mount / "models" / name / sha / path, "user.hub.verified") == b"1"


def test_a_prefetched_repository_is_served_with_the_hub_down(hub, fresh, repo):
    files = {"model.safetensors": 9 * MIB + 5, "sub/part.bin": 3 * MIB, "empty": 0}
    name, sha = repo(list(files.items()))
    truth = {path: hub.sha256("models", name, sha, path) for path in files}
    hub.clear()
    out, told = run(fresh, "prefetch", name, "--json")
    assert json.loads(out) | {"job": 1} == {"job": 1, "state": "done", "files": 3,
                                            "files_failed": 0, "files_damaged": 0,
                                            "files_repaired": 0,
                                            "bytes": sum(files.values())}
    assert "3/3 files, 12.0 MiB of 12.0 MiB" in told
    assert hub.content_bytes() == sum(files.values())
    hub.down()
    try:
        for path in files:
            assert verified(fresh, name, sha, path)
            data = (fresh.mount / "models" / name / "main" / path).read_bytes()
            assert hashlib.sha256(data).hexdigest() == truth[path]
        run(fresh, "prefetch", f"{name}@{sha}")  # asks for nothing, so it goes without the Hub
    finally:
        hub.down(False)
    assert [(job["what"], job["state"]) for job in jobs(fresh)] == [
        (f"models/{name}@main", "done"), (f"models/{name}@{sha}", "done")]
    assert hub.content_bytes() == sum(files.values())


def test_patterns_choose_files(hub, fresh, repo):
    name, sha = repo([("a.json", 10), ("sub/b.json", 20), ("c.bin", 30), ("sub/d.bin", 40)])
    out, _ = run(fresh, "prefetch", name, "--include", "*.json", "--include", "c*",
                 "--exclude", "sub/", "--json")
    assert json.loads(out)["files"] == 2 and json.loads(out)["bytes"] == 40
    assert verified(fresh, name, sha, "a.json") and verified(fresh, name, sha, "c.bin")
    assert not verified(fresh, name, sha, "sub/b.json")


def test_a_job_outlives_its_command_and_can_be_cancelled(hub, fresh, repo):
    name, sha = repo([("big.bin", 40 * MIB), ("small.bin", MIB)])
    held = hub.fault("hold", r"big\.bin", listener="cdn", after_bytes=MIB // 4)
    try:
        command = subprocess.Popen(fresh.command("hf-mirror", "prefetch", name),
                                   stderr=subprocess.PIPE, text=True)
        number = re.match(r"job (\d+) of hubfs", command.stderr.readline())[1]
        hub.wait_held(held, 1)
        command.send_signal(signal.SIGINT)
        command.wait(timeout=20)
        command.stderr.close()
        assert [job["state"] for job in jobs(fresh)] == ["running"]
        out, _ = run(fresh, "jobs")
        assert f"{number}  prefetch  running  models/{name}@main" in out
        run(fresh, "cancel", number)
        assert jobs(fresh)[0]["state"] in ("running", "cancelled")
    finally:
        hub.release(held)
        hub.remove_fault(held)
    run(fresh, "prefetch", name)  # goes on with what is here
    states = [job["state"] for job in jobs(fresh)]
    assert states == ["cancelled", "done"]
    run(fresh, "cancel", number, code=1)


@pytest.mark.parametrize(("words", "code", "reason"), [
    (["no/such-repo"], 1, "no such repository|not found|Repository"),
    (["demo/small@no-such-branch"], 1, "revision"),
    (["private-org/private-model"], 1, ""),
    (["a/b/c"], 2, "is no ID"),
    (["demo/small", "--repo-type", "space"], 2, "repo-type"),
], ids=str)
def test_what_cannot_be_prefetched_says_why(mirror, words, code, reason):
    _, told = run(mirror, "prefetch", *words, code=code)
    assert re.search(reason, told), told


def test_a_file_that_fails_is_named_and_the_others_are_fetched(hub, fresh, repo):
    name, sha = repo([("bad.bin", 2 * MIB), ("good.bin", 2 * MIB)])
    fault = hub.fault("status", r"bad\.bin", status=500)
    try:
        _, told = run(fresh, "prefetch", name, code=1)
    finally:
        hub.remove_fault(fault)
    assert "failed: bad.bin: " in told and verified(fresh, name, sha, "good.bin")
    run(fresh, "prefetch", name)
    assert verified(fresh, name, sha, "bad.bin")


def test_without_a_running_node_it_says_so(tmp_path):
    done = subprocess.run([bin_dir() / "hf-mirror", "prefetch", "a/b", "--set",
                           f"node.run_dir={tmp_path}"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "hubfs is not running" in done.stderr


def cached_file(node, digest):
    """Where the cache keeps this content."""
    return node.folder / "cache" / "sha256" / digest[:2] / digest


def test_verify_finds_a_flipped_bit_and_fetches_the_block_anew(hub, fresh, repo):
    name, sha = repo([("model.bin", 5 * MIB + 7), ("good.bin", MIB)])
    digest = hub.sha256("models", name, sha, "model.bin")
    run(fresh, "prefetch", name)
    out, _ = run(fresh, "verify", "--json")
    assert json.loads(out) | {"job": 0} == {"job": 0, "state": "done", "files": 2,
                                            "files_failed": 0, "files_damaged": 0,
                                            "files_repaired": 0,
                                            "bytes": 6 * MIB + 7}
    with open(cached_file(fresh, digest), "r+b") as file:
        file.seek(3 * MIB)
        byte = file.read(1)
        file.seek(3 * MIB)
        file.write(bytes([byte[0] ^ 1]))
        os.fsync(file.fileno())
    hub.clear()
    out, told = run(fresh, "verify", name, "--json")
    assert json.loads(out)["files_damaged"] == 1 and "1 damaged, 1 repaired" in told
    assert hub.content_bytes() == MIB  # the damaged block alone
    data = (fresh.mount / "models" / name / "main/model.bin").read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest
    assert json.loads(run(fresh, "verify", "--json")[0])["files_damaged"] == 0


def test_evict_gives_back_the_space_of_what_nobody_has_open(hub, fresh, repo):
    name, sha = repo([("a.bin", 4 * MIB), ("b.bin", 2 * MIB)])
    run(fresh, "prefetch", name)
    digest = hub.sha256("models", name, sha, "a.bin")
    assert cached_file(fresh, digest).exists()
    with open(fresh.mount / "models" / name / "main/b.bin", "rb") as held:
        assert held.read(1)
        out, _ = run(fresh, "evict", name, "--json")
        assert json.loads(out)["bytes"] == 4 * MIB
        assert not cached_file(fresh, digest).exists()
        assert len(held.read()) == 2 * MIB - 1
    hub.clear()
    run(fresh, "prefetch", name)
    assert hub.content_bytes() == 4 * MIB


def test_a_pinned_repository_outlives_the_quota(hub, repo, tmp_path):
    pinned, sha = repo([("keep.bin", 4 * MIB), ("leave.txt", 10)])
    others = [repo([("x.bin", 5 * MIB)])[0] for _ in range(3)]
    with make_mirror(hub, tmp_path / "node", cache__size=12 * MIB) as node:
        run(node, "prefetch", "--pin", pinned, "--include", "*.bin")
        assert pinned in run(node, "pins")[0]
        for other in others:
            run(node, "prefetch", other)
        run(node, "evict", pinned)
        hub.clear()
        assert verified(node, pinned, sha, "keep.bin")
        run(node, "prefetch", pinned, "--include", "*.bin")
        assert hub.content_bytes() == 0
        node.stop()
        node.start()
        pins = json.loads(run(node, "pins", "--json")[0])["pins"]
        assert [(pin["repo"], pin["revision"], pin["commit"], pin["include"]) for pin in pins] == [
            (pinned, "main", sha, ["*.bin"])]
        run(node, "unpin", pinned)
        assert run(node, "pins")[0] == ""
        run(node, "unpin", pinned, code=1)
        run(node, "evict", pinned)
        assert not verified(node, pinned, sha, "keep.bin")
