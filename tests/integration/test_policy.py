#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Who enters the share as configuration: a definition begins at a midnight, never reaches back, is remembered, and the same day
is counted under the same one whatever is lost, killed, late or reloaded. Real effortd, real Redis, a faked clock."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ROOT, Effortd, event, run, wait  # noqa: E402
from test_life import faketime  # noqa: E402

# Everything of all kinds but outgoing, exempt citizens out, Digital Post is self-service too.
LOCAL = """{ id = "local"; from = "%s"; kinds = [ "transaction", "information", "case" ]; left_out = [ "web", "system", "email" ];
  outcomes = [ "completed", "forwarded", "abandoned" ]; exempt = "out"; self = [ "selfservice", "digitalpost" ]; }"""


def contact(n, channel, day="2026-11-21", task="school-enrolment", **more):
    return event(**dict({"time": day + "T12:00:00+01:00", "kle": None, "task": task, "channel": channel, "count": n}, **more))


def everything(day, **more):
    return [contact(1000, "selfservice", day, **more), contact(200, "digitalpost", day, **more), contact(300, "phone", day, **more),
            contact(40, "phone", day, exempt=True, **more), contact(50, "email", day, **more),
            contact(60, "phone", day, kind="information", **more), contact(7, "counter", day, kind="unknown", **more),
            contact(8, "selfservice", day, outcome="abandoned", **more), contact(9, "web", day, **more),
            contact(10, "selfservice", day, task="eu-health-card", **more)]


KL, OWN = ("1590", "1000", "1200"), ("1568", "1208", "1208")  # n, self, digital by the shipped one and by LOCAL


def sums(h):
    return tuple(h.get("all." + k) for k in ("n", "self", "digital"))


def configure(e, *definitions):
    with open(os.path.join(ROOT, "etc", "minimal.conf")) as f:
        text = f.read()
    e.config = os.path.join(e.folder, "effortd.conf")
    for name in ("municipalities", "tasks", "targets", "efforts"):
        e.settings[name] = os.path.join(ROOT, "etc", name + ".conf")
    with open(e.config, "w") as f:
        f.write(text + "\ndefinitions = ( %s );\nperiods = ( { id = \"both\"; from = \"2026-11-20\"; to = \"2026-11-23\"; } );\n"
                % ",\n".join(definitions))


def daemon(*definitions, when="@2026-11-21 12:00:00", **settings):
    e = Effortd(start=False, env=faketime(when), settings=dict({"follow_interval": "200ms", "probe_interval": "200ms"}, **settings))
    configure(e, *definitions)
    return e


def restart(e, when, how="stop"):
    getattr(e, how)()
    e.env.update(faketime(when))
    e.start()


def check(e, day_before=1, day_after=1):
    """Both days, each under its own, and everything that is made of them."""
    want = {k: day_before * int(KL[i]) + day_after * int(OWN[i]) for i, k in enumerate(("n", "self", "digital"))}

    def is_right():
        first, second = e.share(label="day:2026-11-21"), e.share(label="day:2026-11-22")
        month = e.share(label="month:2026-11")
        return (sums(first) == tuple(str(day_before * int(x)) for x in KL) and
                sums(second) == tuple(str(day_after * int(x)) for x in OWN) and
                first["definition"] == "kl-2014" and "break" not in first and
                second["definition"] == "local" and "break" not in second and
                all(month["all." + k] == str(v) for k, v in want.items()) and
                (month["definition"], month["break"]) == ("kl-2014,local", "2026-11-22") and
                e.share(window="month")["break"] == "2026-11-22" and e.share("dk", label="year:2026")["all.n"] == month["all.n"])
    try:
        wait(is_right, "both days")
    except AssertionError:
        raise AssertionError({w: e.share(label=w) for w in ("day:2026-11-21", "day:2026-11-22", "month:2026-11")})


