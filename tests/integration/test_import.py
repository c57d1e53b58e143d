#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl import: tables of other systems counted once, on the right days, with every refused row told by its line;
the shipped example map; and what a dry run and a broken map say. Cases 10, 16, 21-23 and 25 of the sources where they
are about tables."""

import csv
import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import BUILD, ROOT, Effortd, run, wait

MAP = os.path.join(ROOT, "etc", "import", "counting-week.conf")
HEAD = "År;Uge;Enhed;Opgave;Kanal;Antal;Bemærkninger\r\n"


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="effort-import-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def put(self, name, text, encoding="utf-8"):
        path = os.path.join(self.path, name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def map(self, text):
        return self.put("map%d.conf" % len(os.listdir(self.path)), text)


SMALL = """
source = "table";
constants = { municipality = "0751"; channel = "phone"; };
columns = ( { column = "dato"; field = "date"; }, { column = "kle"; field = "kle"; }, { column = "antal"; field = "count"; } );
"""


def ctl(*args, env=None):
    return subprocess.run([os.path.join(BUILD, "bin", "effortctl"), "import", "--run-dir", "/nonexistent/effortd", *args],
                          capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb", **(env or {})))


def dry(*args):
    """What a dry run without a daemon says."""
    p = ctl("--dry-run", "--json", *args)
    assert p.returncode in (0, 1), p
    return json.loads(p.stdout)


def imported(e, *args, code=0):
    p = e.ctl("import", "--json", *args, check=False)
    assert p.returncode == code, p
    return json.loads(p.stdout)


def cells(e, day):
    return e.cells("effort:{0751}:d:" + day)


def days(e, first, n):
    """Counts of all contacts by day of November 2026."""
    return [int(e.share(label="day:2026-11-%02d" % (first + i)).get("all.contacts", 0)) for i in range(n)]


def test_example_map_of_a_counting_week():
    with Folder() as f, Effortd() as e:
        text = HEAD + ("2026;47;Borgerservice Nørreport;Flytning;Tlf.;1.204;\r\n"
                       "2026;47;Borgerservice Nørreport;Flytning;Selvbetjening;3.000;\r\n"
                       "2026;47;Ældre;Hjælpemidler;Fremmøde;7;\r\n2026;47;I alt;;;4.211;\r\n;;;;;;\r\n")
        sheet = f.put("uge47.csv", text, "windows-1252")
        got = imported(e, "--map", MAP, sheet)
        assert (got["rows"], got["skipped"], got["events"], got["contacts"]) == (4, 1, 15, 4211), got
        assert (got["accepted"], got["duplicate"], got["refused"]) == (15, 0, 0), got
        e.wait_settled()
        assert e.share(label="week:2026-W47")["all.contacts"] == "4211"
        assert days(e, 16, 7) == [843, 843, 842, 842, 841, 0, 0], days(e, 16, 7)
        units = e.redis.hgetall("effort:{0751}:by:unit:2026-11")
        assert units["Borgerservice-Noerreport.contacts"] == "4204" and units["Aeldre.contacts"] == "7", units

        again = imported(e, "--map", MAP, sheet)
        assert (again["accepted"], again["duplicate"]) == (0, 15), again
        assert again["unclassified"]["rows"] == 0, again
        utf8 = f.put("bom.csv", b"\xef\xbb\xbf" + text.encode())
        again = imported(e, "--map", MAP, utf8, sheet)
        assert (again["accepted"], again["duplicate"]) == (0, 30), again
        e.wait_settled()
        assert e.share(label="week:2026-W47")["all.contacts"] == "4211"


def sample_of_the_example():
    """The table that stands in the example map's own comment."""
    with open(MAP, encoding="utf-8") as f:
        return "".join(line[4:] for line in f if re.match(r"#   [^ ]*;", line))


def test_the_examples_own_sample_is_classified():
    with Folder() as f, Effortd() as e:
        sheet = f.put("uge47.csv", sample_of_the_example())
        got = imported(e, "--map", MAP, "--dry-run", sheet)
        assert got["rows"] == 1 and got["unclassified"] == {"rows": 0, "contacts": 0, "first": []}, got
        p = e.ctl("import", "--map", MAP, sheet)
        assert "unclassified" not in p.stdout + p.stderr, p
        e.wait_settled()
        share = e.share(label="week:2026-W47")
        assert share["administration.contacts"] == "1204" and share.get("unclassified.contacts", "0") == "0", share


