"""Prints the medians of several evaluations beside the bars that the policy is held to.

usage: bars.py scenario FILE SPREAD    the scenario with callers of a class SPREAD times as unlike each other
       bars.py report DIR              what the evaluations in DIR found
"""

import glob
import json
import math
import re
import statistics
import sys

LEVELS = ("potential_spam", "spam_likely", "spam")
REMINDERS = ("clinic_reminders", "school_alerts", "pharmacy_bank", "utility_notices")
# Populations whose lists are clean: told beside their ceiling, outside the bar of all.
CLEAN = ("clean_list", "clean_padded")


def scenario(path, spread):
    """The scenario's text, each rate's `n` divided by the square of the spread, so that deviations grow by it."""
    def wider(found):
        return f"{found[1]}{float(found[2]) / spread ** 2:.2f}{found[3]}"

    with open(path, encoding="utf-8") as lines:
        return "".join(re.sub(r"^((?:answered|short|invalid|repeat) = .*n = )([\d.]+)( .*)$", wider, line) for line in lines)


def at(report, *path):
    """A figure by its path of keys; None where the report has none."""
    for key in path:
        report = report.get(key) if isinstance(report, dict) else None
    return report


def median(values):
    """The median; None of nothing."""
    found = [value for value in values if value is not None]
    return statistics.median(found) if found else None


def upper_95(part, whole):
    """The one-sided upper bound of Clopper and Pearson of a share, by halving."""
    if part >= whole:
        return 1.0
    low, high = part / whole, 1.0
    for _ in range(60):
        p = (low + high) / 2
        tail = sum(
            math.exp(math.lgamma(whole + 1) - math.lgamma(k + 1) - math.lgamma(whole - k + 1)
                     + k * math.log(p) + (whole - k) * math.log1p(-p))
            for k in range(part + 1)
        )
        low, high = (p, high) if tail > 0.05 else (low, p)
    return high


def words(value):
    """A share in percent."""
    return "      –" if value is None else f"{value:7.2%}"


def line(what, value, bar=None, more=False, beside=""):
    """One figure beside its bar."""
    held = ""
    if bar is not None and value is not None:
        met = value >= bar if more else value <= bar
        held = f"{'>=' if more else '<='} {bar:6.2%}  {'met' if met else 'missed'}"
    print(f"{what:<54}{words(value)}  {held:<19} {beside}".rstrip())


def wronged(reports, level, *path):
    """Wanted numbers that ever had the label, over all worlds: how many, of how many."""
    parts = [at(report, "false_positive", *path, "numbers", level) or 0 for report in reports]
    wholes = [at(report, "false_positive", *path, "of") or 0 for report in reports]
    return sum(parts), sum(wholes)


def pooled(what, reports, level, path, bar):
    """A share over all worlds with its upper bound."""
    part, whole = wronged(reports, level, *path)
    if whole:
        line(what, part / whole, bar, beside=f"{part} of {whole:,}, at most {upper_95(part, whole):.2%} (95 %)")


def busy_without_clean(report):
    """Busy unwanted numbers caught at Spam Likely, and how many could be, without populations whose lists are clean."""
    caught = reachable = of = 0
    for name, found in at(report, "capture_numbers", "by_class").items():
        busy = at(found, "with_50_calls_in_7_days")
        if name in CLEAN or not busy or not busy["of"]:
            continue
        of += busy["of"]
        caught += busy["spam_likely"] * busy["of"]
        reachable += busy["reachable"]["spam_likely"] * busy["of"]
    return caught / of, reachable / of


def populations(reports):
    """Each unwanted population beside its ceiling."""
    print(f"\n{'unwanted populations, at Spam Likely':<38}{'busy numbers':>14}{'ceiling':>9}{'calls':>9}{'ceiling':>9}")
    for name in sorted(at(reports[0], "capture_numbers", "by_class")):
        def of(kind, *path):
            return median(at(report, kind, "by_class", name, *path) for report in reports)

        busy = "with_50_calls_in_7_days"
        print(f"  {name:<36}{words(of('capture_numbers', busy, 'spam_likely')):>14}"
              f"{words(of('capture_numbers', busy, 'reachable', 'spam_likely')):>9}"
              f"{words(of('capture_calls', 'spam_likely')):>9}"
              f"{words(of('capture_calls', 'reachable', 'spam_likely')):>9}")


def trade_off(reports):
    """What moving the entry of Spam Likely would cost."""
    print("\nwhere Spam Likely begins     busy unwanted caught   registered wronged   others wronged")
    for point in at(reports[0], "trade_off", "spam_likely") or []:
        print(f"  P >= {point['p']:<21}{words(point['capture_numbers_busy']):>21}"
              f"{words(point['false_positive_registered']):>21}{words(point['false_positive_unregistered']):>17}")


def report(folder):
    """Everything."""
    def read(name):
        paths = sorted(glob.glob(f"{folder}/{name}-*.json"))
        return [json.load(open(path, encoding="utf-8")) for path in paths]

    plain, likely = read("plain"), "spam_likely"
    registered = wronged(plain, likely, "registered")[1]
    print(f"{len(plain)} worlds, {registered:,} registered legitimate callers in all; policy {at(plain[0], 'policy_version')}."
          "\nAt Spam Likely or above; medians over worlds, wronged callers over all worlds together.\n")
    found = [busy_without_clean(one) for one in plain]
    line("busy unwanted numbers caught, without clean lists", median(one[0] for one in found), 0.99, True,
         f"ceiling {median(one[1] for one in found):.2%}")
    for name in ("padding", "redial"):
        line(f"  where all of them play {name}", median(busy_without_clean(one)[0] for one in read(name)), 0.92, True)
    pooled("registered callers ever labelled", plain, likely, ("registered",), 0.001)
    pooled("  attested as well", plain, likely, ("registered_and_attested",), 0.001)
    pooled("  at Spam", plain, "spam", ("registered",), 0.0001)
    pooled("unregistered call centres ever labelled", plain, likely, ("by_class", "call_centre", "unregistered"), 0.02)
    for name in REMINDERS:
        pooled(f"  {name.replace('_', ' ')}", plain, likely, ("by_class", name, "unregistered"), 0.02)
    lift = [
        at(after, "attacked", "false_positive", likely) - at(before, "attacked", "false_positive", likely)
        for before, after in zip(read("unbombed"), read("bombed"))
    ]
    line("bombed numbers labelled, more than the same unbombed", median(lift), 0.001)
    for level in LEVELS:
        line(f"labels that come back, a number and day: {level.replace('_', ' ')}",
             median(at(one, "flaps", level) for one in plain), 0.01)
    line("calibration error", median(at(one, "ece", "overall") for one in plain), 0.02)
    populations(plain)
    trade_off(read("trade_off"))


def main(told):
    """Reads the arguments."""
    match told:
        case ["scenario", path, spread]:
            print(scenario(path, float(spread)), end="")
        case ["report", folder]:
            report(folder)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
