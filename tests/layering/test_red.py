#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The checks of this folder can fail: each kind of trespass is planted in a copy of the tree (or of a library) and must be
found, named, and be the only thing found.

    test_red.py SOURCE_TREE [--instrumented] LAYER=LIBRARY..."""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

INCLUDES = [  # file, line to add, what must be said
    ("event/decode.c", '#include "store/store.h"', "event does not see store"),
    ("store/store.h", '#include "net/net.h"', "store does not see net"),
    ("net/net.c", '  #  include "conf/conf.h"', "net does not see conf"),
    ("base/text.c", '#include "run/effortd.h"', "base does not see run"),
    ("ctl/main.c", '#include "run/effortd.h"', "ctl does not see run"),
    ("count/tally.c", "#include <hiredis/hiredis.h>", "only store may use it"),
    ("net/conn.c", "#include <libconfig.h>", "only conf may use it"),
    ("classify/area.c", "#include <dlfcn.h>", "only classify/module.c may use it"),
    ("store/link.c", "#include <jansson.h>", "only run, ctl may use it"),
    ("domain/share.c", "#include <time.h>", "domain is pure"),
    ("event/json.c", "#include <sys/stat.h>", "event is pure"),
    ("count/spread.c", '#include "base/clock.h"', "count is pure"),
    ("event/json.c", '#include "decode.h"', 'relative to daemon/: "event/decode.h"'),
    ("run/watch.c", "#include <curl/curl.h>", "not known here"),
    ("run/watch.c", "#include HEADER", "can be checked"),
    ("extra/thing.c", '#include "base/text.h"', "extra/ is no layer"),
]

SYMBOLS = [  # layer, C text, what must be said
    ("event", "extern int planted_store(void); int planted(void) { return planted_store(); }", "event does not see store"),
    ("count", "#include <stdio.h>\nint planted(void) { return fopen(\"x\", \"r\") != NULL; }", "fopen: count is pure"),
    ("domain", "#include <time.h>\nlong planted(void) { return (long)time(NULL); }", "time: domain is pure"),
    ("domain", "#include <stdlib.h>\nint planted(void) { return getenv(\"X\") != NULL; }", "getenv: domain is pure"),
    ("event", "extern long clock_now_ms(void); long planted(void) { return clock_now_ms(); }", "clock_now_ms: event is pure"),
    ("count", "extern void *event_base_new(void); int planted(void) { return event_base_new() != 0; }", "libevent: only"),
    ("base", "extern void *config_init(void *); int planted(void) { return config_init(0) != 0; }", "libconfig: only"),
    ("domain", "extern void *dlopen(const char *, int); int planted(void) { return dlopen(0, 0) != 0; }", "loads code"),
    ("event", "int planted_counter; int planted(void) { return planted_counter++; }", "no writable global"),
    ("event", "int planted(void) { static int n = 7; return n++; }", "no writable global"),
]


def check(script, *args):
    p = subprocess.run([sys.executable, os.path.join(HERE, script), *args], capture_output=True, text=True)
    return p.returncode, p.stdout + p.stderr


def expect_red(what, result, wanted, faults=1):
    code, out = result
    lines = out.strip().split("\n")
    if code == 0 or len(lines) != faults + 1 or not any(wanted in line for line in lines):
        print("NOT FOUND: %s\n  wanted one line with: %s\n  got (exit %d): %s" % (what, wanted, code, out))
        return 1
    return 0


def expect_green(what, result):
    if result[0] != 0:
        print("%s is not green to begin with:\n%s" % (what, result[1]))
        return 1
    return 0


def plant_includes(root, scratch):
    failed = 0
    clean = os.path.join(scratch, "clean")
    shutil.copytree(os.path.join(root, "daemon"), clean)
    if expect_green("daemon/", check("layers.py", "includes", clean)):
        return 1
    for path, line, wanted in INCLUDES:
        tree = os.path.join(scratch, "tree")
        shutil.copytree(clean, tree)
        target = os.path.join(tree, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a") as f:
            f.write("\n" + line + "\n")
        failed += expect_red("%s in %s" % (line, path), check("layers.py", "includes", tree), wanted)
        shutil.rmtree(tree)
    return failed


def library_with(scratch, base, text):
    """A copy of a library (or a new one) with one more object."""
    source, made = os.path.join(scratch, "planted.c"), os.path.join(scratch, "planted.a")
    with open(source, "w") as f:
        f.write(text)
    subprocess.run([os.environ.get("CC", "cc"), "-w", "-fPIC", "-c", source, "-o", source + ".o"], check=True)
    if os.path.exists(made):
        os.remove(made)
    if base:
        shutil.copy(base, made)
    subprocess.run(["ar", "rc", made, source + ".o"], check=True)
    return made


def plant_symbols(scratch, libraries, flags):
    failed = 0
    if expect_green("what was built", check("layers.py", "symbols", *flags, *("%s=%s" % item for item in libraries.items()))):
        return 1
    store = shutil.copy(library_with(scratch, libraries.get("store"), "int planted_store(void) { return 1; }"),
                        os.path.join(scratch, "store.a"))
    libraries = dict(libraries, store=store)

    def arguments(changed):
        return ["symbols", *flags, *("%s=%s" % item for item in dict(libraries, **changed).items())]

    for layer, text, wanted in SYMBOLS:
        if flags and "global" in wanted:
            continue  # instrumented objects are full of them
        made = library_with(scratch, libraries[layer], text)
        failed += expect_red("%s in %s" % (text, layer), check("layers.py", *arguments({layer: made})), wanted)
    return failed


def plant_files(root, scratch):
    tree = os.path.join(scratch, "files")
    os.makedirs(os.path.join(tree, "daemon"))
    good = "/* SPDX-License-Identifier: MPL-2.0 */\nint x;\n"
    cases = [("daemon/a.c", "int x;\n", "first line"), ("daemon/a.py", "#!/bin/sh\n#\n# SPDX-License-Identifier: MPL-2.0\n", "first line"),
             ("daemon/a.c", good + "\n" * 600, "602 lines"), ("daemon/a.c", good + "/* TO" "DO: later */\n", "for later"),
             ("stray.c", good, "does not belong at the top")]
    failed = 0
    with open(os.path.join(tree, "daemon", "good.c"), "w") as f:
        f.write(good)
    failed += expect_green("a good file", check("files.py", tree))
    for path, text, wanted in cases:
        with open(os.path.join(tree, path), "w") as f:
            f.write(text)
        failed += expect_red("%s with %r" % (path, text[:40]), check("files.py", tree), wanted)
        os.remove(os.path.join(tree, path))
    return failed


def main(argv):
    libraries = dict(word.split("=", 1) for word in argv[1:] if "=" in word)
    flags = [word for word in argv[1:] if word.startswith("--")]
    with tempfile.TemporaryDirectory(prefix="layering-") as scratch:
        failed = plant_files(argv[0], scratch) + plant_includes(argv[0], scratch) + plant_symbols(scratch, libraries, flags)
    print("%d trespasses planted, %d not found" % (len(INCLUDES) + len(SYMBOLS) + 5, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1:]))
