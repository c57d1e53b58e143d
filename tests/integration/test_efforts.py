#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Efforts with a real effortd and a real Redis: their hashes before and after, the registry, `effortctl efforts`, and files
without a daemon. The arithmetic is in tests/unit/test_count_effort*.c."""
import datetime
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

from harness import BUILD, ROOT, Effortd, days_ago, event, wait

EXAMPLES = os.path.join(ROOT, "etc", "examples", "efforts.conf")
TODAY = days_ago(0).date()
SCHOOL = "17.03.04"


def day(back):
    return (TODAY - datetime.timedelta(days=back)).isoformat()


def a_year_before(date):
    date = datetime.date.fromisoformat(date)
    try:
        return date.replace(year=date.year - 1).isoformat()
    except ValueError:  # 29 February
        return "%d-03-01" % (date.year - 1)


def at(back):
    return day(back) + "T12:00:00Z"


def effort(**members):
    """One effort in the form of the files; values as libconfig writes them."""
    own = {"id": '"kampagne"', "title": '"Kampagne på Ærø"', "category": '"campaign"', "municipality": '"0751"',
           "scope": '"school"', "from": '"%s"' % day(20)}
    own.update(members)
    return "{ " + " ".join("%s = %s;" % pair for pair in own.items() if pair[1] is not None) + " }"


def batch(back, **channels):
    """So many applications by each channel, so many days ago."""
    return [event(channel=channel, kle=SCHOOL, time=at(back), count=n) for channel, n in channels.items()]


class Files:
    """A folder for the file that `efforts` names."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="effort-")
        self.path = os.path.join(self.folder, "efforts.conf")
        self.write()

    def write(self, *efforts, more=""):
        with open(self.path, "w", encoding="utf-8") as f:
            f.write("efforts = (\n%s\n);\n%s" % (",\n".join(efforts), more))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


def started(files, **settings):
    return Effortd(settings=dict({"efforts": files.path, "follow_interval": "1s"}, **settings))


def key(name="kampagne", municipality="0751"):
    return "effort:{%s}:effort:%s" % (municipality, name)


def wait_field(e, field, value, name="kampagne"):
    wait(lambda: e.redis.hgetall(key(name)).get(field) == value, "%s of %s to be %s" % (field, name, value))


