# SPDX-License-Identifier: Apache-2.0
"""packaging/mount.fuse.hubfs: mount(8), /etc/fstab and umount(8), over the Hub and another node.

mount(8) looks for it in /sbin and reads /etc/fstab; both are the test's own, in a mount namespace.
"""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest

from hubfs import ROOT, bin_dir, mounts_at, wait_until
from mirror import Mirror

SCRIPT = ROOT / "packaging/mount.fuse.hubfs"
FILE = "models/demo/small/main/config.json"
AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
# Words: folder for /sbin, file for /etc/fstab, the command. /proc is that of the namespace anyway.
NAMESPACE = 'mount --bind "$1" /usr/sbin && mount --bind "$2" /etc/fstab && shift 2 && exec "$@"'


class Line:
    """A line of fstab for a node of its own, and what runs because of it."""

    def __init__(self, folder, spec, upstream, programs=None, **more):
        self.folder, self.spec = folder, spec
        self.mount, self.log = folder / "a mount", folder / "log/mount.log"
        self.mount.mkdir(parents=True)
        sets = {"node.state_dir": folder / "state", "node.run_dir": folder / "run",
                "cache.dirs": folder / "cache", "upstream.allow_http": "true", **more}
        if spec != upstream:
            sets["upstream.url"] = upstream
        self.options = ",".join([f"program={programs or bin_dir()}/hubfs", f"log={self.log}",
                                 *(f"{key}={value}" for key, value in sets.items())])

    def call(self, *more, spec=None, options=None):
        """The script itself, with the words that mount(8) uses."""
        return subprocess.run([*self.words(spec, options), *more], capture_output=True,
                              text=True, timeout=60, check=False)

    def words(self, spec=None, options=None):
        return [str(SCRIPT), spec or self.spec, str(self.mount), "-o",
                f"rw,{self.options}{options or ''}"]

    def fstab(self, more="defaults"):
        words = [self.spec, self.mount, "fuse.hubfs", f"{more},{self.options}", "0", "0"]
        return " ".join(str(word).replace(" ", "\\040") for word in words) + "\n"

    def process(self):
        """The supervisor, found by its arguments."""
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().decode(errors="replace").split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if words[0].endswith("/hubfs") and str(self.mount) in words:
                return int(path.parent.name)
        return None

    def mounted(self):
        return mounts_at(str(self.mount).replace(" ", "\\040"))

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def gone(self):
        wait_until(lambda: self.process() is None, what="the end of hubfs")
        assert self.mounted() == 0

    def end(self):
        while self.mounted():
            subprocess.run(["umount", "-l", str(self.mount)], check=True)
        self.gone()


@pytest.fixture
def line(hub, tmp_path):
    made = Line(tmp_path / "node", hub.url, hub.url,
                **{"upstream.content_hosts": hub.cdn_url.removeprefix("http://")})
    yield made
    made.end()


@pytest.fixture
def within(tmp_path):
    """Runs shell text where /sbin holds the script alone and /etc/fstab is `fstab`."""
    def run(fstab, text):
        sbin = tmp_path / "sbin"
        sbin.mkdir(exist_ok=True)
        shutil.copy(SCRIPT, sbin / SCRIPT.name)
        (tmp_path / "fstab").write_text(fstab)
        return subprocess.run(
            ["unshare", "--mount", "--propagation=private", "sh", "-euc", NAMESPACE, "sh",
             str(sbin), str(tmp_path / "fstab"), "sh", "-euc", text], capture_output=True,
            text=True, timeout=120, check=False)
    return run


def test_a_line_of_fstab_mounts_and_umount_ends_hubfs(line, within):
    """P49."""
    done = within(line.fstab("defaults,nofail,_netdev,x-systemd.automount,noauto"),
                  f"mount '{line.mount}'; cat '{line.mount}/{FILE}'; umount '{line.mount}'")
    assert (done.returncode, len(done.stdout)) == (0, 48), done.stderr
    line.gone()
    assert "unmounted" in line.log.read_text()


