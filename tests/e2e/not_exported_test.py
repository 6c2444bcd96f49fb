# SPDX-License-Identifier: Apache-2.0
"""What is in the mount for this machine alone, .blobs above all, leaves it by no service."""

import http.client
import subprocess
import urllib.parse

from conftest import sha256_of

SPELLINGS = ("/.blobs/sha256/{hash}", "/models/../.blobs/sha256/{hash}",
             "/models/%2e%2e/%2eblobs/sha256/{hash}", "/models/.blobs/sha256/{hash}",
             "/{name}/resolve/main/../../../../.blobs/sha256/{hash}",
             "/{name}/resolve/main/%2e%2e/%2e%2e/%2e%2e/%2e%2e/.blobs/sha256/{hash}",
             "/{name}/resolve/..%2f..%2f..%2f.blobs/sha256/{hash}",
             "/.blobs/sha256/resolve/{hash}/x", "/api/models/.blobs/sha256/tree/{hash}")


def get(node, target):
    host = urllib.parse.urlsplit(node.http).netloc
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_no_address_and_no_module_leads_to_the_blobs(mirror, repo, tmp_path):
    """P55, P9: They are there by name, in the mount."""
    name, _ = repo([("a.bin", 3 << 20)])
    file = mirror.path("models", name, "main", "a.bin")
    data = file.read_bytes()
    digest = sha256_of(file)
    assert mirror.path(".blobs", "sha256", digest).read_bytes() == data
    for spelling in SPELLINGS:
        status, body = get(mirror, spelling.format(name=name, hash=digest))
        assert status != 200 and data not in body, spelling
    # Below a module the name may be taken for a namespace, which is then empty.
    for source in ("/.blobs/", "/models/.blobs/", "/models/../.blobs/", "/models/../.blobs/sha256/",
                   f"/models/../.blobs/sha256/{digest}", f"/models/.blobs/sha256/{digest}"):
        subprocess.run(["rsync", "-r", mirror.rsync + source, str(tmp_path / "copy") + "/"],
                       capture_output=True, timeout=120, check=False)
        assert [path for path in tmp_path.rglob("*") if path.name != "copy"] == [], source
