# SPDX-License-Identifier: Apache-2.0
"""A bad upstream: right bytes or a clear error, never wrong bytes, and a clean cache afterwards."""

import errno
import os
import threading
import urllib.error
import urllib.request

import pytest

from conftest import make_mirror, sha256_of

SIZE = 6 << 20


def read_error(path):
    """The errno of reading the file whole, 0 when it worked."""
    try:
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 20):
                pass
    except OSError as error:
        return error.errno
    return 0


@pytest.fixture
def file(hub, fresh, repo):
    """A cold 6 MiB file: its path in the mount, its address, its true hash."""
    name, sha = repo([("f.bin", SIZE)])
    path = fresh.path("models", name, sha, "f.bin")
    os.stat(path)  # metadata first: the faults below are about content
    return path, f"{fresh.http}/{name}/resolve/{sha}/f.bin", hub.sha256("models", name, sha,
                                                                        "f.bin")


@pytest.mark.parametrize("kind,more", [
    ("cut", {"after_bytes": 700_000}),
    ("reset", {"after_bytes": 1_500_000}),
    ("slow", {"bytes_per_second": 2_000_000}),
    ("status", {"status": 503}),
])
def test_a_fault_that_passes_is_survived(hub, file, kind, more):
    """Once cut, reset, short, slow or refused: the reader still gets the right bytes."""
    path, _, digest = file
    hub.fault(listener="cdn", kind=kind, times=1, **more)
    assert sha256_of(path) == digest


@pytest.mark.parametrize("kind", ["wrong_length_short", "wrong_length_long"])
def test_a_wrong_length_is_a_clear_error(hub, file, kind):
    """An answer of another size than the tree says is refused, never cut or padded to fit."""
    path, _, digest = file
    fault = hub.fault(listener="cdn", kind=kind)
    assert read_error(path) == errno.EPROTO
    hub.clear_faults(fault)
    assert eventually(lambda: sha256_of(path) == digest)


def test_wrong_bytes_are_never_called_verified(hub, file):
    """P5: A lying CDN: the read fails with EIO, then, when it is honest again, all is well."""
    path, url, digest = file
    fault = hub.fault(listener="cdn", kind="wrong_bytes")
    assert read_error(path) == errno.EIO
    assert os.getxattr(path, "user.hub.verified") == b"0"
    with pytest.raises((urllib.error.HTTPError, OSError)):
        body = urllib.request.urlopen(url, timeout=60).read()
        if len(body) == SIZE:
            raise AssertionError("a whole wrong body was delivered")
        raise OSError("cut before its last byte")
    hub.clear_faults(fault)
    assert eventually(lambda: sha256_of(path) == digest)
    assert os.getxattr(path, "user.hub.verified") == b"1"


def test_wrong_bytes_of_a_small_file_never_leave(hub, fresh, repo):
    """P3: Content of up to a block is verified before its first byte is handed out."""
    name, sha = repo([("s.bin", 500_000)])
    path = fresh.path("models", name, sha, "s.bin")
    hub.fault(listener="cdn", kind="wrong_bytes")
    with open(path, "rb", buffering=0) as opened:
        with pytest.raises(OSError) as raised:
            opened.read(10)
    assert raised.value.errno == errno.EIO


@pytest.mark.parametrize("status,expected", [(500, errno.EREMOTEIO), (503, errno.EREMOTEIO),
                                             (429, errno.EBUSY)])
def test_upstream_errors_have_their_own_errno(hub, fresh, repo, status, expected):
    """P38: Never ENOENT: 5xx is EREMOTEIO, 429 is EBUSY; over HTTP never 401 or 404."""
    name, _ = repo([("f.bin", 1000)])
    hub.fault(listener="hub", kind="status", status=status, seconds=1)  # the quota is back in 1 s
    with pytest.raises(OSError) as raised:
        os.listdir(fresh.path("models", name))
    assert raised.value.errno == expected
    with pytest.raises(urllib.error.HTTPError) as answered:
        urllib.request.urlopen(f"{fresh.http}/{name}/resolve/main/f.bin", timeout=60)
    assert answered.value.code in (429, 502, 503, 504)
    assert answered.value.headers["X-Cache"] == "MISS"
    hub.clear_faults()
    assert eventually(lambda: "main" in os.listdir(fresh.path("models", name)))


def test_a_held_upstream_blocks_only_who_waits_for_it(hub, fresh, repo):
    """P40: While one cold read hangs, cached files and listings answer."""
    warm, warm_sha = repo([("w.bin", 3 << 20)])
    warm_path = fresh.path("models", warm, warm_sha, "w.bin")
    digest = sha256_of(warm_path)
    cold, cold_sha = repo([("c.bin", 3 << 20)])
    cold_path = fresh.path("models", cold, cold_sha, "c.bin")
    os.stat(cold_path)
    fault = hub.fault(listener="cdn", kind="hold")
    got = []
    readers = [threading.Thread(target=lambda: got.append(sha256_of(cold_path)))
               for _ in range(20)]
    for reader in readers:
        reader.start()
    hub.wait_held(fault, 1)
    assert sha256_of(warm_path) == digest
    assert os.listdir(fresh.path("models", warm))
    body = urllib.request.urlopen(f"{fresh.http}/{warm}/resolve/main/w.bin", timeout=30).read()
    assert len(body) == 3 << 20
    hub.release(fault)
    hub.clear_faults(fault)
    for reader in readers:
        reader.join(timeout=60)
    assert set(got) == {hub.sha256("models", cold, cold_sha, "c.bin")} and len(got) == 20


