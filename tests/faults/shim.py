# SPDX-License-Identifier: MPL-2.0
"""The steering side of shim.c: which call under a folder fails, how, and which allocation."""
import errno
import mmap
import os
import struct

from load import BUILD

LAYOUT = "8Q4I"
NAMES = ("calls fail_at fail_count failed allocations allocation_at allocation_count allocations_failed "
         "ops mode error delay_us").split()
WRITE, SYNC, SYNC_FOLDER, RENAME, OPEN, CUT, REMOVE, READ = (1 << i for i in range(8))
FAIL, SHORT, DELAY = range(3)
FOR_EVER = (1 << 63)
HELD_US = (1 << 32) - 1  # more than an hour


class Shim:
    """One control file; env() is what the program needs to be started with."""

    def __init__(self, folder, under):
        self.path, self.under = os.path.join(folder, "shim"), under
        with open(self.path, "wb") as f:
            f.write(bytes(4096))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 4096)

    def env(self):
        return {"LD_PRELOAD": os.path.join(BUILD, "bin", "libfaults_shim.so"), "EFFORT_SHIM_CONTROL": self.path,
                "EFFORT_SHIM_FOLDER": self.under, "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def get(self, name):
        return struct.unpack_from(LAYOUT, self.map)[NAMES.index(name)]

    def set(self, **values):
        """Sets all at once; what is not named becomes 0, the switches last."""
        for name in ("fail_at", "allocation_at"):
            self.poke(name, 0)
        for name in NAMES:
            if name not in ("fail_at", "allocation_at"):
                self.poke(name, values.get(name, 0))
        for name in ("fail_at", "allocation_at"):
            self.poke(name, values.get(name, 0))

    def poke(self, name, value):
        i = NAMES.index(name)
        at, kind = (8 * i, "Q") if i < 8 else (64 + 4 * (i - 8), "I")
        struct.pack_into(kind, self.map, at, value)

    def fail(self, ops, at=1, count=1, error=errno.EIO, mode=FAIL, delay_us=0, only=""):
        """only: a part of the path."""
        self.poke("fail_at", 0)
        struct.pack_into("64s", self.map, 80, only.encode())
        self.set(fail_at=at, fail_count=count, ops=ops, mode=mode, error=error, delay_us=delay_us)

    def hold(self, ops):
        """Every such call waits until off()."""
        self.fail(ops, count=FOR_EVER, mode=DELAY, delay_us=HELD_US)

    def fail_allocation(self, at, count=1):
        self.set(allocation_at=at, allocation_count=count)

    def off(self):
        self.set()
