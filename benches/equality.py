"""Compares the facts of each caller: the peers with each other, and `ringtrue` with them."""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import duckdb

EXACT = ("attempts", "answered", "short", "invalid", "unanswered")
SAMPLE_SIZE = 64
"""Up to so many destinations per caller are kept one by one: their count is exact."""
SAMPLING_ERROR = 1 / sqrt(SAMPLE_SIZE - 2)
"""Relative standard error of a distinct count from the 64 smallest hashes (Beyer et al. 2007, §4)."""
NORMAL_QUANTILES = {"p50": 0.674, "p95": 1.960, "p99": 2.576}
"""Of the absolute value of a standard normal variable."""
RMS_LIMIT = 1.1
"""Chosen: thousands of callers put the measured error within a few per cent of the stated one."""
BIAS_LIMIT = 0.02
"""Chosen: the mean over thousands of callers scatters by a few tenths of a per cent."""


@dataclass(frozen=True)
class Finding:
    """One comparison in words."""

    holds: bool
    text: str


def compare_peers(db: duckdb.DuckDBPyConnection, one: Path, other: Path) -> Finding:
    """Every column of every caller must be equal."""
    rows, differing = db.execute(f"""
        SELECT count(*), count(*) FILTER (a IS DISTINCT FROM b)
        FROM '{one}' AS a FULL JOIN '{other}' AS b ON a.orig = b.orig""").fetchall()[0]
    return Finding(differing == 0, f"DuckDB and Polars: {rows:,} callers, {differing:,} differ")


def compare_ringtrue(db: duckdb.DuckDBPyConnection, ndjson: Path, peer: Path) -> list[Finding]:
    """Counts must be equal; distinct destinations up to 64 equal, beyond within the sampling error."""
    fields = ", ".join(f"{name} BIGINT" for name in (*EXACT, "distinct_dest"))
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE pairs AS
        SELECT ours.d35 AS ours, theirs
        FROM (
            SELECT trim(tn, '+')::BIGINT AS orig, facts.d35 AS d35
            FROM read_json('{ndjson}', format = 'newline_delimited',
                columns = {{'tn': 'VARCHAR', 'facts': 'STRUCT(d35 STRUCT({fields}))'}})
        ) AS ours FULL JOIN '{peer}' AS theirs ON ours.orig = theirs.orig""")
    return [callers(db), *(exact(db, name) for name in EXACT), small_distinct(db), large_distinct(db)]


def callers(db: duckdb.DuckDBPyConnection) -> Finding:
    both, extra, missing = db.execute("""
        SELECT count(*) FILTER (ours IS NOT NULL AND theirs IS NOT NULL), count(*) FILTER (theirs IS NULL),
            count(*) FILTER (ours IS NULL) FROM pairs""").fetchall()[0]
    return Finding(extra == missing == 0, f"callers: {both:,} in both, {extra:,} only ours, {missing:,} only theirs")


def exact(db: duckdb.DuckDBPyConnection, name: str) -> Finding:
    ours, theirs, differing = db.execute(f"""
        SELECT sum(ours.{name}), sum(theirs.{name}), count(*) FILTER (ours.{name} IS DISTINCT FROM theirs.{name})
        FROM pairs""").fetchall()[0]
    return Finding(differing == 0, f"{name}: {ours or 0:,} ours, {theirs or 0:,} theirs, {differing:,} callers differ")


def small_distinct(db: duckdb.DuckDBPyConnection) -> Finding:
    rows, differing = db.execute(f"""
        SELECT count(*), count(*) FILTER (ours.distinct_dest IS DISTINCT FROM theirs.distinct_dest)
        FROM pairs WHERE theirs.distinct_dest <= {SAMPLE_SIZE}""").fetchall()[0]
    return Finding(differing == 0, f"distinct destinations up to {SAMPLE_SIZE}: {rows:,} callers, {differing:,} differ")


def large_distinct(db: duckdb.DuckDBPyConnection) -> Finding:
    rows, bias, rms, *quantiles = db.execute(f"""
        WITH errors AS (
            SELECT ours.distinct_dest / theirs.distinct_dest - 1 AS error
            FROM pairs WHERE theirs.distinct_dest > {SAMPLE_SIZE} AND ours IS NOT NULL)
        SELECT count(*), avg(error), sqrt(avg(error * error)), quantile_cont(abs(error), 0.5),
            quantile_cont(abs(error), 0.95), quantile_cont(abs(error), 0.99) FROM errors""").fetchall()[0]
    if rows == 0:
        return Finding(True, f"distinct destinations above {SAMPLE_SIZE}: no such caller in this file")
    measured = dict(zip(NORMAL_QUANTILES, quantiles, strict=True))
    tail = ", ".join(f"{name} {measured[name]:.1%} ({z * SAMPLING_ERROR:.1%})" for name, z in NORMAL_QUANTILES.items())
    holds = rms <= RMS_LIMIT * SAMPLING_ERROR and abs(bias) <= BIAS_LIMIT
    return Finding(
        holds,
        f"distinct destinations above {SAMPLE_SIZE}: {rows:,} callers; relative error (in brackets: from theory, "
        f"for large counts) mean {bias:+.1%} (0), root mean square {rms:.1%} ({SAMPLING_ERROR:.1%}), absolute {tail}",
    )
