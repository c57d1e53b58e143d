#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A thousand SIGHUPs under load, good and bad configurations in turn, areas and limits that change: no connection is dropped,
no line is lost, every count is exact."""
import os
import signal
import time

from rig import ROOT, Rig, options, run, wait

GOOD = ["", 'log: { heartbeat = "30s"; };\n', 'flush_interval = "5ms";\n', 'flush_interval = "40ms";\nprobe_interval = "300ms";\n',
        'journal: { quota = "32MiB"; };\n', 'dedup: { max_ids = "2000"; };\n', 'dlq: { quota = "1MiB"; };\n', 'limits: { names = 300; };\n']
BAD = ["nonsense = 1;\n", 'late_limit = "35 elephants";\n', "{{{\n", 'areas_dir = "/nonexistent";\n', 'journal: { quota = "-1"; };\n',
       'municipalities = "/nonexistent";\n', 'log: { file = "/nonexistent/x"; };\n']


def config(rig, text):
    data = "".join('%s = "%s";\n' % (k, os.path.join(ROOT, "etc", k + ".conf")) for k in ("tasks", "municipalities", "targets"))
    path = os.path.join(rig.folder, "effortd.conf")
    with open(path + ".new", "w") as f:
        f.write(data + text)
    os.rename(path + ".new", path)
    return path


class Reloaded(Rig):
    def start(self):
        self.config = config(self, "")
        for key in ("probe_interval", "flush_interval"):
            self.settings.pop(key, None)
        return super().start()


def storm(o):
    with Reloaded(seed=o.seed) as rig:
        p = rig.load(dup=20, rate=10000, conns=6)
        rig.wait_acked(500)
        for k in range(o.reloads):
            config(rig, rig.rng.choice(BAD if k % 2 else GOOD))
            rig.p.send_signal(signal.SIGHUP)
            time.sleep(rig.rng.choice([0, .005, .02, .05]))
        config(rig, "")
        rig.ctl("reload")
        counts = p.counts()
        assert counts["lost"] == 0, "%d connections were dropped" % counts["lost"]
        status = rig.status()
        assert status["config"]["reloads"] > 10, status["config"]
        wait(lambda: rig.whole_log().count("reload refused") > 10, "refusals in the log", 5)
        return "%d signals, %d reloads; %s" % (o.reloads, status["config"]["reloads"], rig.settle())


def together(o):
    """What is asked for again before it is done is done once: between two reloads everybody else is served."""
    with Reloaded(seed=o.seed) as rig:
        for _ in range(400):
            rig.p.send_signal(signal.SIGHUP)
            time.sleep(.001)
        rig.ctl("reload")
        reloads = rig.status()["config"]["reloads"]
        assert 1 < reloads < 200, "%d reloads" % reloads
        return "400 signals, %d reloads" % reloads


if __name__ == "__main__":
    run(options(__doc__, reloads=1000), storm, together)
