"""What the schemas of the API cannot say: which texts are numbers and regions, and what a body of records looks like."""

import datetime
import itertools
import json
import re

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation.meta import CoverageScenario

# Fictional numbers: 555-01XX in North America, and those that the regulator of the United Kingdom sets aside for drama.
NATIONAL = st.builds("{}55501{:02}".format, st.sampled_from(["215", "312", "646"]), st.integers(0, 99))
NUMBER = st.one_of(
    NATIONAL.map("+1{}".format),
    NATIONAL.map("1{}".format),
    NATIONAL,
    NATIONAL.map(lambda digits: f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"),
    NATIONAL.map("tel:+1{}".format),
    NATIONAL.map("sip:+1{}@example.org;user=phone".format),
    st.integers(0, 999).map("+442079460{:03}".format),
)
schemathesis.openapi.format("telephone-number", NUMBER)
# Messages that webhooks are due stay on this machine, where nobody listens at the discard port.
schemathesis.openapi.format("uri", st.integers(0, 99).map("http://127.0.0.1:9/hooks/{}".format))
schemathesis.openapi.format("region", st.sampled_from(["US", "ca"]))

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
TIME = st.integers(0, 30 * 86_400).map(lambda s: (NOW - datetime.timedelta(seconds=s)).isoformat())
schemathesis.openapi.format("record-time", TIME)
ID = st.none() | st.integers(0, 999).map("contract-{}".format)
WHOLE = st.none() | st.integers(0, 3_600)

CALL = st.fixed_dictionaries(
    {"start": TIME, "orig": NUMBER, "dest": NUMBER},
    optional={
        "id": ID,
        "carrier": st.sampled_from(["att", "tmobile", "verizon", "", None]),
        "talk_s": WHOLE,
        "ring_s": WHOLE,
        "q850": st.sampled_from([1, 16, 17, 19, None]),
        "attestation": st.sampled_from(["A", "B", "C", "none", None]),
    },
)
REPORT = st.fixed_dictionaries(
    {"at": TIME, "tn": NUMBER},
    optional={
        "id": ID,
        "category": st.sampled_from(["unwanted", "fraud", "not_spam", "wrong_number", "spoofed_me", None]),
        "reporter": st.none() | st.integers(0, 9).map("person-{}".format),
    },
)


def ndjson(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def csv(rows):
    columns = sorted({column for row in rows for column in row})
    cells = ([("" if row.get(column) is None else str(row[column])) for column in columns] for row in rows)
    return "".join(",".join(line) + "\n" for line in [columns, *cells]).encode()


# One type serves calls and reports alike. A row with the fields of both is either.
BOTH = st.builds(lambda call, report: {**report, **call}, CALL, REPORT)
ROWS = st.lists(BOTH, min_size=1, max_size=20)
schemathesis.openapi.media_type("application/x-ndjson", ROWS.map(ndjson))
schemathesis.openapi.media_type("text/csv", ROWS.map(csv))

# Keys repeat among generated requests, and a key that was used for something else is refused before anything is looked at.
COUNT = itertools.count()
KEY = re.compile("[!-~]{1,240}")


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is not None and getattr(case.meta.phase.data, "scenario", None) == CoverageScenario.MISSING_PARAMETER:
        return
    for name, value in list((case.headers or {}).items()):
        if name.lower() == "idempotency-key" and isinstance(value, str) and KEY.fullmatch(value):
            case.headers[name] = f"{value}-{next(COUNT)}"