def a_definition_begins_at_midnight_and_the_same_day_has_the_same_one_for_ever():
    with daemon() as e:
        e.start()
        e.send(*everything("2026-11-21"))
        e.wait_counted(10)
        assert sums(e.share()) == KL, e.share()
        configure(e, LOCAL % "2026-11-22")
        e.ctl("reload")
        e.send(contact(1, "other"))
        wait(lambda: e.share()["all.n"] == "1591", "one more")
        got = e.share(label="month:2026-11")
        assert got["definition"] == "kl-2014" and "break" not in got, got  # it may still be taken back
        restart(e, "@2026-11-22 12:00:00")
        e.send(*everything("2026-11-22"))
        # what came on the day before stands; what comes late for it counts by its day
        e.send(*everything("2026-11-21"))
        wait(lambda: e.share(label="day:2026-11-21")["all.n"] == "3181", "late ones")
        first, second, month = (e.share(label=w) for w in ("day:2026-11-21", "day:2026-11-22", "month:2026-11"))
        assert sums(second) == OWN and sums(first) == ("3181", "2000", "2400"), (first, second)
        assert (month["definition"], month["break"], month["all.n"]) == ("kl-2014,local", "2026-11-22", "4749"), month
        assert second["all.contacts"] == "1684" and second["all.exempt"] == "0", second
        assert second["all.ch.email"] == "0" and second["all.ch.digitalpost"] == "200", second
        assert not [k for k in month if "_share" in k], month


def nothing_that_happens_counts_a_day_otherwise():
    with daemon() as e:
        e.start()
        e.send(*everything("2026-11-21", portal="borger.dk"))
        e.wait_counted(10)
        configure(e, LOCAL % "2026-11-22")
        e.ctl("reload")
        restart(e, "@2026-11-22 12:00:00")
        e.send(*everything("2026-11-22", portal="borger.dk"))
        e.wait_counted(10)
        check(e)
        names = e.redis.hgetall("effort:{0751}:by:portal:2026-11")
        assert any(v == "3158" for k, v in names.items() if k.endswith(".n")), names
        restart(e, "@2026-11-22 12:10:00", "kill")
        check(e)
        e.redis("FLUSHALL")
        e.send(*everything("2026-11-22", portal="borger.dk"))
        check(e, 1, 2)
        e.ctl("redis", "rebuild", "--yes", check=False)
        restart(e, "@2026-11-22 13:00:00")
        check(e, 1, 2)
        # folded into the totals, and brought back from them
        restart(e, "@2026-11-24 12:00:00")
        e.redis("FLUSHALL")
        e.send(contact(1, "phone", "2026-11-24"))
        wait(lambda: sums(e.share(label="day:2026-11-22")) == tuple(str(2 * int(x)) for x in OWN), "the day")
        assert sums(e.share(label="day:2026-11-21")) == KL
        names = e.redis.hgetall("effort:{0751}:by:portal:2026-11")
        assert any(v == str(1590 + 2 * 1568) for k, v in names.items() if k.endswith(".n")), names


def what_has_been_is_not_changed():
    with daemon() as e:
        e.start()
        e.send(contact(1, "phone"))
        e.wait_counted(1)

        def refused(*definitions, words):
            configure(e, *definitions)
            p = e.ctl("reload", check=False)
            assert p.returncode != 0 and words in p.stdout + p.stderr, p
        refused(LOCAL % "2026-11-21", words='the definition local would reach back: the earliest change is from = "2026-11-22"')
        refused('{ id = "always"; kinds = [ "case" ]; }', words="kl-2014 (from always) has been in force")
        refused(LOCAL % "2026-11-22", '{ id = "local"; from = "2026-12-01"; }', words="a second time")
        # ahead: may be changed and taken back
        for day in ("2026-11-22", "2026-11-23"):
            configure(e, LOCAL % day)
            e.ctl("reload")
        configure(e)
        e.ctl("reload")
        configure(e, LOCAL % "2026-11-23")
        e.ctl("reload")
        restart(e, "@2026-11-24 12:00:00")
        refused(words="local (from 2026-11-23) has been in force")
        refused(LOCAL % "2026-11-22", words="local (from 2026-11-23) has been in force")
        refused(LOCAL.replace('"case"', '"unknown"') % "2026-11-23", words="has been in force and is not changed backwards: "
                'the earliest change is from = "2026-11-25"')
        configure(e, LOCAL.replace('"case"', '"unknown"') % "2026-11-23")
        p = e.ctl("status", check=False)
        assert p.returncode == 0  # what was in force stays
        e.stop()
        try:
            e.start()
            raise SystemError("it started with an edited past")
        except AssertionError as fault:
            assert "is not changed backwards" in str(fault) and "write it back" in str(fault), fault
        configure(e, LOCAL % "2026-11-23", '{ id = "kl-2014"; from = "2026-11-25"; }')
        e.start()
        configure(e, LOCAL % "2026-11-23")
        e.ctl("reload")