def test_mount_all_mounts_what_is_not_there_yet(hub, tmp_path, within):
    """P49: The word hubfs as SPEC is what the kernel shows too, so that mount -a knows it again."""
    line = Line(tmp_path / "node", "hubfs", hub.url)
    try:
        done = within(line.fstab(), f"mount -a; mount -a; findmnt -n -o FSTYPE '{line.mount}';"
                                    f" umount '{line.mount}'")
        assert (done.returncode, done.stdout.strip()) == (0, "fuse.hubfs"), done.stderr
        line.gone()
    finally:
        line.end()


def test_mount_all_with_an_address_says_that_it_is_mounted_and_harms_nothing(line, within):
    """P49."""
    done = within(line.fstab(), f"mount -a; mount -a || echo $?; cat '{line.mount}/{FILE}' | wc -c;"
                                f"umount '{line.mount}'")
    assert (done.returncode, done.stdout) == (0, "32\n48\n"), done.stderr
    assert "another hubfs" in done.stderr
    line.gone()


def test_a_type_on_the_command_line_needs_no_fstab(line, within):
    """P49."""
    done = within("", f"mount -t fuse.hubfs -o '{line.options}' {line.spec} '{line.mount}';"
                      f"cat '{line.mount}/{FILE}'; umount '{line.mount}'")
    assert (done.returncode, len(done.stdout)) == (0, 48), done.stderr
    line.gone()


def test_options_come_from_a_file_and_from_the_line(line):
    """P49."""
    config = line.folder / "node.toml"
    config.write_text(f'[upstream]\nurl = "{line.spec}"\n[cache]\nsize = "1GiB"\n')
    for words in ({"spec": str(config)}, {"spec": "none", "options": f",config={config}"}):
        done = line.call("-v", **words)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"ready mount={line.mount}\n"
        found = os.statvfs(line.mount)
        assert found.f_blocks * found.f_frsize == 1 << 30
        subprocess.run(["umount", str(line.mount)], check=True)
        line.gone()
    assert line.log.with_suffix(".log.old").exists()


def test_umount_and_mount_may_follow_each_other_at_once(line):
    """P49: hubfs ends a moment after the unmount; the next one waits for it."""
    for number in range(3):
        done = line.call()
        assert done.returncode == 0, (number, done.stderr)
        supervisor = line.process()
        assert (line.mount / FILE).read_bytes()
        os.kill(supervisor, signal.SIGSTOP)  # it cannot leave before the next one has come
        try:
            subprocess.run(["umount", str(line.mount)], check=True)
            waiting = subprocess.Popen(line.words(), stderr=subprocess.PIPE)
            wait_until(lambda: "another hubfs" in line.said(), what="the refusal")
        finally:
            os.kill(supervisor, signal.SIGCONT)
        assert waiting.wait(30) == 0, waiting.stderr.read()
        subprocess.run(["umount", str(line.mount)], check=True)
        line.gone()


def test_what_is_wrong_ends_with_the_exit_code_and_the_words_of_hubfs(line):
    """P49."""
    for options, code, words in ((",cache.size=x", 2, "cache.size"), (",bogus", 2, "bogus"),
                                 (",remount", 2, "unmount it"),
                                 (",program=/no/hubfs", 3, "/no/hubfs"),
                                 (f",cache.dirs={SCRIPT}/x", 3, str(SCRIPT)),
                                 (",log=/proc/x/log,cache.size=x", 2, "nothing is logged"),
                                 (",log=/proc/x/log,cache.size=x", 2, "wants a size")):
        done = line.call(options=options)
        assert (done.returncode, words in done.stderr) == (code, True), (options, done.stderr)
        line.gone()
    assert line.call("-s", "-f", options=",bogus").returncode == 0  # sloppy; only pretend
    assert line.call(spec="ftp://x").returncode == 2
    assert line.process() is None


