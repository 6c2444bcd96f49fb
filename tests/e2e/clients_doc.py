# SPDX-License-Identifier: Apache-2.0
"""The snippets of docs/clients.md, so that what the page tells is what the tests run.

A fenced block with `id=NAME` in its info string is the snippet NAME. The page writes the mirror's
address as http://mirror.example:8080.
"""

import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/clients.md"
ADDRESS = "http://mirror.example:8080"
FENCE = re.compile(r"^```[a-z]*[ ]+id=(?P<name>\S+)[ ]*\n(?P<text>.*?)^```$",
                   re.MULTILINE | re.DOTALL)


def snippets(page=PAGE):
    """Every snippet by its name; a name is used once."""
    found = {}
    for match in FENCE.finditer(page.read_text(encoding="utf-8")):
        assert match["name"] not in found, f"{page}: two snippets {match['name']}"
        found[match["name"]] = match["text"]
    return found


def snippet(name, url=None):
    """The text of one snippet; `url` takes the place of the page's address, which must be there."""
    text = snippets()[name]
    if url is None:
        return text
    assert ADDRESS in text, f"snippet {name} does not name {ADDRESS}"
    return text.replace(ADDRESS, url)


def environment(name, url=None):
    """The variables that a shell snippet exports."""
    return dict(re.findall(r"^export (\w+)=(\S*)$", snippet(name, url), re.MULTILINE))