def ctl(*args, code=0):
    p = subprocess.run([os.path.join(BUILD, "bin", "effortctl"), *args], capture_output=True, text=True,
                       env=dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1", COLUMNS="120"))
    assert p.returncode == code, (args, p.returncode, p.stdout, p.stderr)
    return p


class Hashes(unittest.TestCase):
    def test_before_and_after_with_displacement(self):
        with Files() as files:
            files.write(effort(target="{ value = 80; due = \"2090-12-31\"; }"))
            with started(files) as e:
                e.send(*batch(380, selfservice=47, phone=33, counter=20), *batch(10, selfservice=68, phone=22, counter=10))
                wait_field(e, "after.n", "100")
                h = e.redis.hgetall(key())
                for field, value in {
                        "schema": "1", "id": "kampagne", "title": "Kampagne på Ærø", "municipality": "0751", "scopes": "school",
                        "before.from": a_year_before(day(20)), "before.share": "47.00", "before.n": "100", "before.part": "47",
                        "after.from": day(20), "after.to": day(1), "after.share": "68.00", "change_pp": "21.00", "moved": "21",
                        "ch.phone.before": "33", "ch.phone.after": "22", "ch.phone.change": "-11", "ch.counter.change": "-10",
                        "contacts.change": "0", "target": "80.00", "gap_pp": "-12.00", "verdict": "on_track",
                        "warnings": "short"}.items():
                    self.assertEqual(h.get(field), value, field)
                self.assertGreater(int(h["as_of"]), 0)
                # no minutes and prices are configured: there are no hours and no kroner
                self.assertFalse([name for name in h if name.startswith(("hours", "kroner", "benefit", "money"))])

    def test_hours_and_kroner_when_they_are_configured(self):
        with Files() as files:
            files.write(effort(costs='( { channel = "phone"; minutes = 6; kroner = 25; }, { channel = "selfservice"; minutes = 0; '
                                     'kroner = 0; } )'))
            with started(files) as e:
                e.send(*batch(380, phone=100), *batch(10, selfservice=60, phone=40))
                wait_field(e, "kroner", "1500.00")
                self.assertEqual(e.redis.hgetall(key())["hours"], "6.00")

    def test_nothing_before_is_no_baseline_and_not_zero(self):
        with Files() as files:
            files.write(effort(), effort(id='"anden"', scope='"all"', status='"running"'),
                        more='outside = ( { title = "Lov"; from = "%s"; } );' % day(5))
            with started(files) as e:
                e.send(*batch(10, selfservice=1, phone=1))
                wait_field(e, "after.n", "2")
                h = e.redis.hgetall(key())
                self.assertNotIn("before.share", h)
                self.assertNotIn("change_pp", h)
                self.assertEqual(h["warnings"], "no_baseline,short,overlap,outside")
                self.assertEqual(h["overlaps"], "anden")

    def test_late_events_count_where_they_happened(self):
        with Files() as files:
            files.write(effort())
            with started(files) as e:
                e.send(*batch(380, phone=10), *batch(10, selfservice=5, phone=5))
                wait_field(e, "change_pp", "50.00")
                e.send(*batch(381, selfservice=10))
                wait_field(e, "change_pp", "0.00")

    def test_a_fall_of_outgoing_post_raises_the_alarm(self):
        first = TODAY.replace(day=1)
        months = [(first - datetime.timedelta(days=15)), (first - datetime.timedelta(days=46))]
        with Files() as files:
            files.write(effort(id='"post"', scope='"all"', measure='"outgoing_digital"', alarm="1", target="{ value = 88; }",
                               **{"from": '"%s"' % day(300)}))
            with started(files) as e:
                e.send(*[event(channel=channel, form=form, direction="out", count=n, kle=SCHOOL,
                               time=month.isoformat() + "T12:00:00Z")
                         for month, digital in zip(months, (86, 88))
                         for channel, form, n in (("digitalpost", "digital", digital), ("letter", "physical", 100 - digital))])
                wait_field(e, "after.n", "200", "post")
                h = e.redis.hgetall(key("post"))
                self.assertEqual(h["after.share"], "87.00")
                self.assertEqual(h["month_change_pp"], "-2.00")
                self.assertIn("fell", h["warnings"].split(","))
                self.assertIn('msg="effort fell" effort=post municipality=0751 measure=outgoing_digital change_pp=-2.00', e.log())
                e.send(event(channel="digitalpost", form="digital", direction="out", kle=SCHOOL, time=at(100)))
                wait_field(e, "after.n", "201", "post")
                self.assertEqual(e.log().count("effort fell"), 1)

    def test_a_hash_goes_with_its_effort(self):
        with Files() as files:
            files.write(effort(), effort(id='"anden"', scope='"social"'))
            with started(files) as e:
                e.send(*batch(10, phone=1))
                wait(lambda: len(e.redis.keys("effort:{0751}:effort:*")) == 2, "two hashes")
                files.write(effort(title='"Nyt navn"'))
                e.ctl("reload")
                wait_field(e, "title", "Nyt navn")
                wait(lambda: e.redis.keys("effort:{0751}:effort:*") == [key()], "one hash")

    def test_plan_against_what_came(self):
        with Files() as files:
            files.write(effort(measure='"volume"', plan="( { year = %d; volume = 60000; } )" % TODAY.year))
            with started(files) as e:
                e.send(*batch(0, phone=7))
                wait_field(e, "actual.%d" % TODAY.year, "7")
                self.assertEqual(e.redis.hgetall(key())["plan.%d" % TODAY.year], "60000")


class Registry(unittest.TestCase):
    add = ("efforts", "add", "--id", "ny", "--title", "Ny \"indsats\"", "--category", "campaign", "--municipality", "0751",
           "--scope", "school", "--from", day(20), "--target", "80", "--due", "2090-12-31")

    def test_add_list_show_stop_and_restart(self):
        with Files() as files:
            files.write(effort())
            with started(files) as e:
                e.send(*batch(10, selfservice=3, phone=1))
                self.assertIn("Registered: ny.", e.ctl(*self.add).stderr)
                wait_field(e, "after.share", "75.00", "ny")
                listed = json.loads(e.ctl("efforts", "list", "--json").stdout)
                self.assertEqual([(x["id"], x["origin"]) for x in listed["efforts"]], [("kampagne", "file"), ("ny", "registry")])
                self.assertEqual(listed["efforts"][1]["after.share"], "75.00")
                self.assertEqual(listed["totals"]["efforts"], "2")
                shown = e.ctl("efforts", "show", "ny", "--lang", "da").stdout
                for words in ("Ny \"indsats\", Aarhus (ny)", "75,00 %", "mindst 80,00 % senest 2090-12-31", "intet før-billede",
                              "Henvendelser: Skole"):
                    self.assertIn(words, shown)

                p = e.ctl(*self.add, check=False)
                self.assertEqual(p.returncode, 78)
                self.assertIn("the effort ny stands here a second time", p.stderr)
                p = e.ctl(*[x if x != "ny" else "kampagne" for x in self.add], check=False)
                self.assertEqual(p.returncode, 78)
                self.assertIn(files.path, p.stderr)

                e.ctl("efforts", "stop", "ny", "--on", day(5))
                wait_field(e, "status", "stopped", "ny")
                self.assertEqual(e.redis.hgetall(key("ny"))["to"], day(5))
                p = e.ctl("efforts", "stop", "kampagne", check=False)
                self.assertEqual(p.returncode, 1)
                self.assertIn(files.path + ":2", p.stderr)
                shown = e.ctl("efforts", "show", "kampagne", "--file", files.path, "--lang", "da").stdout
                self.assertIn("Aarhus (kampagne)", shown)  # by names, where a daemon's configuration has them
                self.assertIn("Henvendelser: Skole.", shown)
                self.assertRegex(e.ctl("efforts", "report", "--file", files.path, "--lang", "da").stdout, r"(?m)^Skole +1")

                e.stop()
                e.start()
                self.assertIn("ny: stopped", e.ctl("efforts", "list").stdout)

    def test_without_redis_what_is_written_down_is_shown(self):
        with Files() as files:
            files.write(effort())
            with started(files) as e:
                e.send(*batch(10, phone=1))
                wait_field(e, "after.n", "1")
                e.server.stop()
                wait(lambda: e.status()["redis"]["state"] != "ready", "effortd to notice")
                shown = e.ctl("efforts", "show", "kampagne").stdout
                self.assertIn("Kampagne på Ærø, Aarhus", shown)
                self.assertIn("Redis does not answer: what was counted is not shown", shown)
                self.assertTrue(json.loads(e.ctl("efforts", "list", "--json").stdout)["is_redis_away"])

    def test_bad_efforts_leave_the_registry_as_it_was(self):
        with Files() as files, started(files) as e:
            e.ctl(*self.add)
            path = os.path.join(e.state, "efforts.conf")
            with open(path) as f:
                before = f.read()
            for change, words in ((("--scope", "scool"), "is not a scope"), (("--municipality", "0001"), "there is no municipality 0001"),
                                  (("--title", "ring til 12 34 56 78"), "number of a person"),
                                  (("--unit", "Jens Jensen"), "never a person"),
                                  (("--title", "010199-0000"), "number of a person")):
                p = e.ctl(*[x if x != "ny" else "nyere" for x in self.add], *change, check=False)
                self.assertEqual(p.returncode, 78, p.stderr)
                self.assertIn(words, p.stderr)
                self.assertNotIn("add:1:", p.stderr)
            with open(path) as f:
                self.assertEqual(f.read(), before)

    def test_what_an_effort_is_for_may_go_and_come_back(self):
        """The registry is effortctl's own: nobody can be asked to mend it before effortd starts."""
        with Files() as files:
            areas, municipalities = os.path.join(files.folder, "areas"), os.path.join(files.folder, "municipalities.conf")
            school, register = os.path.join(areas, "school.conf"), os.path.join(ROOT, "etc", "municipalities.conf")
            shutil.copytree(os.path.join(BUILD, "areas"), areas)
            shutil.copy(register, municipalities)
            with started(files, areas_dir=areas, municipalities=municipalities) as e:
                e.ctl(*self.add)
                e.ctl(*[{"ny": "by", "0751": "0101", "school": "all"}.get(x, x) for x in self.add])
                e.send(*batch(10, selfservice=3, phone=1))
                wait_field(e, "after.n", "4", "ny")

                os.rename(school, school + ".gone")
                with open(register, encoding="utf-8") as old, open(municipalities, "w", encoding="utf-8") as new:
                    new.writelines(line for line in old if '"0101"' not in line)
                e.ctl("reload")
                self.assertIn('registered effort ny is not followed: \\"school\\" is not a scope', e.log())
                self.assertIn("registered effort by is not followed: there is no municipality 0101", e.log())
                self.assertEqual(e.log().count("or effortctl efforts remove"), 2)
                e.send(*batch(9, phone=1))
                e.wait_counted(3)
                time.sleep(1.5)
                self.assertEqual(e.redis.hgetall(key("ny"))["after.n"], "4", "what was published stays")
                listed = " ".join(e.ctl("efforts", "list").stdout.split())
                self.assertEqual(listed.count("running; not followed: its scope or municipality is not in the configuration"), 2, listed)
                self.assertIn("følges ikke: dens område", " ".join(e.ctl("efforts", "show", "by", "--lang", "da").stdout.split()))
                away = {x["id"]: x.get("away") for x in json.loads(e.ctl("efforts", "list", "--json").stdout)["efforts"]}
                self.assertEqual(away, {"ny": '"school" is not a scope', "by": "there is no municipality 0101"})
                e.stop()
                e.start()
                self.assertIn("the registered effort ny is not followed", e.log())

                e.ctl("efforts", "stop", "by")
                os.rename(school + ".gone", school)
                self.assertIn("Removed: by.", e.ctl("efforts", "remove", "by").stderr)
                self.assertIn("there is no effort 'by'", e.ctl("efforts", "remove", "by", check=False).stderr)
                e.send(*batch(9, phone=1))
                wait(lambda: int(e.redis.hgetall(key("ny"))["after.n"]) > 4, "ny to be followed again")
                self.assertNotIn("not followed", e.ctl("efforts", "list").stdout)

                files.write(effort(), effort(id='"betalt"', funded_by='"ny"', scope='"nowhere"'))
                refused = e.ctl("efforts", "stop", "ny", check=False)  # a file of the configuration is people's own
                self.assertEqual(refused.returncode, 1, refused.stderr)
                for words in ("Stopped: ny.", '"nowhere" is not a scope', "the change is in the registry, but effortd refused to reload"):
                    self.assertIn(words, refused.stderr)
                files.write(effort(), effort(id='"betalt"', funded_by='"ny"'))
                e.ctl("reload")
                wait_field(e, "status", "stopped", "ny")
                with open(os.path.join(e.state, "efforts.conf"), encoding="utf-8") as f:
                    before = f.read()
                refused = e.ctl("efforts", "remove", "ny", check=False)
                self.assertEqual(refused.returncode, 78)
                self.assertIn("funded_by: there is no effort ny", refused.stderr)
                with open(os.path.join(e.state, "efforts.conf"), encoding="utf-8") as f:
                    self.assertEqual(f.read(), before)
                refused = e.ctl("efforts", "remove", "kampagne", check=False)
                self.assertEqual(refused.returncode, 1)
                self.assertIn("take it out there", refused.stderr)

    def test_from_a_file_and_without_a_daemon(self):
        with tempfile.TemporaryDirectory() as folder:
            nowhere = ("--run-dir", os.path.join(folder, "none"))
            p = ctl("efforts", "add", EXAMPLES, "--state-dir", folder, *nowhere)
            self.assertIn("Registered: varde-klinik.", p.stderr)
            self.assertIn("takes effect with the next start", p.stderr)
            done = json.loads(ctl("efforts", "stop", "varde-klinik", "--on", "2020-12-31", "--state-dir", folder, "--json",
                                  *nowhere).stdout)
            self.assertEqual(done, {"ok": True, "ids": ["varde-klinik"], "is_in_force": False})
            path = os.path.join(folder, "efforts.conf")
            shown = json.loads(ctl("efforts", "show", "varde-klinik", "--file", path, "--json").stdout)["efforts"][0]
            self.assertEqual((shown["to"], shown["status"]), ("2020-12-31", "stopped"))
            self.assertEqual(shown["benefit.kroner"], "101085.83")
            ctl("efforts", "add", path, "--state-dir", folder, *nowhere, code=78)

    def test_a_file_that_cannot_be_read(self):
        """Half of it, or nothing, is not taken for the whole."""
        with tempfile.TemporaryDirectory() as folder:
            p = ctl("efforts", "add", folder, "--state-dir", folder, "--run-dir", os.path.join(folder, "none"), code=74)
            self.assertIn("reading failed: Is a directory", p.stderr)
            self.assertFalse(os.path.exists(os.path.join(folder, "efforts.conf")))

    def test_a_start_refuses_efforts_with_faults(self):
        with Files() as files:
            files.write(effort(money='( { year = 2015; kroner = 1; recurrence = "yearly"; cashable = true; } )'))
            p = subprocess.run([os.path.join(BUILD, "bin", "effortd"), "-t", "-c", os.path.join(ROOT, "etc", "minimal.conf"),
                                "-s", "efforts=" + files.path, "-s", "plugins.dir=" + os.path.join(BUILD, "plugins"),
                                "-s", "areas_dir=" + os.path.join(BUILD, "areas"), "-s", "state_dir=" + files.folder + "/s"],
                               capture_output=True, text=True)
            self.assertEqual(p.returncode, 78)
            self.assertIn(files.path + ":2:", p.stderr)
            self.assertIn("a money line needs 'basis'", p.stderr)


class Pages(unittest.TestCase):
    def test_the_examples(self):
        listed = json.loads(ctl("efforts", "list", "--file", EXAMPLES, "--json").stdout)
        self.assertEqual(len(listed["efforts"]), 9)
        english = ctl("efforts", "list", "--file", EXAMPLES, "--lang", "en").stdout
        danish = ctl("efforts", "list", "--file", EXAMPLES, "--lang", "da").stdout
        self.assertIn("Contact centre", english)
        self.assertIn("Etablering af kontaktcenter", danish)
        self.assertNotIn("fault", english)
        self.assertIn("Henvendelser: alle.", ctl("efforts", "show", "den-digitale-hotline", "--file", EXAMPLES, "--lang", "da").stdout)

    def test_a_contact_centre(self):
        shown = ctl("efforts", "show", "esbjerg-kontaktcenter", "--file", EXAMPLES, "--lang", "en").stdout
        for words in ("-1,350,000", "742,000", "1,349,000", "1,898,600", "2,639,600", "paid back 2016-06", "Savings are positive"):
            self.assertIn(words, shown)

    def test_two_scenarios_side_by_side(self):
        shown = ctl("efforts", "show", "den-digitale-hotline", "--file", EXAMPLES, "--lang", "da").stdout
        for words in ("forventet ddh", "forventet fysisk-kontaktcenter", "-1.900.000", "23.000.000", "700.000"):
            self.assertIn(words, shown)

    def test_the_report_counts_each_effort_once(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "efforts.conf")
            money = '( { year = 2015; kroner = 1000; basis = "expected"; recurrence = "yearly"; cashable = true; } )'
            with open(path, "w") as f:
                f.write("efforts = ( %s );" % effort(scope=None, scopes='[ "school", "daycare" ]', money=money))
            p = subprocess.run([os.path.join(BUILD, "bin", "effortctl"), "efforts", "report", "--json", "--file", path],
                               capture_output=True, text=True)
            totals = json.loads(p.stdout)["totals"]
            self.assertEqual((totals["efforts"], totals["expected.total"]), ("1", "1000.00"))
            self.assertEqual((totals["area.school.efforts"], totals["area.daycare.expected.total"]), ("1", "1000.00"))
            self.assertEqual([x["id"] for x in json.loads(p.stdout)["areas"]], ["school", "daycare"])
            shown = ctl("efforts", "report", "--file", path, "--lang", "en").stdout
            self.assertRegex(shown, r"(?m)^ *daycare +1 ")

    def test_the_same_report_twice_is_the_same_bytes(self):
        args = ("efforts", "report", "--file", EXAMPLES)
        self.assertEqual(ctl(*args).stdout, ctl(*args).stdout)

    def test_wrong_use(self):
        self.assertIn("which effort?", ctl("efforts", "show", code=64).stderr)
        self.assertIn("Did you mean 'report'?", ctl("efforts", "reprt", code=64).stderr)
        self.assertIn("belongs to effortctl efforts add", ctl("efforts", "list", "--title", "x", code=64).stderr)
        self.assertIn("there is no effort 'x'", ctl("efforts", "show", "x", "--file", EXAMPLES, code=1).stderr)
        self.assertIn("nothing to add", ctl("efforts", "add", code=64).stderr)
        for change, english, danish in (
                (("--category", "campagne"), "--category campagne: none of its words Did you mean 'campaign'? One of: ",
                 "--category campagne: ikke et af dens ord Mente du 'campaign'? Et af: "),
                (("--channel", "xyzzy"), "--channel xyzzy: none of its words One of: ", "--channel xyzzy: ikke et af dens ord Et af: "),
                (("--from", "2026-02-30"), "--from 2026-02-30: not a day Write a day such as", "--from 2026-02-30: er ikke en dag")):
            for lang, words in (("en", english), ("da", danish)):
                self.assertIn(words, " ".join(ctl(*Registry.add, *change, "--lang", lang, code=64).stderr.split()))
        self.assertIn("--scope mangler", ctl("efforts", "add", "--id", "x", "--title", "X", "--category", "campaign",
                                             "--municipality", "0751", "--from", "2026-01-01", "--lang", "da", code=64).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
