# SPDX-License-Identifier: Apache-2.0
"""The namespace that clients run in: the mirror is there, all else is refused and told."""

import subprocess
import sys

import pytest

from isolated import Isolated
from mirror import wait_gone

PROBE = """
import socket, sys, urllib.request
print(urllib.request.urlopen(sys.argv[1] + "/healthz", timeout=10).status)
for name in ("huggingface.co", "203.0.113.9", "2001:db8::9", "127.0.0.1"):
    try:
        socket.create_connection((name, 4433), timeout=5)
        print("reached", name)
    except OSError as error:
        print(type(error).__name__)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.53", 53))
"""


def test_only_the_mirror_is_reached_and_every_other_attempt_is_told(mirror):
    with Isolated(mirror) as net:
        done = net.run([sys.executable, "-c", PROBE, net.url])
        assert done.stdout.split() == ["200", "gaierror", "ConnectionRefusedError",
                                       "ConnectionRefusedError", "ConnectionRefusedError"]
        assert net.attempts == ["dns huggingface.co", "tcp 203.0.113.9:4433",
                                "tcp 2001:db8::9:4433", "tcp 127.0.0.1:4433", "udp 192.0.2.53:53"]


def test_a_client_that_only_asks_the_mirror_leaves_no_attempt(mirror):
    with Isolated(mirror) as net:
        done = net.run(["curl", "-sfL", f"{net.url}/demo/small/resolve/main/config.json"])
        assert done.returncode == 0 and done.stdout.startswith("{")
        assert net.attempts == []


def test_a_name_can_be_given_to_the_mirror_by_tls(mirror):
    """The client believes the test CA because the system's bundle is replaced inside."""
    with Isolated(mirror, takeover=["huggingface.co"]) as net:
        done = net.run(["curl", "-sf", "https://huggingface.co/healthz"])
        assert done.returncode == 0, done.stderr
        told = ["curl", "-sf", "--capath", "/nowhere", "--cacert", net.ca]
        assert net.run([*told, "https://huggingface.co/healthz"]).returncode == 0
        assert net.attempts == []


def test_a_program_that_does_not_end_is_ended_with_its_children(mirror, tmp_path):
    with Isolated(mirror) as net:
        with pytest.raises(subprocess.TimeoutExpired):
            net.run(["sh", "-c", "sleep 1000 & echo $! >pid; sleep 1000"], timeout=1, cwd=tmp_path)
    wait_gone(int((tmp_path / "pid").read_text()))
