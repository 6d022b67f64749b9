# Sourced: makes the environment of Python once, and again when the pinned versions change; `$python` runs it.
venv=benches/fit/.venv
if ! cmp --quiet benches/fit/requirements.txt "$venv/requirements.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r benches/fit/requirements.txt
    cp benches/fit/requirements.txt "$venv/requirements.txt"
fi
python=$venv/bin/python
