"""The facts of `score`, computed by Polars with its streaming engine."""

import os

import facts
from facts import Task

os.environ["POLARS_MAX_THREADS"] = str(facts.THREADS)  # Read when the library is loaded.

import polars as pl

CLASS = pl.col("class")
TALK = pl.col("talk_s")
CAUSE = pl.col("q850")
ANSWERED = CLASS <= facts.OVER_LAST_EDGE


def scan(task: Task) -> pl.LazyFrame:
    schema = {"start": pl.Int64, "orig": pl.Int64, "dest": pl.Int64, "talk_s": pl.Int32, "q850": pl.UInt8}
    return pl.scan_csv(task.calls, schema=schema)


def class_of_call() -> pl.Expr:
    normal = pl.col("q850") == facts.NORMAL_CLEARING
    cases = [(normal & (pl.col("talk_s") == 0), facts.CANCELLED)]
    cases += [(normal & (pl.col("talk_s") <= edge), number) for number, edge in enumerate(facts.LENGTH_EDGES_S)]
    cases += [(normal, facts.OVER_LAST_EDGE)]
    cases += [(pl.col("q850") == cause, number) for cause, number in facts.CLASS_OF_CAUSE.items()]
    return first_match(cases, facts.FAILED).cast(pl.UInt8)


def first_match(cases: list[tuple[pl.Expr, int]], otherwise: int) -> pl.Expr:
    choice = pl.lit(otherwise)
    for condition, value in reversed(cases):
        choice = pl.when(condition).then(value).otherwise(choice)
    return choice


def compute(task: Task) -> dict[str, int]:
    # Reading the file once into memory is faster than scanning it once for each of the two aggregations.
    # One packed key (caller, hour, class) is faster than three columns.
    hour = pl.col("start") // 3600 % facts.HOURS
    pane = (pl.col("orig") * facts.HOURS + hour) * facts.CLASSES + CLASS
    classed = scan(task).with_columns(class_of_call().alias("class"))
    calls = classed.select("orig", "dest", "talk_s", "class", pane.alias("pane")).collect(engine="streaming").lazy()

    panes = calls.group_by("pane").agg(pl.len().alias("calls"), TALK.sum())
    in_service = ANSWERED | CLASS.is_in(facts.REACHED)
    state = first_match(
        [(in_service, facts.IN_SERVICE), (CLASS == facts.INVALID, facts.OUT_OF_SERVICE)], facts.NOTHING
    ).cast(pl.UInt8)
    out_of_service = pl.col("state") == facts.OUT_OF_SERVICE
    destinations = (
        calls.group_by("orig", "dest")
        .agg(state.max().alias("state"))
        .group_by("orig")
        .agg(pl.len().alias("distinct_dest"), out_of_service.sum().alias("distinct_invalid"))
    )
    if task.write:
        callers(panes).join(destinations, on="orig").sink_parquet(task.write)
    # Every column is consumed, so that the engine can leave nothing out.
    pane_totals = panes.select(
        pl.len().alias("pane_entries"),
        pl.col("calls", "talk_s").cast(pl.Int64).sum(),
        (pl.col("pane") % facts.CLASSES).sum().alias("classes"),
    )
    caller_totals = destinations.select(
        pl.len().alias("callers"), pl.col("distinct_dest", "distinct_invalid").cast(pl.Int64).sum()
    )
    totals = [frame.collect(engine="streaming").row(0, named=True) for frame in (pane_totals, caller_totals)]
    return totals[0] | totals[1]


def callers(panes: pl.LazyFrame) -> pl.LazyFrame:
    """One row per caller, without the destinations."""
    groups = {
        "attempts": pl.lit(True),
        "answered": ANSWERED,
        "short": CLASS < facts.SHORT_CLASSES,
        "invalid": CLASS == facts.INVALID,
        "unanswered": ~ANSWERED & (CLASS != facts.UNREACHABLE),
    }
    split = panes.select(
        (pl.col("pane") // (facts.HOURS * facts.CLASSES)).alias("orig"),
        (pl.col("pane") % facts.CLASSES).alias("class"),
        pl.col("calls").cast(pl.Int64),
    )
    return split.group_by("orig").agg(pl.col("calls").filter(group).sum().alias(name) for name, group in groups.items())


def four_columns(task: Task) -> dict[str, int]:
    invalid = [cause for cause, number in facts.CLASS_OF_CAUSE.items() if number == facts.INVALID]
    million = pl.lit(1_000_000, pl.Int64)
    by_caller = (
        scan(task)
        .group_by("orig")
        .agg(
            pl.len().alias("calls"),
            TALK.is_between(1, facts.SHORT_CALL_S).sum().alias("short"),
            (TALK > 0).sum().alias("answered"),
            CAUSE.is_in(invalid).sum().alias("invalid"),
            pl.col("dest").n_unique().alias("distinct_dest"),
        )
    )
    totals = by_caller.select(
        pl.col("calls").cast(pl.Int64).sum(),
        (million * pl.col("short") // pl.col("answered")).sum().alias("short_ppm"),
        (million * pl.col("invalid") // pl.col("calls")).sum().alias("invalid_ppm"),
        pl.col("distinct_dest").cast(pl.Int64).sum(),
    )
    return totals.collect(engine="streaming").row(0, named=True)


if __name__ == "__main__":
    facts.run(compute, four_columns)
