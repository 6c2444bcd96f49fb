# SPDX-License-Identifier: Apache-2.0
# Makes the package `hub` importable and starts one emulator for all tests of this folder;
# every test finds it without faults, up, and with its clock right.
import os
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from hub.client import Hub          # noqa: E402
from hub_asking import Asker        # noqa: E402


def pytest_terminal_summary(terminalreporter):
    """A skip is easily overlooked: what was not tested is said in red, also with -q."""
    for program in ("git", "git-lfs"):
        if shutil.which(program) is None:
            terminalreporter.write_line(
                f"NOT TESTED: {program} is not installed, tests of hub_git_test.py were skipped",
                red=True)


@pytest.fixture(scope="session")
def shared_hub():
    with Hub() as hub:
        yield hub


@pytest.fixture
def hub(shared_hub):
    shared_hub.remove_fault()
    shared_hub.down(False)
    shared_hub.move_clock(0)
    shared_hub.settings(gzip=True, gzip_files=True, xet=True)
    for repo in shared_hub.repos():
        if repo["hostile"]:
            shared_hub.hostile(repo["id"], None, repo["type"])
    shared_hub.clear()
    yield shared_hub
    shared_hub.remove_fault()


@pytest.fixture
def get(hub):
    return Asker(hub, hub.tokens())