def the_definition_is_printed_with_the_number():
    with daemon(LOCAL % "2026-11-22", when="@2026-11-22 12:00:00") as e:
        e.start()  # nothing has been counted yet: it may begin on any day
        e.send(*everything("2026-11-21"), *everything("2026-11-22"))
        e.wait_counted(20)
        doc = json.loads(e.ctl("shares", "0751", "--window", "month", "--explain", "--json").stdout)["explain"]
        got = doc["scopes"]["all"]
        assert doc["adds_up"] and doc["definition"] == "kl-2014,local" and [d["id"] for d in doc["definitions"]] == ["kl-2014", "local"]
        assert doc["definitions"][1]["exempt"] == "out" and doc["definitions"][1]["left_out"] == ["email", "web", "system"], doc
        want = {"contacts": 3368, "information": 60, "unknown": 14, "web": 18, "other_channels": 50, "abandoned": 8, "handed_over": 60,
                "n": 3158, "self": 2208, "exempt": 40}
        assert {k: got[k] for k in want} == want, got
        said = " ".join(e.ctl("shares", "0751", "--window", "month", "--explain", "--lang", "en").stdout.split())
        for words in ("(definition kl-2014,local)", "local from Sunday 22 November 2026: kinds transaction, information, case;",
                      "exempt citizens out; self-service (without help): selfservice, digitalpost"):
            assert words in said, (words, said)
        said = " ".join(e.ctl("shares", "0751", "--window", "month", "--explain", "--lang", "da").stdout.split())
        for words in ("typer ansøgninger og anmeldelser, generel information, om en sag; kanaler, der ikke er med: e-mail, hjemmeside, system",
                      "udfald afsluttet, viderestillet; grupper borgere"):
            assert words in said, (words, said)
        wait(lambda: e.share(label="period:both").get("all.n") == "3158", "the counting period")
        both = e.share(label="period:both")
        assert (both["definition"], both["break"]) == ("kl-2014,local", "2026-11-22"), both
        target = {}
        wait(lambda: target.update(e.redis.hgetall("effort:{0751}:target:kl-80")) or "break" in target, "the target's break")
        assert "2026-11-22:share" in target["break"] and target["definition"] == "kl-2014,local", target
        doc = json.loads(e.ctl("shares", "0751", "--label", "day:2026-11-22", "--compare", "--json").stdout)["compare"]
        assert doc["previous"]["reason"] == "no_data", doc
        assert 'definitions: id = "local"; from = "2026-11-22"; kinds' in printed(e)


