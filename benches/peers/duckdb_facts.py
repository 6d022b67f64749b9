"""The facts of `score`, computed by DuckDB."""

import duckdb

import facts
from facts import Task


def scan(task: Task) -> str:
    columns = "{'start': 'UINTEGER', 'orig': 'BIGINT', 'dest': 'BIGINT', 'talk_s': 'INTEGER', 'q850': 'UTINYINT'}"
    return f"read_csv('{task.calls}', header = true, columns = {columns})"


def class_of_call() -> str:
    by_length = " ".join(f"WHEN talk_s <= {edge} THEN {i}" for i, edge in enumerate(facts.LENGTH_EDGES_S))
    by_cause = " ".join(f"WHEN {cause} THEN {number}" for cause, number in facts.CLASS_OF_CAUSE.items())
    return f"""CASE WHEN q850 = {facts.NORMAL_CLEARING} AND talk_s > 0
        THEN CASE {by_length} ELSE {facts.OVER_LAST_EDGE} END
        ELSE CASE q850 WHEN {facts.NORMAL_CLEARING} THEN {facts.CANCELLED} {by_cause} ELSE {facts.FAILED} END END"""


def connect() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute(f"SET threads = {facts.THREADS}")
    db.execute("SET preserve_insertion_order = false")
    db.execute("SET enable_progress_bar = false")
    return db


def compute(task: Task) -> dict[str, int]:
    db = connect()
    # Reading the file once into memory is faster than scanning it once for each of the two aggregations.
    # One packed key (caller, hour, class) is faster than three columns.
    db.execute(f"""
        CREATE TEMP TABLE calls AS
        SELECT orig, dest, talk_s, class,
            (orig * {facts.HOURS} + start // 3600 % {facts.HOURS}) * {facts.CLASSES} + class AS pane
        FROM (SELECT *, ({class_of_call()})::UTINYINT AS class FROM {scan(task)})""")
    panes = "SELECT pane, count(*) AS calls, sum(talk_s) AS talk_s FROM calls GROUP BY pane"
    destinations = f"""
        SELECT orig, count(*) AS distinct_dest,
            count(*) FILTER (state = {facts.OUT_OF_SERVICE}) AS distinct_invalid
        FROM (
            SELECT orig, dest, max(CASE
                WHEN class <= {facts.OVER_LAST_EDGE} OR class IN {facts.REACHED} THEN {facts.IN_SERVICE}
                WHEN class = {facts.INVALID} THEN {facts.OUT_OF_SERVICE}
                ELSE {facts.NOTHING} END) AS state
            FROM calls GROUP BY orig, dest)
        GROUP BY orig"""
    if task.write:
        write_callers(db, task, panes, destinations)
    # Every column is consumed, so that the engine can leave nothing out.
    entries, calls, talk_s, classes = db.execute(
        f"SELECT count(*), sum(calls), sum(talk_s), sum(pane % {facts.CLASSES}) FROM ({panes})"
    ).fetchall()[0]
    callers, distinct, invalid = db.execute(
        f"SELECT count(*), sum(distinct_dest), sum(distinct_invalid) FROM ({destinations})"
    ).fetchall()[0]
    return {
        "pane_entries": entries,
        "calls": calls,
        "talk_s": talk_s,
        "classes": classes,
        "callers": callers,
        "distinct_dest": distinct,
        "distinct_invalid": invalid,
    }


def write_callers(db: duckdb.DuckDBPyConnection, task: Task, panes: str, destinations: str) -> None:
    answered = f"class <= {facts.OVER_LAST_EDGE}"
    unanswered = f"class > {facts.OVER_LAST_EDGE} AND class <> {facts.UNREACHABLE}"
    db.execute(f"""
        COPY (
            SELECT orig, sum(calls)::BIGINT AS attempts,
                coalesce(sum(calls) FILTER ({answered}), 0)::BIGINT AS answered,
                coalesce(sum(calls) FILTER (class < {facts.SHORT_CLASSES}), 0)::BIGINT AS short,
                coalesce(sum(calls) FILTER (class = {facts.INVALID}), 0)::BIGINT AS invalid,
                coalesce(sum(calls) FILTER ({unanswered}), 0)::BIGINT AS unanswered,
                any_value(distinct_dest) AS distinct_dest, any_value(distinct_invalid) AS distinct_invalid
            FROM (
                SELECT pane // {facts.HOURS * facts.CLASSES} AS orig, pane % {facts.CLASSES} AS class, calls
                FROM ({panes}))
            JOIN ({destinations}) USING (orig)
            GROUP BY orig
        ) TO '{task.write}' (FORMAT parquet)""")


def four_columns(task: Task) -> dict[str, int]:
    invalid = ", ".join(str(cause) for cause, number in facts.CLASS_OF_CAUSE.items() if number == facts.INVALID)
    db = connect()
    db.execute(f"CREATE TEMP TABLE calls AS SELECT orig, dest, talk_s, q850 FROM {scan(task)}")
    calls, short, dead, distinct = db.execute(f"""
        SELECT sum(calls), sum(1000000 * short // nullif(answered, 0)), sum(1000000 * invalid // calls),
            sum(distinct_dest)
        FROM (
            SELECT orig, count(*) AS calls, count(CASE WHEN talk_s > 0 THEN 1 END) AS answered,
                count(CASE WHEN talk_s BETWEEN 1 AND {facts.SHORT_CALL_S} THEN 1 END) AS short,
                count(CASE WHEN q850 IN ({invalid}) THEN 1 END) AS invalid
            FROM calls GROUP BY orig)
        JOIN (SELECT orig, count(*) AS distinct_dest FROM (SELECT DISTINCT orig, dest FROM calls) GROUP BY orig)
            USING (orig)""").fetchall()[0]
    return {"calls": calls, "short_ppm": int(short), "invalid_ppm": int(dead), "distinct_dest": distinct}


if __name__ == "__main__":
    facts.run(compute, four_columns)
