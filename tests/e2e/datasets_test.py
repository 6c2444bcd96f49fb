# SPDX-License-Identifier: Apache-2.0
"""`datasets`: load_dataset of a CSV and of a Parquet table, whole and streaming.

The numbers are facts of the tables (344 penguins, 3,000,000 flights), known without any mirror.
"""

import json

import pytest

from clients_doc import environment, snippet
from isolated import Isolated

FLIGHTS = 3_000_000
FLIGHTS_BYTES = 13_493_022
PENGUINS_MEAN = 4201.754385964912


@pytest.fixture(autouse=True)
def tables(content_dir):
    if not (content_dir / "flights").is_dir() or not (content_dir / "penguins").is_dir():
        pytest.skip("the tables' packages were not fetched (a registry not reached?)")


@pytest.fixture
def net(fresh):
    """datasets looks for a viewer at a host made of the endpoint's: the only other thing tried."""
    with Isolated(fresh) as inside:
        yield inside
        assert inside.attempts == ["dns datasets-server.127.0.0.1"]


def run(client, net, code):
    out = client("data", net).run("import json\n" + code, **environment("env", net.url),
                                  **environment("datasets-env"))
    return json.loads(out.splitlines()[-1])


def test_penguins_and_flights_whole(hub, net, client):
    """Cold, then warm with an empty client cache: the second costs upstream no content."""
    code = snippet("datasets") + """
body = [row for row in penguins["body_mass_g"] if row is not None]
print(json.dumps([penguins.num_rows, sum(body) / len(body), flights.num_rows,
                  flights.column_names]))
"""
    hub.clear()
    rows, mean, many, columns = run(client, net, code)
    assert rows == 344 and mean == pytest.approx(PENGUINS_MEAN)
    assert many == FLIGHTS and "delay" in [name.lower() for name in columns]
    assert sum(row["bytes"] for row in hub.requests(listener="cdn")) == FLIGHTS_BYTES
    hub.clear()
    assert run(client, net, code) == [rows, mean, many, columns]
    assert hub.content_bytes() == 0


def test_streaming_reads_ranges(hub, net, client):
    """The first row comes from parts of the file; it is the same when the mirror holds them."""
    code = snippet("datasets-streaming") + """
from datasets import load_dataset
table = load_dataset("demo/penguins", split="train", streaming=True)
print(json.dumps([row, sum(1 for _ in table)], default=str))
"""
    hub.clear()
    row, count = run(client, net, code)
    values = {key.lower(): value for key, value in row.items()}
    assert values["delay"] == 33
    assert (values["origin"], values["destination"]) == ("LAS", "PHL")
    assert count == 344
    assert hub.content_bytes() <= FLIGHTS_BYTES + (1 << 20)
    hub.clear()
    assert run(client, net, code) == [row, count]
    assert hub.content_bytes() == 0
