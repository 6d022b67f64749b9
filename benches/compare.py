"""Measures `ringtrue score` beside DuckDB and Polars on one file, in turns, and compares the facts."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median

import duckdb

from equality import Finding, compare_peers, compare_ringtrue
from measure import CommandFailed, Measure, measure

HERE = Path(__file__).parent
CORES = 2
PEERS = {"DuckDB": "duckdb", "Polars": "polars"}
NOISY = 1.2
"""Chosen: idle, runs of one command differ by a few per cent."""


def peer_command(name: str, calls: Path, *options: str | Path) -> list[str | Path]:
    return [sys.executable, HERE / "peers" / f"{PEERS[name]}_facts.py", calls, *options]


def rounds(commands: dict[str, list[str | Path]], count: int, out: Path) -> dict[str, list[Measure]]:
    """Runs every command once a round, so that a busy spell of the machine touches all of them."""
    results: dict[str, list[Measure]] = {name: [] for name in commands}
    for number in range(1, count + 1):
        for name, command in commands.items():
            result = measure(command, out / f"{name}.out", CORES)
            results[name].append(result)
            print(f"  round {number}: {name} {result.seconds:.2f} s, CPU {result.cpu_s:.2f} s", flush=True)
    return results


def print_table(title: str, results: dict[str, list[Measure]]) -> None:
    """Medians; the ratios are to `ringtrue`, or to the first peer where only the peers run."""
    base_name, base_runs = next(iter(results.items()))
    base_s, base_cpu_s = median(run.seconds for run in base_runs), median(run.cpu_s for run in base_runs)
    ratios = f"time and CPU / {base_name}"
    print(f"\n{title}\n{'':12}{'seconds':>9}{'best':>9}{'CPU s':>9}{'peak MB':>9}  {ratios}")
    for name, runs in results.items():
        seconds, cpu_s = median(run.seconds for run in runs), median(run.cpu_s for run in runs)
        best, peak_mb = min(run.seconds for run in runs), max(run.peak_mb for run in runs)
        costs = f"{seconds:9.2f}{best:9.2f}{cpu_s:9.2f}{peak_mb:9.0f}"
        print(f"{name:12}{costs}  {seconds / base_s:.2f} {cpu_s / base_cpu_s:.2f}")
        if max(run.seconds for run in runs) > NOISY * best:
            print(f"{'':12}  noisy: the slowest run took over {NOISY} times the best; repeat on an idle machine")


def totals_agree(out: Path) -> Finding:
    totals = [json.loads((out / f"{name}.out").read_text()) for name in PEERS]
    return Finding(totals[0] == totals[1], f"DuckDB and Polars, totals of every column: {totals[0]}")


def check(calls: Path, out: Path, ndjson: Path | None) -> list[Finding]:
    """Runs both peers once more, untimed, to write the facts of each caller, and compares."""
    tables = {name: out / f"{name}.parquet" for name in PEERS}
    for name, table in tables.items():
        measure(peer_command(name, calls, "--write", table), out / f"{name}.out", CORES)
    db = duckdb.connect()
    findings = [compare_peers(db, *tables.values())]
    if ndjson:
        findings += compare_ringtrue(db, ndjson, tables["DuckDB"])
    return findings


def compare(options: argparse.Namespace) -> bool:
    calls, out = options.calls, options.out
    out.mkdir(parents=True, exist_ok=True)
    size_mb = sum(len(block) for block in iter_blocks(calls)) / 1e6  # Reading it also warms the page cache.
    versions = ", ".join(f"{name} {version(package)}" for name, package in PEERS.items())
    print(f"{calls.name}: {size_mb:.0f} MB; {versions}; {CORES} cores; load at start {os.getloadavg()[0]:.1f}")

    commands = {name: peer_command(name, calls) for name in PEERS}
    if options.ringtrue:
        score = [options.ringtrue, "score", "--all-callers", "--output", "ndjson", calls]
        commands = {"ringtrue": score} | commands
    results = rounds(commands, options.rounds, out)
    print_table("All facts (ringtrue: and all verdicts, written as NDJSON)", results)
    if options.ringtrue:
        best = min(PEERS, key=lambda name: median(run.seconds for run in results[name]))
        ratio = median(run.seconds for run in results[best]) / median(run.seconds for run in results["ringtrue"])
        print(f"ringtrue is {ratio:.2f} times as fast as the better peer, {best}")
    findings = [totals_agree(out)]

    side_note = {name: peer_command(name, calls, "--four-columns") for name in PEERS}
    print("\nFour columns only (calls, short share, invalid share, distinct destinations)")
    print_table("Side note: four columns, peers only", rounds(side_note, options.rounds, out))
    findings.append(totals_agree(out))

    findings += check(calls, out, out / "ringtrue.out" if options.ringtrue else None)
    print("\nEquality")
    for finding in findings:
        print(f"  {'equal ' if finding.holds else 'DIFFER'}  {finding.text}")
    return all(finding.holds for finding in findings)


def iter_blocks(path: Path, size: int = 1 << 22) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(size):
            yield block


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=Path, help="the file of bench-generator")
    parser.add_argument("--ringtrue", type=Path, help="the release binary; without it only the peers run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "data" / "out", help="where outputs and logs go")
    try:
        return 0 if compare(parser.parse_args()) else 1
    except (CommandFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
