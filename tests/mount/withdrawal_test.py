# SPDX-License-Identifier: Apache-2.0
"""What the kernel must forget: repositories that stop being public, bytes that did not verify."""

import errno
import itertools
import os

import pytest

from hubfs import wait_until

_numbers = itertools.count()


@pytest.fixture
def repo(hub):
    """Makes a repository of this test's own: repo(path, size) -> its id."""

    def build(path, size):
        name = f"gen/w{os.getpid()}-{next(_numbers)}"
        hub.create_repo(name, [{"path": path, "size": size, "seed": name, "lfs": True}])
        return name

    return build


def outcome(call, *arguments):
    """The errno, 0 when it worked."""
    try:
        call(*arguments)
    except OSError as failure:
        return failure.errno
    return 0


def test_a_repository_that_becomes_gated_is_gone_within_its_state_lifetime(make, hub, repo):
    """P33, P35."""
    name = repo("a.bin", 1000)
    with make({"freshness.state": "1s"}) as fs:
        path = fs.mount / "models" / name / "main/a.bin"
        commit = path.resolve()
        assert len(path.read_bytes()) == 1000
        epoch = int((fs.mount / ".status/epoch").read_text())
        hub.set_state(name, gated="manual")
        wait_until(lambda: outcome(open, path) == errno.EACCES, what="EACCES by the branch")
        # By the commit too, which the kernel was told to keep for ever.
        wait_until(lambda: outcome(os.stat, commit) == errno.EACCES, what="EACCES by the commit")
        assert int((fs.mount / ".status/epoch").read_text()) > epoch
        assert f"models/{name} gated" in (fs.mount / ".status/changes").read_text()
        hub.set_state(name, gated=False)
        wait_until(lambda: outcome(path.read_bytes) == 0, what="public again")


def test_bytes_that_do_not_verify_are_an_error_and_leave_no_page_behind(make, hub, repo):
    """P1."""
    size = 5 << 20
    name = repo("a.bin", size)
    with make() as fs:
        path = fs.mount / "models" / name / "main/a.bin"
        fault = hub.fault("wrong_bytes", r"a\.bin", listener="cdn", after_bytes=100, length=1)
        assert outcome(path.read_bytes) == errno.EIO
        hub.remove_fault(fault)
        wait_until(lambda: outcome(path.read_bytes) == 0, what="the right bytes")
        data = path.read_bytes()
        hub_bytes = hub_content(hub, name, "a.bin")
        assert data == hub_bytes


def hub_content(hub, name, path):
    import urllib.request
    with urllib.request.urlopen(f"{hub.url}/{name}/resolve/main/{path}") as answer:
        return answer.read()
