# SPDX-License-Identifier: MPL-2.0
"""What the tests of effortctl send --acks share."""
import os
import shutil
import subprocess
import tempfile

from ctl_harness import EFFORTCTL, Case, environment, event


def events(n, first=0, **more):
    return [event(id="e%06d" % i, **more) for i in range(first, first + n)]


def ids(n, first=0):
    return ["e%06d" % i for i in range(first, first + n)]


def text(lines):
    return b"".join(line + b"\n" for line in lines)


class Acked(Case):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="effort-acks-")
        self.spool = os.path.join(self.folder, "spool")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def send(self, server, lines, *more):
        return self.ctl("send", "--acks", "--to", server if isinstance(server, str) else server.address, *more,
                        stdin=text(lines) if isinstance(lines, list) else lines)

    def spooled(self):
        return sorted(name for name in os.listdir(self.spool) if name.startswith("events-"))

    def settled_file(self):
        with open(os.path.join(self.spool, "settled"), encoding="ascii") as f:
            return int(f.read().split()[0])

    def start(self, *args, stdin=subprocess.PIPE):
        return subprocess.Popen([EFFORTCTL, "send", "--acks", *args], stdin=stdin, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=environment())
