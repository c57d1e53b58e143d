#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The house's rules for files: the licence in the first line, no file too long to read, only what belongs at the top,
nothing left to do later.

    files.py SOURCE_TREE"""
import os
import re
import sys

MAX_LINES = 600
# Longer by nature; everybody else splits.
SOURCES = (".c", ".h", ".def", ".py", ".lua", ".sh", ".mjs", ".cmake", ".in", ".conf", ".html", ".js", ".css")
TOP = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md", ".ci", ".clang-format", ".clang-tidy",
       ".editorconfig", ".git", ".gitignore", "build", "include", "daemon", "plugins", "etc", "tests"}
NOT_OURS = {"build", ".git", "node_modules", "__pycache__"}
DATA = ("tests/data/", "tests/fuzz/corpus/")
SPDX = "SPDX-License-Identifier: MPL-2.0"
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")


def files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in NOT_OURS)
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root)


def is_source(path, text):
    return path.endswith(SOURCES) or os.path.basename(path) == "CMakeLists.txt" or text.startswith("#!")


def judge(path, text):
    lines = text.split("\n")
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    if SPDX not in first:
        yield "the first line (the second under #!) is not %s" % SPDX
    if len(lines) - 1 > MAX_LINES:
        yield "%d lines; over %d nobody reads it: split it by what it owns" % (len(lines) - 1, MAX_LINES)
    for number, line in enumerate(lines, 1):
        if LATER.search(line):
            yield "line %d leaves something for later; do it or file it" % number


def main(root):
    faults, seen = [], 0
    for name in sorted(os.listdir(root)):
        if name not in TOP:
            faults.append("%s: does not belong at the top of the tree" % name)
    for path in files(root):
        if path.startswith(DATA):
            continue
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
            text = f.read()
        if is_source(path, text):
            seen += 1
            faults += ["%s: %s" % (path, fault) for fault in judge(path, text)]
    for fault in faults:
        print(fault)
    print("%d source files, %d faults" % (seen, len(faults)))
    return 1 if faults or seen == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1]))