def test_a_node_over_another_node_has_the_same_bytes(hub, tmp_path):
    """P48, P49: No host of the Hub is needed: a node hands content out itself."""
    with Mirror(tmp_path / "far", hub.url, [hub.cdn_url.removeprefix("http://")],
                rsync=False) as far:
        near = Line(tmp_path / "near", far.http, far.http, **{"upstream.content_hosts": "[]"})
        try:
            done = near.call()
            assert done.returncode == 0, done.stderr
            for name in (FILE, "models/demo/small/main/weights.bin",
                         "models/demo/big/main/blob-8m.bin", "datasets/demo/tiny/main/README.md"):
                assert (near.mount / name).read_bytes() == (far.mount / name).read_bytes()
            for folder in ("models/demo/small", "models/demo/small/main",
                           "models/demo/wide/main/"):
                assert sorted(os.listdir(near.mount / folder)) == \
                    sorted(os.listdir(far.mount / folder))
            path = near.mount / "models/demo/big/main/blob-8m.bin"
            wait_until(lambda: os.getxattr(path, "user.hub.verified") == b"1", what="verified")
            subprocess.run(["umount", str(near.mount)], check=True)
            near.gone()
        finally:
            near.end()


@pytest.fixture
def nobodys(hub):
    """A line and programs of an ordinary user, who may open /dev/fuse."""
    if subprocess.run([*AS_NOBODY, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("ordinary users can run nothing on this machine: is / open to them (0755)?")
    mode = os.stat("/dev/fuse").st_mode & 0o777
    folder = pathlib.Path("/tmp") / f"hubfs-fstab-{os.getpid()}"
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name in ("hubfs", "hubfs-daemon"):
        shutil.copy(bin_dir() / name, programs / name)
    shutil.copy(SCRIPT, folder / SCRIPT.name)
    os.chmod("/dev/fuse", 0o666)
    yield folder
    os.chmod("/dev/fuse", mode)
    shutil.rmtree(folder)


@pytest.fixture
def over_a_node(hub, tmp_path, nobodys):
    """(a running node, an ordinary user's line whose upstream it is)."""
    with Mirror(tmp_path / "far", hub.url, [hub.cdn_url.removeprefix("http://")],
                rsync=False) as far:
        line = Line(nobodys / "node", far.http, far.http, programs=nobodys / "bin",
                    **{"mount.allow_other": "false", "upstream.content_hosts": "[]"})
        for path in (line.folder, line.mount):
            shutil.chown(path, "nobody")
        yield far, line
        line.end()


def test_an_ordinary_user_mounts_over_another_node(over_a_node, nobodys):
    """P48, P49: As on a compute node: /dev/fuse and fusermount3 are all that it takes."""
    far, near = over_a_node
    words = [str(nobodys / SCRIPT.name), *near.words()[1:]]
    subprocess.run([*AS_NOBODY, *words], check=True, timeout=60)
    shown = subprocess.run([*AS_NOBODY, "cat", f"{near.mount}/{FILE}"], check=True,
                           capture_output=True)
    assert shown.stdout == (far.mount / FILE).read_bytes()
    subprocess.run([*AS_NOBODY, "fusermount3", "-u", str(near.mount)], check=True)
    near.gone()


def test_the_root_of_a_rootless_container_mounts_over_another_node(over_a_node, nobodys):
    """P48, P49: Root of a user namespace, without fusermount3."""
    far, near = over_a_node
    into = [*AS_NOBODY, "unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*into, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("ordinary users may make no namespaces here")
    text = 'mnt=$1 file=$2; shift 2; PATH=/usr/bin:/bin; "$@"; cat "$mnt/$file"; umount "$mnt"'
    words = [str(nobodys / SCRIPT.name), *near.words()[1:]]
    done = subprocess.run([*into, "sh", "-euc", text, "sh", str(near.mount), FILE, *words],
                          capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, (far.mount / FILE).read_bytes()), done.stderr
    near.gone()


def test_a_line_for_users_is_mounted_and_unmounted_by_them(hub, within, nobodys):
    """P49."""
    line = Line(nobodys / "node", hub.url, hub.url, programs=nobodys / "bin",
                **{"mount.allow_other": "false"})
    for path in (line.folder, line.mount):
        shutil.chown(path, "nobody")
    as_nobody = " ".join(AS_NOBODY)
    try:
        done = within(line.fstab("noauto,user"),
                      f"cd /; {as_nobody} mount '{line.mount}';"
                      f"{as_nobody} cat '{line.mount}/{FILE}'; {as_nobody} umount '{line.mount}'")
        assert (done.returncode, len(done.stdout)) == (0, 48), done.stderr
        line.gone()
    finally:
        line.end()
