# SPDX-License-Identifier: Apache-2.0
"""The mount as ordinary programs see it: ls, find, stat, cat, cp, tar, sha256sum, mmap."""

import hashlib
import mmap
import os
import subprocess

from conftest import sha256_of

MINUTE = 60


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, timeout=2 * MINUTE,
                          **more).stdout


def test_looking_around_fetches_no_content(hub, mirror):
    """P22: find, ls -lR and stat need metadata only."""
    root = mirror.path("models/demo/wide")
    before = hub.content_bytes()
    main = os.path.realpath(root / "main")
    names = run("find", main, "-type", "f").splitlines()
    assert len(names) >= 2500
    listing = run("ls", "-lR", main).decode()
    assert listing.count("-r--r--r--") >= 2500
    big = mirror.path("models/demo/big/main/blob-1g.bin")
    assert os.stat(big).st_size == 1 << 30
    assert hub.content_bytes() == before


def test_names_of_every_kind_are_there(mirror):
    """P51: Spaces, #, %, UTF-8, nested folders and an empty file."""
    main = mirror.path("models/demo/small/main")
    names = {os.path.relpath(os.path.join(folder, name), main)
             for folder, _, files in os.walk(main) for name in files}
    assert "empty.txt" in names
    assert any(" " in name for name in names)
    assert any("#" in name for name in names)
    assert any("%" in name for name in names)
    assert any(not name.isascii() for name in names)
    for name in names:
        with open(main / name, "rb") as file:
            assert len(file.read()) == os.stat(main / name).st_size, name


def test_refs_are_symlinks_to_commits(hub, mirror):
    """P16: A branch, a tag, a branch with a slash and a pull request lead to their commits."""
    repo = mirror.path("models/demo/small")
    refs = hub.refs("models", "demo/small")
    for name in ("main", "dev", "feature/x", "v1.0", "refs/pr/1"):
        link = repo / name.replace("%", "%25").replace("/", "%2F")
        assert os.readlink(link) == refs[name], name
    assert "main" in os.listdir(repo)
    assert "refs%2Fpr%2F1" not in os.listdir(repo)


def test_renamed_and_one_segment_repositories(mirror):
    """P13: Old names are symlinks to the new ones; one-segment repositories live under `-`."""
    assert os.path.islink(mirror.path("models/old-org/old-name"))
    new = os.path.realpath(mirror.path("models/old-org/old-name"))
    assert new == str(mirror.path("models/demo/small"))
    one = mirror.path("models/tinybert")
    assert os.path.realpath(one) == str(mirror.path("models/-/tinybert"))
    assert "main" in os.listdir(one)


def test_cat_cp_tar_and_sha256sum_agree(hub, mirror, repo, tmp_path):
    """P1: Four readers, the same bytes, each block fetched once."""
    name, sha = repo([("a.bin", 5 << 20), ("sub/b.bin", 3_333_333), ("c.bin", 17)])
    tree = mirror.path("models", name, sha)
    hub.clear()
    sums = {}
    for path in ("a.bin", "sub/b.bin", "c.bin"):
        sums[path] = run("sha256sum", tree / path).split()[0].decode()
        assert hashlib.sha256(run("cat", tree / path)).hexdigest() == sums[path]
        assert hub.sha256("models", name, sha, path) == sums[path]
    run("cp", "-r", str(tree), str(tmp_path / "copy"))
    run("tar", "-C", str(tree), "-cf", str(tmp_path / "all.tar"), ".")
    (tmp_path / "out").mkdir()
    run("tar", "-C", str(tmp_path / "out"), "-xf", str(tmp_path / "all.tar"))
    for path, expected in sums.items():
        assert sha256_of(tmp_path / "copy" / path) == expected
        assert sha256_of(tmp_path / "out" / path) == expected
    assert hub.content_bytes() == (5 << 20) + 3_333_333 + 17


def test_mmap_reads_the_same_bytes(hub, mirror, repo):
    """P1: Random pages by mmap before anything else has read the file."""
    name, sha = repo([("m.bin", 9 << 20)])
    with open(mirror.path("models", name, sha, "m.bin"), "rb") as file:
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
            for offset in (8 << 20, 5_000_001, 1, (9 << 20) - 10):
                view[offset]
            digest = hashlib.sha256(view).hexdigest()
    assert digest == hub.sha256("models", name, sha, "m.bin")


def test_a_tail_read_fetches_only_the_tail(hub, mirror, repo):
    """P7: The footer of a large file costs two blocks at most."""
    name, sha = repo([("t.bin", 64 << 20)])
    path = mirror.path("models", name, sha, "t.bin")
    with open(path, "rb") as file:
        hub.clear()
        os.pread(file.fileno(), 1000, (64 << 20) - 1000)
    assert 0 < hub.content_bytes() <= 2 << 20


def test_attributes_tell_the_story(hub, mirror, repo):
    """What hub-httpd relies on and a person can read with getfattr."""
    name, sha = repo([("x.bin", 2 << 20), ("y.bin", 100)])
    tree = mirror.path("models", name, sha)
    expected = hub.sha256("models", name, sha, "x.bin")
    get = lambda path, attribute: os.getxattr(path, "user.hub." + attribute).decode()
    assert get(tree / "x.bin", "etag") == expected
    assert get(tree / "x.bin", "sha256") == expected
    assert get(tree / "x.bin", "commit") == sha
    assert get(tree / "x.bin", "verified") == "0"
    assert get(tree / "x.bin", f"held.0-{(2 << 20) - 1}") == "0"
    assert (tree / "x.bin").read_bytes()
    assert get(tree / "x.bin", "verified") == "1"
    assert get(tree / "x.bin", f"held.0-{(2 << 20) - 1}") == "1"
    assert get(tree.parent, "state") == "public"
    assert f"commit={sha}" in get(tree.parent, "ref.main")
    dump = run("getfattr", "-d", str(tree / "x.bin")).decode()
    assert "user.hub.etag" in dump


def test_errno_tells_missing_from_forbidden(mirror):
    """P33: ENOENT for what does not exist, EACCES below a gated or disabled repository."""
    import errno

    def error_of(*parts):
        try:
            os.listdir(mirror.path(*parts))
        except OSError as error:
            return error.errno
        return 0

    assert error_of("models/demo/no-such-repository") == errno.ENOENT
    assert error_of("models/demo/small/no-such-branch") == errno.ENOENT
    assert error_of("models/gated-org/gated-model/main") == errno.EACCES
    assert error_of("models/private-org/private-model") == errno.ENOENT


def test_the_mount_is_read_only(mirror):
    """P36: Every attempt to write is EROFS."""
    import errno

    for attempt in (lambda: open(mirror.path("models/demo/small/new"), "w"),
                    lambda: os.mkdir(mirror.path("models/demo/small/x")),
                    lambda: os.unlink(mirror.path("models/demo/small/main")),
                    lambda: os.chmod(mirror.path("models"), 0o777)):
        try:
            attempt()
        except OSError as error:
            assert error.errno == errno.EROFS
        else:
            raise AssertionError("a write went through")


def test_df_and_du_show_the_cache(mirror, repo):
    """P23, P44: statfs is the quota; st_blocks counts cached bytes, st_size the content."""
    assert os.statvfs(mirror.mount).f_blocks * os.statvfs(mirror.mount).f_frsize == 8 << 30
    name, sha = repo([("d.bin", 4 << 20)])
    path = mirror.path("models", name, sha, "d.bin")
    assert os.stat(path).st_blocks == 0
    path.read_bytes()
    assert os.stat(path).st_size == 4 << 20
