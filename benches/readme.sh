#!/usr/bin/env bash
# Measures every figure that the project's README quotes. Takes about an hour on an idle machine with two cores. See README.md.
# usage: benches/readme.sh
set -euo pipefail
cd "$(dirname "$0")/.."

run() {
    printf '\n== %s\n' "$*"
    "$@"
}

run benches/score.sh
run cargo run --release --quiet -p bench-micro -- 10000000 10
run benches/serve.sh intake --calls 3000000
run benches/serve.sh intake --rate 200000 --calls 12000000 --form csv
run benches/serve.sh growth --numbers 10000000
run benches/serve.sh lookups --seconds 4
run benches/serve.sh redis --calls 200000 --numbers 200000
run benches/bars.sh
run benches/limits.sh
run benches/fit.sh
