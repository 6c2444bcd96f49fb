# SPDX-License-Identifier: Apache-2.0
"""HTTP as curl and aria2c see it: bytes, ranges, HEAD, conditions, errors, X-Cache."""

import hashlib
import json
import shutil
import subprocess

import pytest


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {}
        for line in lines[1:]:
            key, _, value = line.partition(":")
            self.headers.setdefault(key.strip().lower(), value.strip())

    def json(self):
        return json.loads(self.body)


def curl(url, *words):
    raw = subprocess.run(["curl", "-sS", "--max-time", "60", "-i", *words, url], check=True,
                         capture_output=True, timeout=90).stdout
    return Answer(raw)


def test_a_small_file_with_every_header(hub, mirror):
    answer = curl(f"{mirror.http}/demo/small/resolve/main/config.json")
    assert answer.status == 200
    assert answer.body == hub.content_of("models", "demo/small", "main", "config.json")
    blob = hashlib.sha1(b"blob %d\0" % len(answer.body) + answer.body).hexdigest()
    assert answer.headers["etag"] == f'"{blob}"'
    assert answer.headers["x-repo-commit"] == hub.refs("models", "demo/small")["main"]
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["accept-ranges"] == "bytes"
    assert "x-xet-hash" not in answer.headers and "link" not in answer.headers


def test_x_cache_goes_from_miss_to_hit(mirror, repo):
    name, _ = repo([("f.bin", 300_000)])
    url = f"{mirror.http}/{name}/resolve/main/f.bin"
    assert curl(url).headers["x-cache"] == "MISS"
    assert curl(url).headers["x-cache"] == "HIT"
    assert curl(url, "-I").headers["x-cache"] == "HIT"


def test_head_knows_an_lfs_file_without_fetching_it(hub, mirror, repo):
    name, sha = repo([("w.safetensors", 5 << 20)])
    hub.clear()
    answer = curl(f"{mirror.http}/{name}/resolve/main/w.safetensors", "-I")
    expected = hub.sha256("models", name, sha, "w.safetensors")
    assert answer.status == 200
    assert answer.headers["etag"] == f'"{expected}"'
    assert answer.headers["x-linked-etag"] == f'"{expected}"'
    assert answer.headers["x-linked-size"] == str(5 << 20)
    assert answer.headers["content-length"] == str(5 << 20)
    assert hub.content_bytes() == 0


def test_ranges(hub, mirror, repo):
    size = 3 << 20
    name, sha = repo([("r.bin", size)])
    url = f"{mirror.http}/{name}/resolve/main/r.bin"
    whole = curl(url).body
    assert hashlib.sha256(whole).hexdigest() == hub.sha256("models", name, sha, "r.bin")
    for spec, first, end in (("0-0", 0, 1), ("100-2000000", 100, 2000001),
                             (f"{size - 5}-", size - 5, size), ("-7", size - 7, size),
                             (f"5-{size + 99}", 5, size)):
        part = curl(url, "-r", spec)
        assert part.status == 206, spec
        assert part.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
        assert part.body == whole[first:end], spec
    beyond = curl(url, "-r", f"{size}-")
    assert beyond.status == 416
    assert beyond.headers["content-range"] == f"bytes */{size}"


def test_conditions(mirror):
    url = f"{mirror.http}/demo/small/resolve/main/README.md"
    etag = curl(url).headers["etag"]
    unchanged = curl(url, "-H", f"If-None-Match: {etag}")
    assert unchanged.status == 304 and not unchanged.body
    assert unchanged.headers["x-repo-commit"]
    assert curl(url, "-H", 'If-None-Match: "other"').status == 200
    assert curl(url, "-r", "0-3", "-H", f"If-Range: {etag}").status == 206
    assert curl(url, "-r", "0-3", "-H", 'If-Range: "other"').status == 200