def test_words_that_no_area_knows_are_told_before_they_are_counted():
    """By column and line: what stands in a cell is anybody's text."""
    row = "2026;47;%s;%s;Tlf.;5;\n"
    with Folder() as f, Effortd() as e:
        sheet = f.put("a.csv", HEAD + "".join(row % pair for pair in zip("ABCDE", ("Flytning", "Sære Sager", "Pas", "Sære Sager", "Andet"))))
        got = imported(e, "--map", MAP, "--dry-run", sheet)
        assert (got["unclassified"]["rows"], got["unclassified"]["contacts"]) == (3, 15), got
        assert [at["line"] for at in got["unclassified"]["first"]] == [3, 6], got
        for args, words in ((("--dry-run",), "Unclassified: 3 rows with 15 contacts. No area knows what \"Opgave\" says there, first in "),
                            (("--lang", "da"), "Uklassificeret: 3 rækker med 15 henvendelser.")):
            p = e.ctl("import", "--map", MAP, sheet, *args)
            said = " ".join((p.stdout + p.stderr).split())
            assert words in said and "a.csv:3, 6." in said and "`values`" in said and "re Sager" not in said, said
        e.wait_settled()
        assert e.share(label="week:2026-W47")["unclassified.contacts"] == "15"
        p = ctl("--map", MAP, "--dry-run", sheet)
        assert "Checked for form only" in p.stderr and "unclassified" not in p.stderr, p


def test_a_corrected_file_says_which_rows_conflict():
    with Folder() as f, Effortd() as e:
        row = "2026;47;A;Flytning;Tlf.;%d;\n"
        imported(e, "--map", MAP, f.put("a.csv", HEAD + row % 3 + "2026;47;B;Flytning;Tlf.;9;\n"))
        for count in (2, 4, 5, 8, 12, 100):
            got = imported(e, "--map", MAP, f.put("b.csv", HEAD + "2026;47;C;Flytning;Tlf.;1;\n" + row % count), code=1)
            assert got["codes"] == {"E_CONFLICT": 1} and got["rejects"][0]["line"] == 3, got
        e.wait_settled()
        assert e.share(label="week:2026-W47")["all.contacts"] == "13"  # 3 + 9 + 1: nothing of the conflicting rows


def test_the_next_step_is_one_for_a_table():
    row = "2026;47;A;Flytning;Tlf.;%s;\n"
    with Folder() as f, Effortd(settings={"late_limit": "35d"}) as e:
        sheet = f.put("a.csv", HEAD + row % 3 + row % 3 + "2020;47;A;Flytning;Tlf.;1;\n" + "2026;47;010199-0000;Flytning;Tlf.;1;\n")
        for lang, words in (("da", ("a.csv:3: E_CONFLICT id: ventet nøglekolonner, der skelner rækken fra en tidligere i filen",
                                    "a.csv:5: E_CPR: ventet ingen personnumre; kolonner, der rummer dem, hører under `drop`",
                                    "Ret datoen i rækken", "tages tilbage med en hændelse med `corrects`")),
                            ("en", ("an earlier one of the file", "Correct the date in the row", "is taken back by an event with `corrects`",
                                    "Take the column out of the file"))):
            p = e.ctl("import", "--map", MAP, "--dry-run", "--lang", lang, sheet, check=False)
            said = " ".join(p.stderr.split())
            for word in words:
                assert word in said, (word, said)
            for word in ("clock", "random ids", "same time", "ur og kø", "tidligere modtaget"):
                assert word not in said, (word, said)


def test_rows_are_known_without_key_columns():
    """Equal rows of one file are as many contacts; of two files, or of one grown longer, they are the same."""
    with Folder() as f, Effortd() as e:
        m = f.map(SMALL)
        row = "21-11-2026;23.05.10;1\n"
        assert imported(e, "--map", m, f.put("a.csv", "dato;kle;antal\n" + row * 3))["accepted"] == 3
        got = imported(e, "--map", m, f.put("b.csv", "dato;kle;antal\n" + "20-11-2026;23.05.10;1\n" + row * 5))
        assert (got["accepted"], got["duplicate"]) == (3, 3), got
        assert imported(e, "--map", m, "--batch", "second counter", f.put("c.csv", "dato;kle;antal\n" + row))["accepted"] == 1
        e.wait_settled()
        assert days(e, 20, 2) == [1, 6]


