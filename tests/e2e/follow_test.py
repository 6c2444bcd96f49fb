# SPDX-License-Identifier: Apache-2.0
"""`hf-mirror follow`, `follows` and `unfollow` against a running node, which asks every second."""

import json
import os
import subprocess
import time

import pytest

from conftest import make_mirror

MIB = 1 << 20
PATIENCE = 60  # seconds; a turn is one


def run(node, *words, code=0):
    """One command of the operator, its standard output and standard error."""
    done = subprocess.run(node.command("hf-mirror", *words), capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr}"
    return done.stdout, done.stderr


def follows(node):
    return json.loads(run(node, "follows", "--json")[0])["follows"]


def wait_follow(node, what):
    """The one follow, once `what` is true of it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        one, = follows(node)
        if what(one):
            return one
    raise AssertionError(f"still {one}")


def here(node, sha):
    """Waits until this commit is complete."""
    return wait_follow(node, lambda one: one.get("commit") == sha and not one["running"])


def verified(node, name, sha, path):
    return os.getxattr(node.mount / "models" / name / sha / path, "user.hub.verified") == b"1"


def jobs(node):
    return [(job["kind"], job["what"], job["state"])
            for job in json.loads((node.mount / ".status/jobs").read_text())]


def new_commit(hub, name, path, size, seed):
    """A commit with this file, whose content no other test has."""
    return hub.commit(name, [{"path": path, "size": size, "seed": seed, "lfs": True}])


@pytest.fixture
def node(hub, tmp_path):
    hub.clear_faults()
    with make_mirror(hub, tmp_path / "node", freshness__follow="1s") as running:
        yield running
    hub.clear_faults()


def test_a_new_commit_comes_by_itself_and_the_old_one_may_go(hub, node, repo):
    name, first = repo([("a.bin", 2 * MIB), ("same.txt", 100)])
    out, told = run(node, "follow", name, "--json")
    assert json.loads(out)["state"] == "done" and "2/2 files" in told
    assert here(node, first)["revision"] == "main" and verified(node, name, first, "a.bin")
    run(node, "evict", f"{name}@{first}")
    assert verified(node, name, first, "a.bin")  # held
    second = new_commit(hub, name, "a.bin", 3 * MIB, "follow-1")
    here(node, second)
    assert jobs(node) == [("follow", f"models/{name}@main", "done"),
                          ("evict", f"models/{name}@{first}", "done"),
                          ("follow", f"models/{name}@main", "done")]
    hub.down()
    try:
        assert verified(node, name, second, "a.bin") and verified(node, name, second, "same.txt")
        assert len((node.mount / "models" / name / second / "a.bin").read_bytes()) == 3 * MIB
        run(node, "evict", f"{name}@{first}")
        assert not verified(node, name, first, "a.bin")  # only the new one's are held
        assert verified(node, name, first, "same.txt")
    finally:
        hub.down(False)


def test_a_branch_that_is_moved_by_force_is_followed_back(hub, node, repo):
    name, first = repo([("a.bin", MIB)])
    second = new_commit(hub, name, "a.bin", 2 * MIB, "follow-2")
    run(node, "follow", name)
    here(node, second)
    hub.move_ref(name, "main", first)
    here(node, first)
    assert verified(node, name, first, "a.bin")
    run(node, "evict", f"{name}@{second}")
    assert not verified(node, name, second, "a.bin")


def test_the_old_commit_is_held_until_the_new_one_is_complete_over_a_kill(hub, node, repo):
    name, first = repo([("a.bin", 2 * MIB)])
    run(node, "follow", name)
    here(node, first)
    held = hub.fault("hold", r"a\.bin", listener="cdn", after_bytes=MIB)
    second = new_commit(hub, name, "a.bin", 9 * MIB, "follow-3")
    hub.wait_held(held, 1)
    coming = wait_follow(node, lambda one: one.get("coming") == second)
    assert coming["commit"] == first and coming["running"]
    run(node, "evict", f"{name}@{first}")
    assert verified(node, name, first, "a.bin")
    node.kill()
    hub.release(held)
    hub.remove_fault(held)
    node.start()
    one, = follows(node)  # nobody asked for anything again
    assert one["commit"] in (first, second)
    here(node, second)
    assert verified(node, name, second, "a.bin") and verified(node, name, first, "a.bin")
    run(node, "evict", f"{name}@{first}")
    assert not verified(node, name, first, "a.bin")


def test_a_dead_daemon_is_followed_by_one_that_goes_on(hub, node, repo):
    name, _ = repo([("a.bin", MIB)])
    run(node, "follow", name)
    node.kill_daemon()
    second = new_commit(hub, name, "b.bin", MIB, "follow-4")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        out = subprocess.run(node.command("hf-mirror", "follows"), capture_output=True, text=True,
                             timeout=60, check=False).stdout
        if f"{name}@main  {second}  complete " in out:
            return
    raise AssertionError(out)


def test_what_fails_is_told_and_tried_again(hub, node, repo):
    name, first = repo([("a.bin", MIB)])
    run(node, "follow", name)
    here(node, first)
    hub.down()
    try:
        failed = wait_follow(node, lambda one: "error" in one)
        assert failed["commit"] == first
    finally:
        hub.down(False)
    fault = hub.fault("status", r"bad\.bin", status=500)
    second = new_commit(hub, name, "bad.bin", MIB, "follow-5")
    try:
        failed = wait_follow(node, lambda one: "bad.bin" in one.get("error", ""))
        assert failed["commit"] == first and failed["coming"] == second
        assert ("follow", f"models/{name}@main", "failed") in jobs(node)
    finally:
        hub.remove_fault(fault)
    assert "error" not in here(node, second)


def test_a_follow_ends_with_unfollow_and_lets_go(hub, node, repo):
    name, first = repo([("a.bin", MIB), ("b.txt", 10)])
    run(node, "follow", name, "--include", "*.bin")
    assert not verified(node, name, first, "b.txt")
    run(node, "follow", name, "--include", "*.txt")  # other patterns: begun anew
    assert here(node, first)["include"] == ["*.txt"] and verified(node, name, first, "b.txt")
    run(node, "evict", name)
    assert verified(node, name, first, "b.txt") and not verified(node, name, first, "a.bin")
    run(node, "unfollow", name)
    assert follows(node) == [] and run(node, "follows")[0] == ""
    run(node, "evict", name)
    assert not verified(node, name, first, "b.txt")
    _, told = run(node, "unfollow", name, code=1)
    assert f"models/{name}@main is not followed" in told


def test_an_unfollowed_job_is_cancelled(hub, node, repo):
    name, _ = repo([("a.bin", 9 * MIB)])
    held = hub.fault("hold", r"a\.bin", listener="cdn", after_bytes=MIB)
    try:
        number = int(run(node, "follow", name, "--detach")[0])
        hub.wait_held(held, 1)
        assert wait_follow(node, lambda one: one["running"])["job"] == number
        assert int(run(node, "follow", name, "--detach")[0]) == number  # it runs already
        run(node, "unfollow", name)
        assert follows(node) == []
    finally:
        hub.release(held)
        hub.remove_fault(held)
    _, told = run(node, "cancel", str(number), code=1)
    assert "no job" in told


def test_what_cannot_be_followed_says_why(node, repo):
    name, sha = repo([("a.bin", 10)])
    _, told = run(node, "follow", f"{name}@{sha}", code=1)
    assert "a commit never changes" in told
    assert follows(node) == []
    run(node, "follow", "no/such-repo", code=1)
    one, = follows(node)  # it may come to be
    assert one["error"] and "commit" not in one


def test_without_upstream_nothing_is_asked(hub, node, repo):
    name, first = repo([("a.bin", MIB)])
    run(node, "follow", name)
    here(node, first)
    node.stop()
    node.start(**{"upstream.offline": True})
    hub.clear()
    second = new_commit(hub, name, "a.bin", MIB, "follow-6")
    assert follows(node)[0]["commit"] == first
    assert verified(node, name, first, "a.bin")
    node.stop()
    assert hub.requests() == []
    node.start(**{"upstream.offline": False})
    here(node, second)
