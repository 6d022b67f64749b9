"""Prints the median of several evaluations beside the bars that the policy is held to."""

import json
import statistics
import sys


def share(report, *path):
    """A figure by its path of keys; None where the report has none."""
    for key in path:
        report = report.get(key) if isinstance(report, dict) else None
    return report


def of_class(name):
    """The share of a class's wanted numbers ever labelled, at any level."""
    return lambda report: share(report, "false_positive", "by_class", name, "unregistered", "potential_spam")


CAUGHT = ("capture_numbers", "with_50_calls_in_7_days", "spam_likely")


def caught(name):
    """The share of a class's busy unwanted numbers caught at Spam Likely."""
    return lambda report: share(report, "capture_numbers", "by_class", name, *CAUGHT[1:])


# What, how to read it, the bar, and whether more is better.
BARS = [
    ("busy unwanted numbers caught at Spam Likely", lambda r: share(r, *CAUGHT), 0.99, True),
    ("  beside their ceiling",
     lambda r: share(r, "capture_numbers", "with_50_calls_in_7_days", "reachable", "spam_likely"), None, True),
    ("  padders", caught("padder"), 0.92, True),
    ("  those who redial everyone", caught("redialler"), 0.92, True),
    ("registered callers ever labelled", lambda r: share(r, "false_positive", "registered", "potential_spam"), 0.001, False),
    ("  at Spam Likely", lambda r: share(r, "false_positive", "registered", "spam_likely"), 0.001, False),
    ("    at most (95 %)", lambda r: share(r, "false_positive", "registered", "upper_95", "spam_likely"), None, False),
    ("  at Spam", lambda r: share(r, "false_positive", "registered", "spam"), 0.0001, False),
    ("unregistered call centres ever labelled", of_class("call_centre"), 0.02, False),
    ("unregistered clinics' reminders ever labelled", of_class("clinic_reminders"), 0.02, False),
    ("labels that come back, a number and day", lambda r: share(r, "flaps", "potential_spam"), 0.01, False),
    ("calibration error", lambda r: share(r, "ece", "overall"), 0.02, False),
]


def main(paths):
    reports = [json.load(open(path, encoding="utf-8")) for path in paths]
    registered = statistics.median(report["numbers"]["wanted_registered"] for report in reports)
    print(f"{len(reports)} seeds, {registered:.0f} registered legitimate callers each (median); all figures are medians")
    for words, read, bar, more in BARS:
        found = [value for value in map(read, reports) if value is not None]
        if not found:
            print(f"{words:<48} not in these reports")
            continue
        median = statistics.median(found)
        held = ""
        if bar is not None:
            met = median >= bar if more else median <= bar
            held = f"{'>=' if more else '<='} {bar:8.2%}   {'met' if met else 'missed'}"
        print(f"{words:<48} {median:8.2%}   {held}")


if __name__ == "__main__":
    main(sys.argv[1:])
