# SPDX-License-Identifier: Apache-2.0
"""What the clients that are not Python have in common: an empty home, a namespace that reaches the
mirror alone, and the same work twice, on a cold and on a warm mirror.

Knows no client. Where one was not installed (packaging/lib/clients.sh) its tests skip and say so.
"""

import pathlib
import re
import shutil

import pytest

from isolated import Isolated

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "build/js/node_modules"
NODE = ROOT / "build/venv-node/bin/node"
SECONDS = 300  # of one run of a client


def command(name):
    """The path of a program of Debian's."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


class Home:
    """A new user: no cache, no configuration, no token."""

    def __init__(self, net, folder):
        self.net = net
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)

    def run(self, argv, check=True, cwd=None, **env):
        """Standard output of a program that ran here; what it complained of when it failed."""
        variables = {"PATH": f"{NODE.parent}:/usr/bin:/bin", "HOME": str(self.folder),
                     "LANG": "C.UTF-8", "NO_COLOR": "1"}
        variables.update({key: str(value) for key, value in env.items()})
        done = self.net.run(argv, env=variables, timeout=SECONDS, cwd=cwd or self.folder)
        if check:
            assert done.returncode == 0, f"{argv}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def node(self, program, *words, text=None, **env):
        """Runs tests/e2e/js/PROGRAM, or `text` under that name."""
        if not (MODULES.is_dir() and NODE.exists()):
            pytest.skip("no Node clients in build/js (npm's registry or PyPI not reached?)")
        link = self.folder / "node_modules"
        if not link.exists():
            link.symlink_to(MODULES)
        target = self.folder / program
        target.write_text(text or (ROOT / "tests/e2e/js" / program).read_text())
        return self.run([NODE, target, *words], **env)


def told(row):
    """A row of the emulator's log in a few words; signed queries are long."""
    target = row["target"] if row["listener"] == "hub" else row["target"].split("?")[0]
    return f"{row['method']} {target} {row['range'] or ''} {row['content'] or ''}".rstrip()


def cold_and_warm(hub, mirror, folder, work, content, passed=None):
    """work(Home) twice, each time a new user, and both results, which must be equal.

    The cold run costs upstream each byte once (`content` in all, None: not counted), also where a
    client asks for one byte, leaves, and comes back for the file. The warm run costs nothing: no
    request but those that match `passed`, which are never cached. Nothing but the mirror was asked
    for by the client.
    """
    results = []
    with Isolated(mirror) as net:
        for number, expected in enumerate((content, 0)):
            hub.clear()
            results.append(work(Home(net, folder / f"home-{number}")))
            asked = [told(row) for row in hub.requests()]
            sent = hub.content_bytes()
            if expected is not None:
                assert sent == expected, f"run {number}: {sent} by {asked}"
            if number:
                extra = [line for line in asked if not (passed and re.search(passed, line))]
                assert not extra, f"asked of the Hub while warm: {extra}"
        assert not net.attempts, f"asked past the mirror: {net.attempts}"
    assert results[0] == results[1]
    return results[0]
