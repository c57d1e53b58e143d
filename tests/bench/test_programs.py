#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Do the programs and scripts of this folder still run, and say what they are read for? The smallest sizes, of what is always
installed; no figure is judged."""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.path.join(os.environ["EFFORT_BUILD"], "bin")


def said(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100)
    if done.returncode != 0:
        sys.exit("%s ended with %d:\n%s" % (" ".join(command), done.returncode, done.stdout))
    return done.stdout


def must(pattern, text):
    if not re.search(pattern, text, re.M):
        sys.exit("no %s in:\n%s" % (pattern, text))


with tempfile.TemporaryDirectory(prefix="bench-") as folder:
    events = folder + "/events.ndjson"
    said(HERE + "/run", "--events", "10000", "--write", events)
    must(r"^decode, CPU: best [\d.]+ median [\d.]+ ns/event \(10000 events", said(BIN + "/bench_receive", "-d", "-r", "1", events))
    must(r"best [\d.]+ median [\d.]+ ns/event", said(BIN + "/bench_receive", "-r", "1", events))
    stages = said(BIN + "/bench_stages", "-r", "1", events)
    for stage in ("decode", "json", "scan", "dedup", "classify", "count", "journal", "apply"):
        must(r"^\s*%s\s.*\d" % stage, stages)
    said(HERE + "/run", "--quick", "--events", "10000", "--only", "effortd,hincrby", "--out", folder + "/run")
    runs = json.load(open(folder + "/run/runs.json"))
    names = [name for name, _, rows in runs["rates"] if rows]
    if runs["wrong"] or "effortd" not in names or len(names) < 3:
        sys.exit("run: %s" % runs)
    said(HERE + "/growth", "--quick", "--events", "2000", "--only", "form", "--out", folder + "/growth")
    for points in json.load(open(folder + "/growth/growth.json")).values():
        if len(points) != 2 or not all("own" in row for rows in points.values() for row in rows):
            sys.exit("growth: %s" % points)
print("ok")
