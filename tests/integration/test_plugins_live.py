#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Misbehaving plugins inside a running effortd: a crash or a hang ends the process with a note that names the area, three
in ten minutes start it disabled; a slow one opens the breaker; wrong verdicts are counted as faults. Nothing is lost
but what the dead process held, and what the plugin cannot answer is unclassified, visibly."""
import json
import os
import re
import shutil
import time

from harness import BUILD, ROOT, SLOW, Effortd, event, run, wait

AREA = """area = "daycare"; plugin = "%s"; order = 1; name: { da = "Dagtilbud"; en = "Daycare"; };
kle = ( "28" );
tasks = ( { id = "daycare-admission"; da = "x"; en = "x"; kle = [ "28.09.40" ]; } );
"""


def misfit(e, name):
    """One area on one of the fixture plugins, beside the school area on the table plugin."""
    fixture = os.path.join(BUILD, "tests", "plugins", "fixtures", name + ".so")
    plugins, areas = os.path.join(e.folder, "plugins"), os.path.join(e.folder, "areas")
    os.mkdir(plugins)
    os.mkdir(areas)
    shutil.copy(fixture, plugins)
    shutil.copy(os.path.join(BUILD, "plugins", "table.so"), plugins)
    for so in os.listdir(plugins):
        os.chmod(os.path.join(plugins, so), 0o755)
    with open(os.path.join(areas, "daycare.conf"), "w") as f:
        f.write(AREA % name)
    with open(os.path.join(areas, "school.conf"), "w") as f:
        f.write('area = "school"; plugin = "table"; order = 2; name: { da = "x"; en = "x"; };\nkle = ( "17" );\n')
    e.settings.update({"plugins.dir": plugins, "areas_dir": areas})


def ends_three_times_then_starts_disabled(name, words, settings):
    with Effortd(settings, start=False) as e:
        misfit(e, name)
        for _ in range(3):
            e.start()
            e.send(event(kle="17.20.01"))
            e.wait_counted(1)
            e.send(event(kle="28.09.40"))
            e.p.wait(20 * SLOW)
            assert words in e.log() and "daycare" in e.log(), e.log()[-500:]
        e.start()
        assert "starts disabled" in e.log() and "area=daycare" in e.log()
        e.send(event(kle="28.09.40"), event(kle="17.20.01"))
        e.wait_counted(2)
        share = e.share("dk", label="day:2026-03-10")
        assert share["unclassified.n"] == "1" and share["school.n"] == "4", share
        for _ in range(2):  # and a reload does not switch it on again
            area = [a for a in json.loads(e.ctl("plugins", "--json").stdout)["areas"] if a["id"] == "daycare"][0]
            assert area["is_disabled"], area
            e.ctl("reload")


def a_crashing_plugin():
    ends_three_times_then_starts_disabled("crash", "plugin crashed", {})


def a_plugin_without_end():
    ends_three_times_then_starts_disabled("recurse", "plugin crashed", {})


def a_hanging_plugin():
    ends_three_times_then_starts_disabled("hang", "plugin hangs", {"plugins.hang_limit": "500ms"})


def a_slow_plugin_opens_the_breaker():
    with Effortd({"plugins.budget": "1us", "plugins.slow_batches": "2", "plugins.breaker": "1h"}, start=False) as e:
        misfit(e, "slow")
        e.start()
        for n in range(1, 6):
            e.send(event(kle="28.09.40"))
            e.wait_received(n)
        wait(lambda: "plugin too slow" in e.log(), "the breaker to open")
        e.send(event(kle="28.09.40"))
        e.wait_counted(6)
        share = e.share("dk", label="day:2026-03-10")
        assert int(share["unclassified.n"]) >= 1 and share["all.n"] == "6", share
        area = json.loads(e.ctl("plugins", "--json").stdout)["areas"][0]
        assert area["breaker"] == "open" and area["slow"] >= 2 and area["skipped"] >= 1, area


def wrong_verdicts_are_faults():
    for name in ("too_few", "unknown_class", "unknown_answer"):
        with Effortd(start=False) as e:
            misfit(e, name)
            e.start()
            e.send(*[event(kle="28.09.40") for _ in range(10)])
            e.wait_counted(10)
            share = e.share("dk", label="day:2026-03-10")
            area = json.loads(e.ctl("plugins", "--json").stdout)["areas"][0]
            assert share["all.n"] == "10" and int(share["unclassified.n"]) == area["faults"] > 0, (name, share, area)
            assert area["last_fault"] != "", "what it did wrong is told"


def what_a_plugin_refuses_is_no_default_task():
    with Effortd(start=False) as e:
        areas = os.path.join(e.folder, "areas")
        os.mkdir(areas)
        with open(os.path.join(ROOT, "plugins", "example", "example.conf")) as old, open(areas + "/example.conf", "w") as new:
            new.write(old.read().replace('service = "desk";', 'service = "renewal/nightly";'))
        with open(areas + "/daycare.conf", "w") as f:
            f.write(AREA % "table")
        e.settings["areas_dir"] = areas
        e.config = os.path.join(e.folder, "effortd.conf")
        with open(os.path.join(ROOT, "etc", "minimal.conf")) as old, open(e.config, "w") as new:
            new.write(re.sub(r'"(\w+\.conf)"', '"%s/etc/\\1"' % ROOT, old.read()) +
                      'sources = ( { name = "tasked"; default_task = "daycare-admission"; } );\n')
        e.start()
        e.send(*[event(source=s, service="renewal/nightly", channel="system", kle=None) for s in ("plain", "tasked")],
               event(source="tasked", service="unheard-of", kle=None))
        e.wait_counted(3)
        status = e.status()
        assert (status["accepted"], status["refused"], status["unclassified"]) == (1, 2, 0), status
        assert int(e.share("0751", label="day:2026-03-10")["daycare.n"]) == 1


def what_a_disabled_area_declares_is_waited_for():
    """The task `children` is the plugin's own: while its area is disabled nobody knows it, by no fault of a target that names it."""
    def crashed(e, ago):
        with open(os.path.join(e.state, "crashes"), "w") as notes:
            notes.writelines("%d example\n" % (time.time() - ago) for _ in range(3))

    def configure(e, default_task):
        with open(os.path.join(ROOT, "etc", "minimal.conf")) as old, open(e.config, "w") as new:
            new.write(re.sub(r'"(\w+\.conf)"', '"%s/etc/\\1"' % ROOT, old.read()).replace(ROOT + "/etc/targets.conf", e.folder + "/targets.conf") +
                      'sources = ( { name = "clubs"; default_task = "%s"; } );\n' % default_task)

    def aim(*pairs):
        with open(os.path.join(ROOT, "etc", "targets.conf")) as old, open(e.folder + "/targets.conf", "w") as new:
            new.write(old.read().replace("targets = (", "targets = (" + "".join(
                ' { id = "%s"; measure = "selfservice"; scope = "%s"; value = 60.0; comparator = ">="; from = "2013-01-01"; },' % pair
                for pair in zip(pairs[::2], pairs[1::2])), 1))

    def counted_as(e, n):
        e.send(event(source="clubs", service="unheard-of", kle=None))
        e.wait_counted(n)
        return {f: v for f, v in e.share("0751", label="day:2026-03-10").items() if f in ("unclassified.n", "example.n")}

    with Effortd({"follow_interval": "1s"}, start=False) as e:
        areas = os.path.join(e.folder, "areas")
        os.makedirs(areas)
        os.makedirs(e.state)
        with open(ROOT + "/plugins/example/example.conf") as old, open(areas + "/example.conf", "w") as new:
            new.write(old.read().replace("attendance = true;", 'attendance = true; groups = [ "culture" ];'))
        with open(areas + "/daycare.conf", "w") as f:
            f.write(AREA % "table")
        e.settings["areas_dir"], e.config = areas, os.path.join(e.folder, "effortd.conf")
        aim("young", "example/children", "read", "group:culture")  # of the group only what needs attendance is left
        configure(e, "example-loan")  # a task of its area file is known, but nobody is asked
        crashed(e, 60)
        e.start()
        assert "default_task=example-loan" in e.log() and "target=young" in e.log() and e.log().count("enabled area") == 3, e.log()
        assert counted_as(e, 1) == {"unclassified.n": "1"}
        crashed(e, 3600)
        refused = e.ctl("reload", check=False)
        assert refused.returncode == 78 and "attendance in person" in refused.stderr, refused
        aim("young", "example/children")
        e.ctl("reload")
        assert counted_as(e, 2) == {"unclassified.n": "1", "example.n": "1"}, "it is back"
        assert e.log().count("enabled area") == 3, e.log()
        wait(lambda: e.redis.hgetall("effort:{0751}:target:young").get("id") == "young", "the target to be followed")
        configure(e, "children")  # events find their area by the files: what only a plugin declares would never be asked for
        refused = e.ctl("reload", check=False)
        assert refused.returncode == 78 and 'the source clubs names the unknown task "children"' in refused.stderr, refused
        configure(e, "example-loan")
        crashed(e, 60)
        e.stop()
        e.start()
        e.send(event(kle="28.09.40"))
        e.wait_counted(1)
        time.sleep(1.5)
        assert e.redis.hgetall("effort:{0751}:target:young")["id"] == "young", "what was published stays"


if __name__ == "__main__":
    run(a_crashing_plugin, a_plugin_without_end, a_hanging_plugin, a_slow_plugin_opens_the_breaker, wrong_verdicts_are_faults,
        what_a_plugin_refuses_is_no_default_task, what_a_disabled_area_declares_is_waited_for)
