"""What both peers compute, stated once: outcome classes, their groups, and the frame of a run.

A pane is one caller in one hour. Each call falls in one class; a pane is the count and the talk time of each
of its classes that occurs.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

THREADS = 2
# Answered calls fall in classes 0 to 9 by length: at most 3 s, at most 6 s, …, above 120 s.
LENGTH_EDGES_S = (3, 6, 10, 12, 15, 20, 30, 60, 120)
SHORT_CALL_S = 6
OVER_LAST_EDGE = len(LENGTH_EDGES_S)
CANCELLED, BUSY, NO_ANSWER, INVALID, DECLINED, UNREACHABLE, FAILED = range(OVER_LAST_EDGE + 1, OVER_LAST_EDGE + 8)
CLASSES = 32
"""Room for the class in a packed pane key."""
HOURS = 1024
"""Room for the hour in a packed pane key: no file is longer than 42 days."""

NORMAL_CLEARING = 16
CLASS_OF_CAUSE = {
    17: BUSY,
    18: NO_ANSWER,
    19: NO_ANSWER,
    20: NO_ANSWER,
    1: INVALID,
    22: INVALID,
    28: INVALID,
    21: DECLINED,
    34: UNREACHABLE,
    38: UNREACHABLE,
    41: UNREACHABLE,
    42: UNREACHABLE,
    102: UNREACHABLE,
    31: FAILED,
}
SHORT_CLASSES = LENGTH_EDGES_S.index(SHORT_CALL_S) + 1
"""Classes below this one are short calls."""
REACHED = (NO_ANSWER, BUSY, DECLINED)
"""Unanswered, but the destination is in service."""

# What one call says of its destination; the greatest value of all its calls is the destination's.
NOTHING, OUT_OF_SERVICE, IN_SERVICE = range(3)

CALLER_COLUMNS = ("attempts", "answered", "short", "invalid", "unanswered", "distinct_dest", "distinct_invalid")


@dataclass(frozen=True)
class Task:
    """What one run is asked for."""

    calls: Path
    four_columns: bool
    write: Path | None
    """Where to write one row per caller; None in a timed run."""


def run(facts: Callable[[Task], dict[str, int]], four_columns: Callable[[Task], dict[str, int]]) -> None:
    """Reads the command line, does the task and prints the totals as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("calls", type=Path)
    parser.add_argument("--four-columns", action="store_true", help="the short query instead of the facts")
    parser.add_argument("--write", type=Path, help="also write the facts of each caller as Parquet")
    task = Task(**vars(parser.parse_args()))
    print(json.dumps((four_columns if task.four_columns else facts)(task)))
