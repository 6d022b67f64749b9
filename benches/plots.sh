#!/usr/bin/env bash
# Draws the plots of docs/concepts anew, from simulated traffic. Takes a few minutes.
# usage: benches/plots.sh
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --quiet -p ringtrue
ringtrue=${CARGO_TARGET_DIR:-target}/release/ringtrue
data=benches/data/plots
world=$data/world
rm -rf "$data"
mkdir -p "$data"

simulate() {
    "$ringtrue" simulate --days 30 --numbers "$2" --seed "$1" --format csv --out "$world" --force 2> /dev/null
}

# What is learned about each behaviour.
simulate 1 60000
"$ringtrue" fit --calls "$world/calls.csv" --truth "$world/truth.csv" --reports "$world/reports.ndjson" \
    --standing "$world/standing.csv" --policy-out "$data/reputation.toml" --html "$data/fit.html" > /dev/null 2>&1
# What the shipped policy does with traffic that it did not learn from.
simulate 101 20000
"$ringtrue" evaluate --calls "$world/calls.csv" --reports "$world/reports.ndjson" --standing "$world/standing.csv" \
    --truth "$world/truth.csv" --trade-off --html "$data/evaluate.html" > /dev/null 2>&1

python3 benches/plots.py "$data/fit.html" short-calls=SHORT_CALLS invalid-destinations=INVALID_DESTINATIONS
python3 benches/plots.py "$data/evaluate.html" calibration=Calibration \
    "trade-off=Busy unwanted caught, and wanted wronged: not registered" "caught-after=Caught after so many calls"
rm -r "$data"
