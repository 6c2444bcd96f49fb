# SPDX-License-Identifier: Apache-2.0
"""The emulated Hub with the questions a test asks about the truth: refs, paths, bytes, hashes.

Everything is asked of the emulator itself, with the owner's token where one is needed, and kept
out of the counts: a test clears the log before what it measures.
"""

import functools
import hashlib
import json
import urllib.parse
import urllib.request

from tests.hub.client import Hub

OWNERS = {"private-org": "private_owner", "gated-org": "gated_owner"}


class TrueHub(Hub):
    def _get(self, target, owner=None):
        request = urllib.request.Request(self.url + target)
        if owner:
            request.add_unredirected_header("Authorization", f"Bearer {self.tokens()[owner]}")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read(), answer.headers.get("Link")

    def refs(self, kind, name):
        """Every ref as addresses spell it -> commit."""
        body, _ = self._get(f"/api/{kind}/{name}/refs?include_prs=1")
        return {(ref["ref"] if group in ("pullRequests", "converts") else ref["name"]):
                ref["targetCommit"] for group, refs in json.loads(body).items() for ref in refs}

    def paths(self, kind, name, rev):
        """Every file of a revision."""
        rev = urllib.parse.quote(rev, safe="")
        target, found = f"/api/{kind}/{name}/tree/{rev}?recursive=true", []
        while target:
            body, link = self._get(target, OWNERS.get(name.split("/")[0]))
            found += [item["path"] for item in json.loads(body) if item["type"] == "file"]
            target = link[1:link.index(">")].removeprefix(self.url) if link else None
        return found

    def content_of(self, kind, name, rev, path):
        prefix = "/datasets" if kind == "datasets" else ""
        rev = urllib.parse.quote(rev, safe="")
        target = f"{prefix}/{name}/resolve/{rev}/{urllib.parse.quote(path)}"
        return self._get(target, OWNERS.get(name.split("/")[0]))[0]

    @functools.cache  # pylint: disable=method-cache-max-size-none
    def _sha256(self, kind, name, rev, path):
        return hashlib.sha256(self.content_of(kind, name, rev, path)).hexdigest()

    def sha256(self, kind, name, rev, path):
        """The true hash. Asking may cost the emulator content: do it before or after counting."""
        return self._sha256(kind, name, rev, path)

    def clear_faults(self, fault=None):
        self.remove_fault(fault)
