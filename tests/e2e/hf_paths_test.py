# SPDX-License-Identifier: Apache-2.0
"""Tables read in place: pandas and pyarrow by hf:// (HF_ENDPOINT), DuckDB and polars by http, and
by hf:// with huggingface.co given to the mirror, because their host is fixed.

Every reader runs twice: before a node that holds nothing, and before the same one warm.
"""

import json

import pytest

from clients_doc import environment, snippet
from isolated import Isolated

FLIGHTS = "datasets/demo/flights-3m/data/train-00000-of-00001.parquet"
FLIGHTS_BYTES = 13_493_022
ROWS, DELAY = 3_000_000, 6.667867666666667
PENGUINS, MASS = 344, 4201.754385964912


@pytest.fixture(autouse=True)
def tables(content_dir):
    if not (content_dir / "flights").is_dir() or not (content_dir / "penguins").is_dir():
        pytest.skip("the tables' packages were not fetched (a registry not reached?)")


def cold_and_warm(hub, client, net, code, **env):
    """The answer, and the bytes that a cold mirror fetched for it; warm it fetches none."""
    hub.clear()
    runs, fetched = [], []
    for _ in range(2):
        out = client("data", net).run("import json\n" + code, **env)
        runs.append(json.loads(out.splitlines()[-1]))
        fetched.append(hub.content_bytes())
    assert runs[0] == runs[1] and fetched[0] == fetched[1]
    return runs[0], fetched[0]


def test_pandas_reads_a_csv_by_its_hf_address(hub, cold, client):
    code = snippet("pandas") + "print(json.dumps([len(penguins), penguins.body_mass_g.mean()]))"
    answer, _ = cold_and_warm(hub, client, cold, code, **environment("env", cold.url))
    assert answer == [PENGUINS, pytest.approx(MASS)]


def test_pyarrow_reads_one_column_by_ranges(hub, cold, client):
    code = snippet("pyarrow") + """
import pyarrow.compute
print(json.dumps([delays.num_rows, pyarrow.compute.mean(delays["delay"]).as_py()]))"""
    answer, fetched = cold_and_warm(hub, client, cold, code, **environment("env", cold.url))
    assert answer == [ROWS, pytest.approx(DELAY)]
    assert fetched <= FLIGHTS_BYTES


def test_duckdb_over_http(hub, cold, client):
    code = snippet("duckdb", cold.url) + "print(json.dumps(answer))"
    answer, fetched = cold_and_warm(hub, client, cold, code)
    assert answer == [ROWS, pytest.approx(DELAY)]
    assert fetched <= FLIGHTS_BYTES


def test_polars_over_http(hub, cold, client):
    code = snippet("polars", cold.url) + "print(json.dumps(delay.item()))"
    answer, _ = cold_and_warm(hub, client, cold, code)
    assert answer == pytest.approx(DELAY)


@pytest.fixture
def taken(fresh):
    """huggingface.co is the mirror, by TLS, for clients that know no other host."""
    with Isolated(fresh, takeover=["huggingface.co"]) as net:
        yield net
        assert net.attempts == []


LOAD = snippet("duckdb").split("repo =")[0]


def test_duckdb_by_hf_addresses(hub, taken, client):
    code = LOAD + f"""
sql = "SELECT count(*), avg({{}}) FROM '{{}}'"
print(json.dumps([
    duckdb.sql(sql.format("delay", "hf://{FLIGHTS}")).fetchone(),
    duckdb.sql(sql.format("delay", "hf://datasets/demo/flights-3m/data/*.parquet")).fetchone(),
    duckdb.sql(sql.format("try_cast(body_mass_g AS DOUBLE)",
                          "hf://datasets/demo/penguins/penguins.csv")).fetchone()]))
"""
    (one, several, penguins), _ = cold_and_warm(hub, client, taken, code)
    assert one == several == [ROWS, pytest.approx(DELAY)]
    assert penguins == [PENGUINS, pytest.approx(MASS)]


def test_polars_by_hf_addresses(hub, taken, client):
    code = f"""
import polars as pl
one = pl.scan_parquet("hf://{FLIGHTS}").select(pl.len(), pl.col("delay").mean()).collect()
several = pl.scan_parquet("hf://datasets/demo/flights-3m/data/").select(pl.len()).collect()
penguins = pl.read_csv("hf://datasets/demo/penguins/penguins.csv", null_values=["NA"])
print(json.dumps([one.row(0), several.item(), penguins.height, penguins["body_mass_g"].mean()]))
"""
    answer, _ = cold_and_warm(hub, client, taken, code, SSL_CERT_FILE=taken.ca)
    assert answer == [[ROWS, pytest.approx(DELAY)], ROWS, PENGUINS, pytest.approx(MASS)]
