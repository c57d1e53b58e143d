#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What the daemon refuses is said in the reader's language: every refusal has its words in effortctl, and Danish output has no
English in it, whatever goes wrong."""

import json
import os
import re

from harness import ROOT, Effortd, event, run, wait


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


run(*[test for name, test in sorted(globals().items()) if name.startswith("test_")])
