# SPDX-License-Identifier: Apache-2.0
"""A client that asks for one hot file without a pause must see the truth as soon as any other."""

import http.client
import time
import urllib.parse

from conftest import make_mirror

STATE_SECONDS = 2
MARGIN_SECONDS = 1  # docs/http.md, "Hot answers"


def ask(connection, path):
    """(when it was asked, status, X-Cache)"""
    asked = time.monotonic()
    connection.request("GET", path)
    with connection.getresponse() as answer:
        answer.read()
        return asked, answer.status, answer.headers["X-Cache"]


def test_a_withdrawal_reaches_a_client_that_hammers_one_hot_file(hub, repo, tmp_path):
    name, sha = repo([("config.json", 1000)], lfs=False)
    with make_mirror(hub, tmp_path / "node", freshness__state=f"{STATE_SECONDS}s") as node:
        address = urllib.parse.urlsplit(node.http)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        for path in (f"/{name}/resolve/{sha}/config.json", f"/{name}/resolve/main/config.json"):
            hits = 0
            while hits < 1000:
                _, status, cache = ask(connection, path)
                assert status == 200
                hits += cache == "HIT"
            hub.set_state(name, gated="manual")
            closed = time.monotonic()
            while True:
                asked, status, _ = ask(connection, path)
                if status != 200:
                    break
                assert asked < closed + STATE_SECONDS + MARGIN_SECONDS
            assert status in (401, 403)
            hub.set_state(name, gated=False)
            while ask(connection, path)[1] != 200:
                pass
        connection.close()
