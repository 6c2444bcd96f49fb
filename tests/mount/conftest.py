# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the mount tests: an emulated Hub for all, a hubfs for each test that asks for one.

They need root and /dev/fuse, and fail with the remedy where that is missing: without a mount there
is no product.
"""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/support")]

from hub.client import Hub  # noqa: E402
from hubfs import Hubfs, bin_dir  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def prerequisites():
    assert os.geteuid() == 0, "the mount tests must run as root"
    assert pathlib.Path("/dev/fuse").exists(), "no /dev/fuse: modprobe fuse"
    assert (bin_dir() / "hubfs").exists(), f"build first: no hubfs in {bin_dir()}"


@pytest.fixture(scope="session")
def hub():
    with Hub() as running:
        yield running


@pytest.fixture(autouse=True)
def honest(hub):
    """Each test begins and ends with a Hub that is up and well."""
    yield
    hub.remove_fault()
    hub.down(False)


@pytest.fixture
def make(hub, tmp_path):
    """Makes a Hubfs in this test's folder: make(**sets), a context manager."""

    def build(sets=None, **more):
        return Hubfs(tmp_path / "node", hub, sets, **more)

    return build


@pytest.fixture
def fs(make):
    with make() as running:
        yield running


# Everything the kernel offers, and what Debian 12's own kernel (6.1) has.
KERNELS = {
    "all": "[]",
    "6.1": '["passthrough", "resend", "request_timeout", "epoch", "prune"]',
}


@pytest.fixture(scope="module", params=sorted(KERNELS))
def shared(request, hub, tmp_path_factory):
    """One hubfs for all tests of a file that only read, once per kind of kernel."""
    sets = {"mount.disable_features": KERNELS[request.param]}
    with Hubfs(tmp_path_factory.mktemp("shared") / "node", hub, sets) as running:
        yield running
