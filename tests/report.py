#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Reads the results of one ctest run (--output-junit) for tests/run: "PASSED FAILED SKIPPED" to standard error, and for
each test that failed its name and its output to standard output. Exits 1 when there are no results to read.

A test that was not run because its program is missing has failed; skipped is only what says so itself."""
import re
import sys
import xml.etree.ElementTree as tree

VERDICT = re.compile(r"^(FAILED|FAIL:|ERROR:|\w*Error: |AssertionError|not ok)|:[EF]:|ERROR: \w+Sanitizer|runtime error:")
VERDICTS = 12
LINES = 80  # of the output of one failed test; the whole of it stands in build/test-results


def kind(case):
    status = case.get("status")
    if status == "run" and case.find("failure") is None:
        return "passed"
    skipped = case.find("skipped")
    if status == "disabled" or skipped is not None and "SKIP_" in (skipped.get("message") or ""):
        return "skipped"
    return "failed"


def verdicts(out):
    """What a reader who sees only the first lines needs: those that say which check failed."""
    found = [line for line in out if VERDICT.search(line)]
    return found[:VERDICTS] if len(out) > VERDICTS else []


def explain(case):
    fault = case.find("failure")
    fault = case.find("skipped") if fault is None else fault
    out = (case.findtext("system-out") or "").rstrip().split("\n")
    print("FAILED %s%s" % (case.get("name"), "" if fault is None else ": " + (fault.get("message") or "")))
    for line in verdicts(out):
        print("  " + line)
    if len(out) > LINES:
        print("  ... %d lines before these" % (len(out) - LINES))
    for line in out[-LINES:]:
        print("  " + line)


def main(path):
    try:
        cases = list(tree.parse(path).getroot().iter("testcase"))
    except (OSError, tree.ParseError) as fault:
        print("FAILED ctest left no results: %s" % fault)
        return 1
    kinds = [kind(case) for case in cases]
    for case, which in zip(cases, kinds):
        if which == "failed":
            explain(case)
    print(kinds.count("passed"), kinds.count("failed"), kinds.count("skipped"), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