def test_a_redirect_elsewhere_is_refused(hub, file):
    """Only hosts of upstream.content_hosts are contacted."""
    path, _, digest = file
    fault = hub.fault(listener="hub", match="/resolve/", kind="redirect",
                      location="http://127.0.0.2:9/elsewhere")
    assert read_error(path) == errno.EPROTO
    hub.clear_faults(fault)
    assert eventually(lambda: sha256_of(path) == digest)


def refusal(address):
    """The answer to a GET that must fail."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(address, timeout=60)
    return raised.value


@pytest.mark.parametrize("kind,body", [("text/html", "<html>portal</html>"),
                                       ("application/json", "")])
def test_an_answer_that_is_no_json_is_trouble_and_never_kept(hub, fresh, kind, body):
    """A portal's page, or nothing at all, as the 200 of a list."""
    address = f"{fresh.http}/api/models?search=portal"
    fault = hub.fault(listener="hub", match="search=portal", kind="status", status=200, body=body,
                      headers={"Content-Type": kind})
    for _ in range(2):
        answer = refusal(address)
        assert (answer.code, answer.headers["X-Cache"]) == (502, "MISS")
    hub.clear_faults(fault)
    assert eventually(lambda: urllib.request.urlopen(address, timeout=60).read() == b"[]")


BARE = [(400, ""), (401, ""), (403, "no"), (404, ""), (404, "<html>bad gateway</html>")]


@pytest.mark.parametrize("where", ["tree", "revision"])
def test_a_bare_refusal_is_trouble_and_no_absence(hub, fresh, repo, where):
    """Without a word of the Hub's a status says nothing of the repository or the revision."""
    for status, body in BARE:
        name, _ = repo([("f.txt", 1000)], lfs=False)
        fault = hub.fault(listener="hub", match=f"/api/models/{name}/{where}/", kind="status",
                          status=status, body=body, headers={"Content-Type": "text/html"})
        for target in (f"/{name}/resolve/main/f.txt", f"/api/models/{name}/tree/main"):
            answer = refusal(fresh.http + target)
            assert (answer.code, answer.headers["X-Cache"]) == (502, "MISS"), (status, target)
            assert answer.headers["X-Error-Code"] not in ("RepoNotFound", "RevisionNotFound")
        with pytest.raises(OSError) as raised:
            os.listdir(fresh.path("models", name, "main"))
        assert raised.value.errno == errno.EPROTO
        hub.clear_faults(fault)
        assert eventually(lambda: urllib.request.urlopen(
            f"{fresh.http}/{name}/resolve/main/f.txt", timeout=60).status == 200)


@pytest.mark.parametrize("status,body", BARE)
def test_what_is_known_is_served_where_upstream_refuses_it_barely(hub, tmp_path, repo, status,
                                                                  body):
    """Neither withdrawn nor forgotten: the old answer, as stale."""
    name, sha = repo([("f.txt", 1000)], lfs=False)
    address = f"/{name}/resolve/main/f.txt"
    with make_mirror(hub, tmp_path / "node", freshness__ref="1s", freshness__state="1s",
                     freshness__document="1s") as node:
        assert urllib.request.urlopen(node.http + address, timeout=60).status == 200
        fault = hub.fault(listener="hub", match=f"/api/models/{name}", kind="status",
                          status=status, body=body)
        struck = hub.control("GET", f"/faults/{fault}")["struck"]
        assert eventually(lambda: urllib.request.urlopen(
            node.http + address, timeout=60).headers["X-Repo-Commit"] == sha
            and hub.control("GET", f"/faults/{fault}")["struck"] > struck)
        answer = urllib.request.urlopen(node.http + address, timeout=60)
        assert answer.headers["X-Repo-Commit"] == sha
        hub.clear_faults(fault)


@pytest.mark.parametrize("status,headers", [
    (401, {}), (401, {"X-Error-Message": "Invalid username or password."}), (403, {}),
    (401, {"X-Error-Code": "GatedRepo"})])
def test_refused_content_of_a_public_repository_is_trouble_and_no_gate(hub, file, status, headers):
    """The state is asked for at once, and only once; it still says public."""
    path, address, digest = file
    hub.clear()
    fault = hub.fault(listener="hub", match="/resolve/", kind="status", status=status, body="x",
                      headers=headers)
    assert read_error(path) == errno.EPROTO
    answer = refusal(address)
    assert (answer.code, answer.headers["X-Error-Code"]) == (502, None)
    assert len(hub.requests(match="/revision/main", listener="hub")) == 1
    hub.clear_faults(fault)
    assert eventually(lambda: sha256_of(path) == digest)


def test_content_of_a_repository_that_is_gated_meanwhile_is_refused(hub, fresh, repo):
    """The refusal has the state asked for, long before its hour is over."""
    name, sha = repo([("f.bin", SIZE)])
    path = fresh.path("models", name, sha, "f.bin")
    with open(path, "rb", buffering=0) as opened:
        hub.set_state(name, gated="manual")
        with pytest.raises(OSError) as raised:
            opened.read(1 << 20)
    assert raised.value.errno == errno.EACCES
    answer = refusal(f"{fresh.http}/{name}/resolve/{sha}/f.bin")
    assert (answer.code, answer.headers["X-Error-Code"]) == (401, "GatedRepo")


def eventually(check, seconds=20):
    """True once `check()` is; failures are remembered for 2 s by design, so retries are due."""
    import time

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if check():
                return True
        except OSError:
            pass
        time.sleep(0.1)  # not synchronisation: the interval of a bounded retry
    return check()
