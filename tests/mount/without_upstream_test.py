# SPDX-License-Identifier: Apache-2.0
"""What the mount does while the Hub fails: what is here stays, nobody waits twice."""

import errno
import itertools
import os
import subprocess
import time

import pytest

from hubfs import wait_until

_numbers = itertools.count()
DEADLINE = 3  # seconds of upstream.deadline


@pytest.fixture
def repo(hub):
    """Makes a repository of this test's own with two branches -> its id and the commit of main."""
    name = f"gen/u{os.getpid()}-{next(_numbers)}"
    made = hub.create_repo(name, [{"path": "config.json", "text": "{}"},
                                  {"path": "sub/b.txt", "text": "b"}])
    hub.commit(name, [{"path": "c.txt", "text": "c"}], branch="dev")
    return name, made["sha"]


def errno_of(call, *arguments):
    try:
        call(*arguments)
    except OSError as failure:
        return failure.errno
    return 0


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("how", ["refuse", "close"])
@pytest.mark.parametrize("restart", [False, True])
def test_what_was_only_read_by_path_can_be_walked_without_upstream(make, hub, repo, restart, how):
    """P17, P32."""
    name, sha = repo
    with make({"freshness.state": "1s", "freshness.ref": "1s"}) as fs:
        top = fs.mount / "models" / name
        assert (top / "main/config.json").read_text() == "{}"
        assert (top / "main/sub/b.txt").read_text() == "b"
        if restart:
            fs.stop()
        hub.down(how=how)
        if restart:
            fs.start()
        assert sorted(os.listdir(top)) == sorted(["main", sha])
        found = run("find", str(fs.mount / "models"), "-type", "f", "-size", "+0")
        assert (found.returncode, found.stderr) == (0, "")
        files = [f"{top}/{sha}/{path}" for path in ("config.json", "sub/b.txt")]
        assert sorted(found.stdout.split()) == files
        listed = run("ls", "-lR", str(fs.mount / "models"))
        assert (listed.returncode, listed.stderr) == (0, "")
        copy = fs.folder / "copy"
        synced = run("rsync", "-a", f"{top}/", f"{copy}/")
        assert synced.returncode == 0, synced.stderr
        assert (copy / "main/sub/b.txt").read_text() == "b"
        # Nobody pretends about what is not here.
        assert errno_of(os.stat, top / "dev") not in (0, errno.ENOENT)


def test_a_question_that_hangs_is_waited_for_once(make, hub, repo):
    """P39: Namespace's guess and repository are one wait; who asks again within 2 s is told."""
    name, _ = repo
    with make({"upstream.deadline": f'"{DEADLINE}s"'}) as fs:
        hub.down(how="blackhole")
        path = fs.mount / "models" / name
        start = time.monotonic()
        assert errno_of(os.stat, path / "main/config.json") == errno.ETIMEDOUT
        assert time.monotonic() - start < DEADLINE + 2
        again = time.monotonic()
        assert errno_of(os.stat, path / "main/config.json") == errno.ETIMEDOUT
        assert errno_of(os.getxattr, path, "user.hub.last_error") == errno.ETIMEDOUT
        assert time.monotonic() - again < 1
        hub.down(False)
        wait_until(lambda: errno_of(os.stat, path / "main/config.json") == 0, what="the Hub again")


def test_a_second_rsync_after_a_restart_touches_nothing(make, repo):
    """P24."""
    name, sha = repo
    with make() as fs:
        top, copy = fs.mount / "models" / name, fs.folder / "copy"
        dates = {os.lstat(path).st_mtime_ns for path in (top, top / "main", top / "dev", top / sha)}
        assert len(dates) == 1  # that of main's commit, not when hubfs started
        first = run("rsync", "-ai", f"{top}/", f"{copy}/")
        assert first.returncode == 0 and "config.json" in first.stdout, first.stderr
        assert (copy / "dev/c.txt").read_text() == "c"
        fs.stop()
        fs.start()
        second = run("rsync", "-ai", f"{top}/", f"{copy}/")
        assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_a_tree_that_cannot_be_read_is_a_line_of_the_log(make, hub, repo):
    """P51."""
    name, sha = repo
    with make() as fs:
        hub.hostile(name, "traversal")
        try:
            assert errno_of(os.listdir, fs.mount / "models" / name / sha) == errno.EPROTO
            wait_until(lambda: f"upstream_answer path=/api/models/{name}/tree/{sha}" in fs.said(),
                       what="the line")
        finally:
            hub.hostile(name, None)