def test_refused_rows_are_told_and_can_be_corrected():
    with Folder() as f, Effortd() as e:
        sheet = f.put("a.csv", HEAD + "2026;47;A;Flytning;Tlf.;5;010199-0000\n2026;47;A;Flytning;Fax;5;\n"
                                      "2026;47;A;Flytning;Brev;2,5;\n2026;54;A;Flytning;Brev;2;\n"
                                      "2026;47;Borger 010199-0000;Flytning;Brev;2;\n2026;47;A;Pas;Brev;-2;\n"
                                      "2026;47;\"A;Flytning;Brev;2;\n2026;47;B;Flytning;Brev;1.5;\n2026;47;B;Fly\"tning;Mail;1;;x\n")
        rejects = os.path.join(f.path, "rejects.csv")
        got = imported(e, "--map", MAP, "--rejects", rejects, sheet, code=1)
        told = [(r["line"], r["code"], r["column"]) for r in got["rejects"]]
        assert told == [(3, "E_CHANNEL", "Kanal"), (4, "E_VALUE", "Antal"), (5, "E_TIME", "Uge"), (6, "E_CPR", ""),
                        (7, "E_VALUE", "Antal"), (8, "E_VALUE", ""), (9, "E_VALUE", "Antal"), (10, "E_VALUE", "")], told
        assert got["events"] == 5 and got["accepted"] == 5, got
        with open(rejects, encoding="utf-8-sig", newline="") as r:
            raw = r.read()
        assert "010199" not in raw and "Bemærkninger" not in raw, raw
        rows = list(csv.reader(raw.splitlines(), delimiter=";"))
        assert rows[0][:5] == ["_line", "_code", "_column", "_why", "_next"] and rows[0][5:] == HEAD.strip().split(";")[:6]
        assert [r[0] for r in rows[1:]] == [str(line) for line, _, _ in told]
        assert all(r[3] and r[4] for r in rows[1:]) and rows[1][9] == "Fax"
        with open(rejects, "w", encoding="utf-8") as w:
            w.write(raw.replace(";\"Fax\";", ";\"Tlf.\";").replace("2,5", "6"))
        got = imported(e, "--map", MAP, rejects, code=1)
        assert (got["accepted"], got["duplicate"]) == (5, 5), got  # 6 letters; the 5 calls had been counted from line 2
        assert got["codes"] == {"E_TIME": 1, "E_VALUE": 3}, got
        text = e.ctl("import", "--map", MAP, "--lang", "da", sheet, check=False)
        assert re.search(r'a\.csv:3: E_CHANNEL "Kanal": ', text.stderr) and "010199" not in text.stderr, text
        assert 'a.csv:4: E_VALUE "Antal": ventet et helt tal\n' in text.stderr, text
        assert re.search(r"(?m)^  E_CHANNEL: ", text.stderr), text  # the next step
        assert "E_CHANNEL: Ret cellen, eller giv filens ord dets betydning under kolonnens `values`" in " ".join(text.stderr.split()), text
        assert "felttabellen" not in text.stderr, text


def test_nothing_of_a_row_is_counted_when_one_of_its_days_is_refused():
    with Folder() as f, Effortd(settings={"late_limit": "35d", "future_limit": "10m"}) as e:
        m = f.map(SMALL.replace('{ column = "dato"; field = "date"; }', '{ column = "fra"; field = "from"; }, '
                                                                      '{ column = "til"; field = "to"; }'))
        got = imported(e, "--map", m, f.put("a.csv", "fra;til;kle;antal\n01-01-2020;31-12-2020;23.05.10;400\n"
                                                     "2199-01-01;2199-01-07;23.05.10;7\n"), code=1)
        assert got["codes"] == {"E_TOO_OLD": 1, "E_FUTURE": 1} and got["accepted"] == 0, got
        assert e.status()["received"] == 0


