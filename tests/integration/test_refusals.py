#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What the daemon refuses is said in the reader's language: every refusal has its words in effortctl, and Danish output has no
English in it, whatever goes wrong."""

import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import BUILD, ROOT, Effortd, event, line, run, wait


def test_every_refusal_has_words():
    with open(os.path.join(ROOT, "daemon", "run", "refusals.def"), encoding="utf-8") as f:
        answered = set(re.findall(r'REFUSAL\(REFUSAL_\w+, "(\w+)"', f.read()))
    with open(os.path.join(ROOT, "daemon", "ctl", "refusal.c"), encoding="utf-8") as f:
        said = set(re.findall(r'\{ "(\w+)", W_', f.read()))
    assert answered and answered == said, answered ^ said


def test_refusals_in_both_languages():
    asked = ((("shares", "9999"), "ingen sådan kommune", "no such municipality"),
             (("measures", "9999"), "ingen sådan kommune", "no such municipality"),
             (("shares", "0751", "--label", "month:2012-99"), "ingen sådan periode", "no such period"),
             (("compare", "--label", "month:2012-99"), "ingen sådan periode", "no such period"),
             (("export", "0751", "--label", "season:2012-x"), "ingen sådan periode", "no such period"),
             (("shares", "0751", "--label", "period:x"), "ingen sådan tælleperiode", "no such counting period"),
             (("measures", "0751", "--label", "period:x"), "ingen sådan tælleperiode", "no such counting period"),
             (("compare", "--label", "period:x"), "ingen sådan tælleperiode", "no such counting period"),
             (("compare", "--scope", "nope"), "intet sådant område", "no such scope"),
             (("targets", "0751", "--explain", "nope"), "der er intet mål med dette id", "there is no target of this id"),
             (("efforts", "show", "nope"), "der er ingen indsats med dette id", "there is no effort of this id"),
             (("validate", "/nonexistent/x"), "findes ikke", "No such file or directory"))
    with Effortd() as e:
        wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
        e.send(event())
        e.wait_counted(1)
        for args, danish, english in asked:
            da, en = (e.ctl(*args, "--lang", lang, check=False) for lang in ("da", "en"))
            assert da.returncode == en.returncode != 0, (args, da, en)
            da, en = (" ".join(p.stderr.split()) for p in (da, en))
            assert danish in da and english in en, (args, da, en)
            assert not re.search(r"\b(the|no such|there is|see|ask for|give)\b", da), (args, da)
        doc = json.loads(e.ctl("shares", "9999", "--json", check=False).stdout)
        assert doc["code"] == "no_municipality" and doc["error"] == "no such municipality", doc


def effortctl(*args, **more):
    """What it says, on one line, in Danish and in English; it fails."""
    said = []
    for lang in ("da", "en"):
        p = subprocess.run([os.path.join(BUILD, "bin", "effortctl"), *args, "--lang", lang], capture_output=True, text=True,
                           env=dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1"), **more)
        assert p.returncode != 0, (args, p)
        said.append(" ".join((p.stdout + p.stderr).split()))
    return said


def test_what_the_system_refuses_in_both_languages():
    folder = tempfile.mkdtemp(prefix="effort-refused-")
    try:
        os.makedirs(os.path.join(folder, "journal", "0000000000000001.wal"))  # folders where files belong, and a file for a folder
        os.mkdir(os.path.join(folder, "journal", "writer.new"))
        open(os.path.join(folder, "ids"), "w").close()
        for args, wanted in ((("verify",), (("wal: kan ikke læses: er en mappe", "wal: cannot be read: Is a directory"),
                                            ("ids: kan ikke læses: en del af stien er ikke en mappe", "ids: cannot be read: Not a directory"))),
                             (("repair", "--write"), (("writer.new: er en mappe", "writer.new: Is a directory"),))):
            da, en = effortctl("journal", *args, "--state-dir", folder)
            for danish, english in wanted:
                assert danish in da and english in en, (args, da, en)
        for to, danish, english in ((os.path.join(folder, "nobody"), "findes ikke", "No such file or directory"),
                                    (os.path.join(folder, "ids", "x"), "en del af stien er ikke en mappe", "Not a directory")):
            for acks in (), ("--acks", "--timeout", ".1"):
                da, en = effortctl("send", "--to", to, *acks, input=line(event()) + "\n")
                assert danish in da and english in en and english not in da, (to, acks, da, en)
    finally:
        shutil.rmtree(folder)


run(*[test for name, test in sorted(globals().items()) if name.startswith("test_")])
