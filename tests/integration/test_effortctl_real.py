#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl against a real effortd with a real Redis: what the fake daemon of the other tests cannot get wrong."""

import json
import os
import re
import subprocess
import time

from harness import BUILD, Effortd, event, run, wait


def today():
    """A moment in the running day: now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def busy(**settings):
    """A daemon with contacts under the target: 80 by self-service, 10 with help, 30 by phone."""
    daemon = Effortd(settings=settings)
    at = today()
    daemon.send(event(time=at, channel="selfservice", count=80), event(time=at, channel="selfservice", assisted=True, count=10),
                event(time=at, channel="phone", count=30), event(time=at, channel="smoke"),
                event(time=at, municipality="0101", channel="selfservice", kle="99.99.99"), "{not json")
    daemon.wait_counted(6)
    return daemon


def test_shares_of_a_municipality():
    with busy() as daemon:
        doc = json.loads(daemon.ctl("shares", "751", "--json").stdout)
        assert doc["share"]["all.n"] == "120" and doc["is_running"], doc
        for name in ("751", "0751", "aarhus", "Aarh", "ÅRHUS"):
            out = daemon.ctl("shares", name, "--lang", "en").stdout
            assert out.startswith("Aarhus, "), out
        assert re.search(r"(?m)^All +120 +66\.67% +75\.00% ", out), out
        assert "by phone 30" in out, out
        assert re.search(r"(?m)^Unclassified +none +- +-", out), out
        assert "not live" not in out, out
        danish = daemon.ctl("shares", "751", "--lang", "da").stdout
        assert re.search(r"(?m)^I alt +120 +66,67 % +75,00 % ", danish), danish


def test_headline_of_a_target_task():
    with Effortd() as daemon:
        wait(lambda: daemon.status()["redis"]["state"] == "ready", "Redis to be ready")
        tasks = json.loads(daemon.ctl("shares", "751", "--json").stdout)["task_names"]
        at = today()
        for scope in sorted(tasks):
            daemon.send(event(time=at, kle=None, task=scope.split("/")[1], count=3),
                        event(time=at, kle=None, task=scope.split("/")[1], channel="selfservice"))
        daemon.wait_counted(2 * len(tasks))
        share = daemon.share()
        out = " ".join(daemon.ctl("shares", "751", "--lang", "en").stdout.split())
        n, move = share["group:target.n"], share["group:target.move"]
        assert f"25.00% of {n} applications and notifications came by self-service" in out, out
        assert f"the target is 80.00% and {move} must change channel" in out, out
        assert re.search(r"To move first: 1\. .+ 2\. .+ 3\. ", out), out


def test_ranking_and_periods():
    with busy() as daemon:
        out = daemon.ctl("shares", "--lang", "en").stdout
        rows = [re.split(r"\s{2,}", row.strip())[0] for row in out.split("\n\n")[1].splitlines()[1:]]
        assert rows == ["Denmark", "1 København", "2 Aarhus"], out
        for window in ("week", "month", "quarter", "season", "year"):
            out = daemon.ctl("shares", "dk", "--window", window, "--lang", "da").stdout
            assert re.search(r"(?m)^I alt +121 ", out), out
        label = json.loads(daemon.ctl("shares", "dk", "--window", "year", "--json").stdout)["label"]
        out = daemon.ctl("shares", "dk", "--label", label).stdout
        assert re.search(r"(?m)^All +121 ", out), out


def test_names():
    with busy() as daemon:
        p = daemon.ctl("shares", "Aa", check=False)  # Aabenraa, Aalborg, Aarhus: only one of them has data
        assert p.returncode == 64 and "Aalborg (0851)" in p.stderr, p
        p = daemon.ctl("shares", "Arhus", check=False)
        assert p.returncode == 64 and "Did you mean 'Aarhus'?" in p.stderr, p
        p = daemon.ctl("shares", "999", check=False)
        assert p.returncode == 1 and "no such municipality" in p.stderr, p


def test_status_sources_plugins_reload():
    with busy() as daemon:
        status = daemon.status()
        assert status["received"] == 6 and status["refused"] == 2, status
        out = " ".join(daemon.ctl("status", "--lang", "en").stdout.split())
        assert "6 received = 4 accepted + 0 duplicate + 2 refused; of the accepted 1 unclassified" in out, out
        assert "redis ready" in out, out
        out = daemon.ctl("sources", "--lang", "en").stdout
        assert re.search(r"(?m)^test +5 +4 +0 +1 .*\n  E_CHANNEL 1$", out), out
        assert re.search(r"(?m)^_unknown +1 +0 +0 +1 .*\n  E_JSON 1$", out), out
        out = daemon.ctl("plugins", "--lang", "en").stdout
        assert out.count("working") == status["areas"], out
        p = daemon.ctl("reload", "--lang", "en")
        assert p.stderr.startswith("Configuration reloaded: 8 areas, "), p


def test_bad_reload():
    with Effortd() as good:
        config = os.path.join(good.folder, "effortd.conf")
        with open(good.config) as f:
            text = re.sub(r'"([\w.]+\.conf)"', lambda m: '"%s"' % os.path.join(os.path.dirname(good.config), m[1]), f.read())
        with open(config, "w") as f:
            f.write(text)
        good.stop()
        good.config = config
        good.start()
        with open(config, "a") as f:
            f.write("lissten: { };\n")
        p = good.ctl("reload", check=False)
        assert p.returncode == 78 and "effortd.conf:" in p.stderr and "lissten" in p.stderr, p
        assert "the last reload failed" in " ".join(good.ctl("status").stdout.split())


def test_send_and_validate_know_the_configuration():
    with Effortd() as daemon:
        p = daemon.ctl("send", "--municipality", "751", "--channel", "phone", "--kle", "23.05.10", "--count", "7", "--json")
        assert json.loads(p.stdout)["lines"] == 1, p
        daemon.wait_counted(1)
        assert daemon.share()["all.n"] == "7", daemon.share()
        p = daemon.ctl("send", "--municipality", "999", "--channel", "phone", "--kle", "23.05.10", check=False)
        assert p.returncode == 1 and "E_MUNICIPALITY" in p.stderr, p
        # The daemon takes any age (late_limit=never on its command line), so an old event is sent.
        daemon.ctl("send", "--municipality", "751", "--channel", "phone", "--kle", "23.05.10", "--time", "2012-04-01T12:00:00Z")
        daemon.wait_counted(2)
        assert daemon.status()["refused"] == 0
        lines = "\n".join(json.dumps(e) for e in (event(), event(municipality="0999"), event(kle="99.99.99"),
                                                  event(time="2012-04-01T12:00:00Z"))) + "\n"
        p = subprocess.run([os.path.join(BUILD, "bin", "effortctl"), "validate", "--run-dir", daemon.run, "--lang", "en"],
                           input=lines, capture_output=True, text=True)
        assert p.returncode == 1 and re.findall(r"stdin:(\d+): (\w+)", p.stdout) == [("2", "E_MUNICIPALITY")], p
        assert "4 lines: 3 would be accepted, 1 refused: E_MUNICIPALITY 1\n1 names no task" in p.stderr, p
        with open(os.path.join(daemon.folder, "events"), "w") as f:
            f.write(lines)
        daemon.ctl("send", f.name)
        daemon.wait_received(6)
        assert daemon.status()["refused"] == 1


def test_redis_away():
    with busy(**{"limits.drain": "1s"}) as daemon:
        daemon.server.kill()
        daemon.send(event(time=today()))
        wait(lambda: daemon.status()["redis"]["state"] != "ready", "effortd to notice")
        out = daemon.ctl("status", "--lang", "en").stdout
        assert "AWAY" in out, out
        p = daemon.ctl("shares", "751", check=False)
        assert p.returncode == 1 and "Redis" in p.stderr, p


if __name__ == "__main__":
    run(test_shares_of_a_municipality, test_headline_of_a_target_task, test_ranking_and_periods, test_names,
        test_status_sources_plugins_reload, test_bad_reload, test_send_and_validate_know_the_configuration, test_redis_away)