def test_case_10_a_months_count_is_booked_on_its_days():
    with Folder() as f, Effortd() as e:
        m = f.map(SMALL.replace('field = "date"', 'field = "month"'))
        got = imported(e, "--map", m, f.put("a.csv", "dato;kle;antal\n\"nov 2026\";23.05.10;3.001\n"))
        assert (got["events"], got["accepted"]) == (30, 30), got
        e.wait_settled()
        assert days(e, 1, 30) == [101] + [100] * 29
        assert e.share(label="month:2026-11")["all.contacts"] == "3001"


METERS = """
source = "post";
constants = { municipality = "0751"; channel = "letter"; direction = "out"; form = "physical"; kle = "23.05.10"; };
columns = ( { column = "dato"; field = "date"; key = true; }, { column = "maskine"; field = "meter"; key = true; },
            { column = "visning"; field = "reading"; } );
"""
LEVELS = """
source = "statistik";
decimal = ",";
constants = { municipality = "0751"; channel = "system"; kle = "23.05.10"; meter = "tilmeldte"; };
columns = ( { column = "måned"; field = "month"; }, { column = "andel"; field = "level"; } );
"""


def test_case_11_a_table_of_meter_readings_counts_what_lies_between_them():
    with Folder() as f, Effortd({"follow_interval": "200ms"}) as e:
        m, table = f.map(METERS), f.put("a.csv", "dato;maskine;visning\n31-10-2026;Frankering 2;1.000\n30-11-2026;Frankering 2;1.300\n")
        p = e.ctl("import", "--map", m, table, "--dry-run", "--lang", "da")
        assert "2 hændelser med 2 aflæsninger ville blive sendt." in p.stdout + p.stderr, p
        got = imported(e, "--map", m, table)
        assert (got["events"], got["accepted"], got["contacts"], got["readings"]) == (2, 2, 0, 2), got
        e.wait_settled()
        assert sum(v for k, v in e.cells("effort:{0751}:m:2026-11").items() if k.startswith("out:")) == 300
        assert imported(e, "--map", m, table)["duplicate"] == 2
        m = f.map(LEVELS)
        assert imported(e, "--map", m, f.put("b.csv", "måned;andel\n2026-10;87,5\n2026-11;86,25\n"))["accepted"] == 2
        wait(lambda: e.redis.hgetall("effort:{0751}:levels").get("tilmeldte@statistik") == "86.25", "the newest level")


def test_case_21_a_batch_is_as_many_contacts_as_it_counts():
    with Folder() as f, Effortd() as e:
        got = imported(e, "--map", f.map(SMALL), f.put("a.csv", "dato;kle;antal\n21-11-2026;23.05.10;11.000\n"))
        assert (got["events"], got["contacts"]) == (1, 11000), got
        e.wait_settled()
        assert days(e, 21, 1) == [11000]


def test_case_22_danish_letters_in_every_encoding():
    with Folder() as f:
        text = "DATO;Områdekode;ANTAL\n21-11-2026;Børn og Ældre, Å;1\n"
        m = f.map("""source = "t"; constants = { municipality = "0751"; channel = "phone"; kle = "23.05.10"; };
            columns = ( { column = "Dato"; field = "date"; }, { column = "områdekode"; field = "unit"; },
                        { column = "antal"; field = "count"; } );""")
        decomposed = text.replace("å", "a\u030a").replace("Å", "A\u030a")
        for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("windows-1252"), decomposed.encode()):
            got = dry("--map", m, f.put("a.csv", data))
            assert (got["events"], got["refused"]) == (1, 0), (data, got)
        got = dry("--map", m, f.put("a.csv", text.encode("utf-8") + b"21-11-2026;B\xf8rn;1\n"), "--encoding", "utf-8")
        assert got["codes"] == {"E_UTF8": 1}, got
        p = ctl("--dry-run", "--map", m, f.put("a.csv", text.encode("utf-16")))
        assert p.returncode == 78 and "UTF-16" in p.stderr, p


