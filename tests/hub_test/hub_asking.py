# SPDX-License-Identifier: Apache-2.0
# Asking the emulator over plain HTTP, one connection per request, nothing hidden.
# Not in conftest.py: tests import it by a name no other folder has.
import http.client
from urllib.parse import urlsplit


class Answer:
    """A whole HTTP answer; header names in lower case."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()


def ask(url, method="GET", headers=None, body=None, token=None):
    """One request on a connection of its own; redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    target = url.split(parts.netloc, 1)[1]
    try:
        connection.request(method, target, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Asker:
    """`get("/path")` on the Hub; `follow` takes redirects as curl does."""

    def __init__(self, hub, tokens):
        self.hub = hub
        self.tokens = tokens

    def __call__(self, target, method="GET", token=None, **options):
        url = target if target.startswith("http://") else self.hub.url + target
        return ask(url, method, token=self.tokens.get(token, token), **options)

    def follow(self, target, method="GET", **options):
        answer = self(target, method, **options)
        for _ in range(5):
            if answer.status not in (302, 307):
                break
            target = answer.headers["location"]
            if target.startswith("http://"):
                options.pop("token", None)
            answer = self(target, method, **options)
        return answer