@pytest.mark.parametrize("path,status,code", [
    ("/demo/small/resolve/main/nope.txt", 404, "EntryNotFound"),
    ("/demo/small/resolve/nope/config.json", 404, "RevisionNotFound"),
    ("/demo/nope/resolve/main/config.json", 401, "RepoNotFound"),
    ("/api/models/demo/small/revision/nope", 404, "RevisionNotFound"),
    ("/api/models/demo/nope", 401, "RepoNotFound"),
    ("/gated-org/gated-model/resolve/main/config.json", 401, "GatedRepo"),
])
def test_errors_carry_the_hubs_words(mirror, path, status, code):
    answer = curl(mirror.http + path)
    assert answer.status == status
    assert answer.headers["x-error-code"] == code
    assert answer.headers["x-error-message"]
    assert answer.headers["x-cache"] in ("HIT", "MISS", "REVALIDATED")
    if code == "EntryNotFound":
        assert len(answer.headers["x-repo-commit"]) == 40


def test_info_tree_refs_and_paths_info(hub, mirror):
    base = f"{mirror.http}/api/models/demo/small"
    sha = hub.refs("models", "demo/small")["main"]
    info = curl(base).json()
    assert info["id"] == "demo/small" and info["sha"] == sha
    assert curl(f"{base}/revision/main").json()["sha"] == sha
    assert curl(f"{base}/refs").json()["branches"]
    direct = json.loads(subprocess.run(
        ["curl", "-sS", f"{hub.url}/api/models/demo/small/tree/main?recursive=true"], check=True,
        capture_output=True, timeout=60).stdout)
    for item in direct:
        item.pop("xetHash", None)
    assert curl(f"{base}/tree/main?recursive=true").json() == direct
    named = curl(f"{base}/paths-info/main", "--data-urlencode", "paths=config.json",
                 "--data-urlencode", "paths=not there").json()
    assert [item["path"] for item in named] == ["config.json"]


def test_a_large_folder_comes_in_pages_on_the_mirrors_own_address(mirror):
    seen, url = [], f"{mirror.http}/api/models/demo/wide/tree/main/files"
    while url:
        answer = curl(url)
        assert "xetHash" not in answer.body.decode()
        seen += [item["path"] for item in answer.json()]
        link = answer.headers.get("link", "")
        url = link[1:link.index(">")] if 'rel="next"' in link else None
        assert url is None or url.startswith(mirror.http + "/")
    assert len(seen) == len(set(seen)) == 2500


def test_a_renamed_repository_redirects_on_the_mirror(mirror):
    answer = curl(f"{mirror.http}/old-org/old-name/resolve/main/config.json")
    assert answer.status == 307
    assert answer.headers["location"].startswith("/demo/small/resolve/main/config.json")
    assert curl(f"{mirror.http}/old-org/old-name/resolve/main/config.json", "-L").body


def test_no_xet_anywhere(mirror):
    for path in ("/api/models/demo/big/tree/main", "/api/models/demo/big/revision/main"):
        assert "xetHash" not in curl(mirror.http + path).body.decode()
    head = curl(f"{mirror.http}/demo/big/resolve/main/blob-1m.bin", "-I")
    assert not [key for key in head.headers if "xet" in key]


def test_aria2c_in_eight_parts(hub, mirror, repo, tmp_path):
    if not shutil.which("aria2c"):
        pytest.skip("aria2c is not installed")
    name, sha = repo([("big.bin", 20 << 20)])
    expected = hub.sha256("models", name, sha, "big.bin")
    subprocess.run(["aria2c", "-q", "-x8", "-s8", "-k1M", f"--checksum=sha-256={expected}", "-d",
                    str(tmp_path), f"{mirror.http}/{name}/resolve/main/big.bin"], check=True,
                   timeout=120, capture_output=True)
    assert hashlib.sha256((tmp_path / "big.bin").read_bytes()).hexdigest() == expected


def test_the_access_log_has_no_whole_address_and_no_secret(mirror):
    token = "hf_secretsecretsecretsecret"
    curl(f"{mirror.http}/demo/small/resolve/main/config.json?token=hush", "-H",
         f"Authorization: Bearer {token}", "-A", "agent-for-the-log/1")
    text = "".join(path.read_text() for path in (mirror.folder / "log").glob("access*"))
    assert "agent-for-the-log/1" in text
    assert "127.0.0.0" in text and "127.0.0.1" not in text
    assert token not in text and "hush" not in text