def test_case_23_decimal_comma_and_thousands_point():
    with Folder() as f:
        sheet = f.put("a.csv", "dato;kle;antal\n21-11-2026;23.05.10;1.234\n21-11-2026;23.05.10;\"1.234,0\"\n"
                               "21-11-2026;23.05.10;1 234\n21-11-2026;23.05.10;1.23\n21-11-2026;23.05.10;12,34\n")
        got = dry("--map", f.map(SMALL), sheet)
        assert got["contacts"] == 3 * 1234 and [r["line"] for r in got["rejects"]] == [5, 6], got
        plain = f.put("b.csv", "dato,kle,antal\n21-11-2026,23.05.10,1234\n21-11-2026,23.05.10,\"1,234\"\n")
        got = dry("--map", f.map('decimal = "."; thousands = ",";' + SMALL), plain)
        assert got["contacts"] == 2 * 1234, got


def test_case_25_names_and_addresses_do_not_come_along():
    """Columns that no map names are never sent; what holds a personal number is refused whole, whatever its column."""
    with Folder() as f, Effortd() as e:
        sheet = f.put("a.csv", "dato;kle;antal;Kontaktperson;Cpr\n21-11-2026;23.05.10;1;Synthetic Person;\n"
                               "21-11-2026;23.05.10;1;;010199-0000\n")
        got = imported(e, "--map", f.map(SMALL), sheet, code=1)
        assert got["accepted"] == 1 and got["codes"] == {"E_CPR": 1}, got
        got = imported(e, "--map", f.map('drop = [ "CPR" ];' + SMALL), sheet)
        assert (got["accepted"], got["duplicate"]) == (1, 1), got
        e.wait_settled()
        for folder, _, names in os.walk(e.folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as kept:
                        data = kept.read()
                    assert b"Synthetic" not in data and b"010199" not in data, path


def test_rows_refused_for_something_else_are_searched_all_the_same():
    """What is wrong first does not matter: no personal number reaches the rejects or the screen."""
    with Folder() as f:
        m = f.map(SMALL.replace('columns = (', 'columns = ( { column = "nr"; field = "id"; },'))
        rejects = os.path.join(f.path, "rejects.csv")
        head = "nr;dato;kle;antal\n"
        sheet = f.put("a.csv", head + "a;21-11-2026;23.05.10;1;010199-0000\n0101990000;21-11-2026;23.05.10;x\nb;21-11-2026;23.05.10;x\n"
                                     "c;\"010199-0000;23.05.10;1\n")
        p = ctl("--dry-run", "--map", m, "--rejects", rejects, sheet)
        with open(rejects, encoding="utf-8") as r:
            kept = r.read()
        assert p.returncode == 1 and "0101" not in kept + p.stderr and '"b"' in kept, (p, kept)
        p = ctl("--dry-run", "--map", m, f.put("b.csv", "a;010199-0000;23.05.10;1\n" * 3))
        assert p.returncode == 78 and "0101" not in p.stderr and "cannot be read as names" in p.stderr, p
        m = f.map(SMALL.replace('columns = (', 'columns = ( { column = "nr"; field = "id"; },'))
        lines = [{"nr": "0101990000", "dato": "21-11-2026", "kle": "23.05.10", "antal": "x"}]
        p = ctl("--dry-run", "--map", m, "--rejects", rejects, f.put("c.ndjson", "".join(json.dumps(x) + "\n" for x in lines)))
        with open(rejects, encoding="utf-8") as r:
            kept = r.read()
        assert p.returncode == 1 and "0101" not in kept + p.stderr, (p, kept)


def test_json_lines_by_the_same_map():
    with Folder() as f, Effortd() as e:
        m = f.map("""source = "queue"; constants = { municipality = "0751"; channel = "counter"; };
            drop = [ "visitor" ];
            booking = { duration = "minutes"; };
            columns = ( { column = "ticket"; field = "id"; }, { column = "served.at"; field = "time"; },
                        { column = "served.service"; field = "service"; }, { column = "minutes"; field = "duration_s"; },
                        { column = "helped"; field = "assisted"; } );""")
        rows = [{"ticket": "t%d" % i, "served": {"at": "2026-11-21T10:0%d:00+01:00" % i, "service": "pas"}, "minutes": 1.5,
                 "visitor": "010199-0000"} for i in range(3)]
        rows += [{"ticket": "t9", "served": {"at": "2026-11-21 10:09", "service": "pas", "note": "010199-0000"}}]
        sheet = f.put("q.ndjson", "".join(json.dumps(r) + "\n" for r in rows) + "not json\n\n")
        rejects = os.path.join(f.path, "r")
        got = imported(e, "--map", m, "--rejects", rejects, sheet, code=1)
        assert (got["accepted"], got["codes"]) == (3, {"E_JSON": 1, "E_CPR": 1}), got
        with open(rejects, encoding="utf-8") as r:
            lines = [json.loads(x) for x in r]
        assert [(x["_line"], x["_code"]) for x in lines] == [(4, "E_CPR"), (5, "E_JSON")] and "ticket" not in lines[0], lines
        e.wait_settled()
        assert e.share(label="day:2026-11-21")["all.contacts"] == "3"
        assert sum(v for k, v in cells(e, "2026-11-21").items() if k.startswith("seconds:")) == 270, cells(e, "2026-11-21")


def test_forms_of_tables():
    with Folder() as f:
        m = f.map(SMALL)
        body = ["21-11-2026;23.05.10;2", "2026-11-21;23.05.10;2", "21.11.2026;23.05.10;2"]
        for sep in ";,\t|":
            text = "\n".join(["dato;kle;antal"] + body).replace(";", sep)
            assert dry("--map", m, f.put("a.csv", text))["contacts"] == 6, sep
        assert dry("--map", m, f.put("a.csv", "sep=,\ndato,kle,antal\n21-11-2026,23.05.10,2"))["contacts"] == 2
        assert dry("--map", f.map("skip_lines = 2;" + SMALL), f.put("a.csv", "Udtræk\n\ndato;kle;antal\n" + body[0]))["contacts"] == 2
        assert dry("--map", m, f.put("a.csv", 'dato;"kle";"antal"\n"21-11-2026";23.05.10;"2"'))["contacts"] == 2
        numbered = SMALL.replace('"dato"', '"1"').replace('"kle"; field', '"2"; field').replace('"antal"', '"3"')
        assert dry("--map", f.map("header = false;" + numbered), f.put("a.csv", "\n".join(body)))["contacts"] == 6


def test_maps_that_are_wrong():
    with Folder() as f:
        sheet = f.put("a.csv", "dato;kle;antal\n")
        for text, words in ((SMALL.replace('"date"', '"dato"'), ("4:", "did you mean 'date'")),
                            (SMALL.replace("constants", "constant"), ("did you mean 'constants'",)),
                            (SMALL.replace('channel = "phone"; ', ""), ("nothing fills channel",)),
                            (SMALL.replace('"antal"; field = "count"', '"antal"; field = "kle"'), ("a second time",)),
                            (SMALL.replace('column = "antal"', 'column = "antl"'), ("no column 'antl'", "Did you mean 'antal'")),
                            ('thousands = ",";' + SMALL, ("must be there and differ",))):
            p = ctl("--dry-run", "--map", f.map(text), sheet)
            assert p.returncode == 78, (text, p)
            for word in words:
                assert word in p.stderr, (word, p.stderr)
        assert ctl(sheet).returncode == 64 and ctl("--map", MAP).returncode == 64
        assert ctl("--map", f.map(SMALL), sheet).returncode == 69
        assert ctl("--dry-run", "--map", f.map(SMALL), sheet + ".none").returncode == 74


def test_a_large_table_interrupted_goes_on():
    with Folder() as f, Effortd() as e:
        m = f.map(SMALL)
        text = "dato;kle;antal\n" + "".join("%02d-11-2026;23.05.10;%d\n" % (1 + i % 28, 1 + i % 9) for i in range(30000))
        sheet = f.put("big.csv", text)
        p = subprocess.Popen([os.path.join(BUILD, "bin", "effortctl"), "--run-dir", e.run, "import", "--map", m, sheet],
                             stderr=subprocess.DEVNULL)
        e.wait_received(1000)
        p.kill()
        p.wait()
        got = imported(e, "--map", m, sheet)
        assert got["accepted"] + got["duplicate"] == 30000, got
        e.wait_settled()
        assert e.share(label="month:2026-11")["all.contacts"] == str(sum(1 + i % 9 for i in range(30000)))


run(*[test for name, test in sorted(globals().items()) if name.startswith("test_")])