def a_reading_counts_each_day_as_its_own_has_it():
    """What a meter counted between two readings lies on both sides of a definition: each day has its own, also when a reading
    between them comes late, is taken back, or everything is reloaded; a reading of the morning is of the day before."""
    def reading(meter, time, value, **more):
        return event(**dict({"meter": meter, "reading": value, "time": time, "channel": "digitalpost", "kle": None,
                             "task": "school-enrolment"}, **more))

    def check(e, **days):
        got = {"d%s" % d: sums(e.share(label="day:2026-11-" + d)) for d in ("20", "21", "22", "23", "24")}
        assert got == dict({"d20": (None, None, None)}, **days), got
        month = e.share(label="month:2026-11")
        want = [str(sum(int(x[i]) for x in days.values())) for i in range(3)]
        assert list(sums(month)) == want, (sums(month), want)
    with daemon(LOCAL % "2026-11-22") as e:
        e.start()
        e.send(reading("a", "2026-11-20T18:00:00+01:00", 1000), reading("a", "2026-11-24T18:00:00+01:00", 1400),
               reading("b", "2026-11-21T08:00:00+01:00", 10), reading("b", "2026-11-22T08:00:00+01:00", 17))
        e.wait_counted(4)
        own = ("100", "100", "100")
        check(e, d21=("107", "0", "107"), d22=own, d23=own, d24=own)
        e.ctl("reload")
        restart(e, "@2026-11-22 12:00:00", "kill")
        e.send(reading("a", "2026-11-22T18:00:00+01:00", 1250, id="between"))
        e.wait_settled()
        check(e, d21=("132", "0", "132"), d22=("125",) * 3, d23=("75",) * 3, d24=("75",) * 3)
        restart(e, "@2026-11-23 12:00:00")
        e.send(event(corrects="between", kle="23.05.10"))
        e.wait_settled()
        check(e, d21=("107", "0", "107"), d22=own, d23=own, d24=own)
        # the day a task goes to the state: the morning's reading is of its last day
        e.send(reading("c", "2015-04-30T08:00:00+02:00", 0, task="eu-health-card"),
               reading("c", "2015-05-01T08:00:00+02:00", 5, task="eu-health-card"))
        e.wait_settled()
        month = e.share(label="month:2015-04")
        assert sums(month) == ("5", "0", "5"), month


def two_on_one_redis_that_count_otherwise_say_so():
    """Both say it, with both names, in the log and in the status, until they agree; what one will never count is not held
    against it."""
    def other(e):
        return json.loads(e.ctl("status", "--json").stdout)["redis"]["other_definitions"]

    with daemon() as a:
        a.start()
        b = Effortd(start=False, env=faketime("@2026-11-21 12:00:00"), redis="unix://" + a.server.sock)
        with b:
            configure(b, LOCAL % "2026-11-22")
            b.start()
            names = {"kl-2014", "kl-2014, local@2026-11-22"}
            wait(lambda: other(a) and other(b), "both to say so", 30)
            assert other(a)["ours"] == other(b)["theirs"] == "kl-2014" and {other(a)["theirs"], other(b)["theirs"]} == names, other(a)
            for e in (a, b):
                told = [x for x in e.log().splitlines() if "counts by other definitions" in x]
                assert len(told) == 1 and "level=warning" in told[0] and all(n in told[0] for n in names), told
            said = " ".join(a.ctl("status", "--lang", "da").stdout.split())
            assert "tæller efter kl-2014, local@2026-11-22, denne efter kl-2014: andelene blander begge" in said, said
            # the same names, another content
            configure(a, LOCAL.replace('"case"', '"unknown"') % "2026-11-22")
            a.ctl("reload")
            wait(lambda: other(a)["ours"] != "kl-2014" and other(a)["ours"] != other(a)["theirs"], "the content to be compared", 30)
            configure(a, LOCAL % "2026-11-22")
            a.ctl("reload")
            wait(lambda: other(a) is None and other(b) is None, "both to agree", 30)
            assert "by the same definitions again" in a.log() and "by the same definitions again" in b.log()
            b.stop()
        configure(a, LOCAL % "2026-11-22", '{ id = "later"; from = "2026-11-24"; exempt = "out"; }')
        restart(a, "@2026-11-23 12:00:00")
        wait(lambda: "later@2026-11-24" in str(a.redis.hgetall("effort:definitions")), "its word", 30)
        assert len(a.redis.hgetall("effort:definitions")) == 2 and other(a) is None, other(a)


def printed(e):
    import subprocess
    return subprocess.run(e.argv("-T"), capture_output=True, text=True, env=e.env, cwd=ROOT).stdout


if __name__ == "__main__":
    run(a_definition_begins_at_midnight_and_the_same_day_has_the_same_one_for_ever, nothing_that_happens_counts_a_day_otherwise,
        what_has_been_is_not_changed, the_definition_is_printed_with_the_number, a_reading_counts_each_day_as_its_own_has_it,
        two_on_one_redis_that_count_otherwise_say_so)
