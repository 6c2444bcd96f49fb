# SPDX-License-Identifier: Apache-2.0
"""`hf-mirror reload`: another program on the same mount, and nobody who reads notices."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import threading

import pytest

from hubfs import Hubfs, bin_dir, mounts_at

FILE = "models/demo/big/main/blob-1m.bin"


@pytest.fixture(name="programs")
def programs_fixture(tmp_path):
    """Copies, so that one can be installed anew."""
    target = tmp_path / "bin"
    target.mkdir()
    for name in ("hubfs", "hubfs-daemon"):
        shutil.copy(bin_dir() / name, target / name)
    return target


@pytest.fixture(name="node")
def node_fixture(hub, programs, tmp_path):
    class Installed(Hubfs):
        def command(self):
            return [str(programs / "hubfs"), *super().command()[1:]]

    with Installed(tmp_path / "node", hub) as running:
        yield running


def reload(node):
    sets = [word for key in ("node.run_dir", "mount.path") if key in node.sets
            for word in ("--set", f"{key}={node.sets[key]}")]
    return subprocess.run([str(bin_dir() / "hf-mirror"), "reload", *sets], check=False,
                          capture_output=True, text=True, timeout=120)


def install(programs, content):
    """As a package manager does: a new file by rename, the old one goes on running."""
    fresh = programs / "hubfs-daemon.new"
    fresh.write_bytes(content)
    fresh.chmod(0o755)
    fresh.rename(programs / "hubfs-daemon")


def program_of(pid):
    return os.stat(f"/proc/{pid}/exe").st_ino


def test_a_new_program_takes_over_beside_readers(hub, node, programs):
    """P41, P58: what waits and what is open is handed to the new program."""
    true = hashlib.sha256((node.mount / "models/demo/big/main/blob-8m.bin").read_bytes()).digest()
    fault = hub.fault("hold", r"blob-1m\.bin", listener="cdn")
    answers = []
    reader = threading.Thread(target=lambda: answers.append((node.mount / FILE).read_bytes()))
    with open(node.mount / "models/demo/big/main/blob-8m.bin", "rb", buffering=0) as file:
        head = file.read(1 << 20)
        reader.start()
        hub.wait_held(fault)
        install(programs, (bin_dir() / "hubfs-daemon").read_bytes())
        old = node.daemon
        done = reload(node)
        assert done.returncode == 0, done.stderr + node.said()
        assert "generation 1" in done.stdout
        assert node.daemon != old
        assert program_of(node.daemon) == (programs / "hubfs-daemon").stat().st_ino
        hub.wait_held(fault)  # the new one asks again
        hub.release(fault)
        reader.join(60)
        assert hashlib.sha256(head + file.read()).digest() == true
    assert [len(answer) for answer in answers] == [1 << 20]
    assert mounts_at(node.mount) == 1
    assert "daemon_died" not in node.said()


def test_a_death_starts_the_program_that_ran_and_not_what_lies_there(node, programs):
    ran = program_of(node.daemon)
    install(programs, b"#!/bin/false\n")
    node.kill_daemon()
    assert len((node.mount / FILE).read_bytes()) == 1 << 20
    assert program_of(node.daemon) == ran


@pytest.mark.parametrize("broken", [b"#!/bin/false\n", b"no program at all"], ids=["ends", "noise"])
def test_a_program_that_does_not_start_is_left_for_the_one_before(node, programs, broken):
    """P58."""
    content = (node.mount / FILE).read_bytes()
    ran = program_of(node.daemon)
    install(programs, broken)
    done = reload(node)
    assert done.returncode == 1
    assert "the one before serves on" in done.stderr, done.stderr + node.said()
    assert program_of(node.daemon) == ran
    assert (node.mount / FILE).read_bytes() == content
    install(programs, (bin_dir() / "hubfs-daemon").read_bytes())
    assert reload(node).returncode == 0
    assert program_of(node.daemon) == (programs / "hubfs-daemon").stat().st_ino


def test_without_hubfs_or_resend_it_says_so(make, tmp_path):
    absent = subprocess.run([str(bin_dir() / "hf-mirror"), "reload", "--set",
                             f'node.run_dir="{tmp_path}"'], check=False, capture_output=True,
                            text=True)
    assert absent.returncode == 1
    assert str(tmp_path) in absent.stderr
    with make({"mount.disable_features": '["resend"]'}) as fs:
        old = fs.daemon
        done = reload(fs)
        assert done.returncode == 1
        assert "cannot hand waiting requests" in done.stderr
        assert fs.daemon == old
        assert pathlib.Path(fs.mount / FILE).stat().st_size == 1 << 20
