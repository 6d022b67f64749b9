"""Runs one command in a child process and measures it."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class CommandFailed(Exception):
    """A measured command did not end with code 0."""


@dataclass(frozen=True)
class Measure:
    """What one run cost."""

    seconds: float
    cpu_s: float
    peak_mb: float


def measure(command: Sequence[str | Path], out: Path, cores: int) -> Measure:
    """Runs the command on the first `cores` cores with its output in a file; messages go beside it."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    log = out.with_suffix(".log")
    with out.open("wb") as stdout, log.open("wb") as stderr:
        begin = time.perf_counter()
        child = subprocess.Popen(
            command, stdout=stdout, stderr=stderr, preexec_fn=lambda: os.sched_setaffinity(0, allowed)
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        tail = log.read_text(errors="replace")[-2000:]
        raise CommandFailed(f"{command[0]} ended with code {child.returncode}:\n{tail}")
    return Measure(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
