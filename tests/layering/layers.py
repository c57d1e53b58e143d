#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The layers of daemon/ and what each may use, checked twice: in the sources (every #include) and in what was built
(every undefined symbol of every layer's library). Standard library only; symbols are read with nm and objdump.

    layers.py includes DAEMON_FOLDER
    layers.py symbols [--instrumented] LAYER=LIBRARY...

Prints one line for each fault, with the way out, and exits 1; exits 0 and says what was looked at when there is none.
A new layer, library or exception is a line in the tables below."""
import os
import re
import subprocess
import sys

# layer: the layers it may use, besides itself. Siblings (net, store, journal, classify, conf) do not see each other.
BELOW_RUN = ["count", "domain", "event", "base"]
LAYERS = {
    "base": [],
    "event": ["base"],
    "domain": ["event", "base"],
    "count": ["domain", "event", "base"],
    "conf": BELOW_RUN,
    "classify": BELOW_RUN,
    "store": BELOW_RUN,
    "net": BELOW_RUN,
    "journal": BELOW_RUN,
    "run": ["net", "store", "journal", "classify", "conf"] + BELOW_RUN,
    "main": ["run", "net", "store", "journal", "classify", "conf"] + BELOW_RUN,
    "ctl": ["conf", "journal", "count", "domain", "event", "base"],
}

# Pure layers: no files, no clock, no sockets, no globals. What they may take from the system is listed, not what they may not.
PURE = ["event", "domain", "count"]
PURE_HEADERS = {
    "emmintrin.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
    "stdlib.h", "string.h", "strings.h",
}  # stdio.h for snprintf: the symbols below leave nothing else of it
PURE_SYMBOLS = re.compile(
    r"mem(chr|cmp|cpy|mem|move|rchr|set)|stpcpy|str(n?cmp|n?casecmp|n?len|r?chr|c?spn|str|n?dup|to(u?ll?|d))|__isoc\d+_(strto\w+|sscanf)"
    r"|v?snprintf|[mc]alloc|realloc|free|qsort|bsearch|abort|__errno_location|__ctype_\w+"
    r"|__u?(div|mod)ti3|__(mem|str|st|v?sn?printf)\w*_chk|__stack_chk_fail|__assert_fail|_GLOBAL_OFFSET_TABLE_|__tls_get_addr"
    r"|__(a|t|m|ub|l)san_\w+|__sanitizer_\w+|__sancov_\w+|__gcov_\w+|__llvm_\w+|__start___sancov\w+|__stop___sancov\w+")
# Of base, these are not for pure layers: the clocks, the log.
IMPURE_BASE = {"base/clock.h", "base/log.h"}
IMPURE_BASE_SYMBOLS = re.compile(r"(clock|log)_\w+")

# Libraries: header pattern, linker name, who may use it ("layer" or one "layer/file.c").
LIBRARIES = [
    (r"event2/.*", "event", ["net", "store", "run"]),
    (r"hiredis/.*", "hiredis", ["store"]),
    (r"libconfig\.h", "config", ["conf"]),
    (r"jansson\.h", "jansson", ["run", "ctl"]),
    (r"xxhash\.h", "xxhash", ["count", "classify", "journal", "run"]),
    (r"dlfcn\.h", None, ["classify/module.c"]),
    (r"link\.h", None, ["classify/module.c"]),
]
LOADER_SYMBOLS = re.compile(r"dl(m?open|v?sym|close|error|info|addr1?)")
# System headers: everything of POSIX that is not one of the above; a name with a folder must be one of these.
SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/")
SYSTEM_HEADERS = PURE_HEADERS | {
    "ctype.h", "dirent.h", "fcntl.h", "getopt.h", "grp.h", "locale.h", "math.h", "netdb.h", "poll.h", "pthread.h", "pwd.h",
    "sched.h", "signal.h", "stdatomic.h", "stdalign.h", "syslog.h", "termios.h", "time.h", "unistd.h",
}


def may_use_library(where, allowed):
    return where in allowed or where.split("/")[0] in allowed


# --- includes ---

def sources(daemon):
    for folder, folders, names in os.walk(daemon):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".c", ".h", ".def")):
                yield os.path.relpath(os.path.join(folder, name), daemon)


def layer_of(path):
    """main.c and what else stands at the top is the layer main."""
    return path.split("/")[0] if "/" in path else "main"


def judge_quoted(path, layer, header):
    other = layer_of(header)
    if "/" not in header:
        return "write it relative to daemon/: \"%s/%s\"" % (layer, header)
    if other not in LAYERS:
        return "%s/ is no layer; add it to LAYERS in tests/layering/layers.py, if it shall be one" % other
    if other != layer and other not in LAYERS[layer]:
        return "%s does not see %s (it sees: %s)" % (layer, other, ", ".join(LAYERS[layer]) or "nothing")
    if layer in PURE and header in IMPURE_BASE:
        return "%s is pure: a time or a message comes as an argument or leaves as a result" % layer
    return None


def judge_system(path, layer, header):
    if header == "effort/plugin.h":
        return None
    for pattern, _, allowed in LIBRARIES:
        if re.fullmatch(pattern, header):
            return None if may_use_library(path, allowed) or path == "main.c" and "main" in allowed else \
                "only %s may use it" % ", ".join(allowed)
    if layer in PURE:
        return None if header in PURE_HEADERS else "%s is pure: no files, clock, sockets or threads" % layer
    if header in SYSTEM_HEADERS or header.startswith(SYSTEM_FOLDERS):
        return None
    return "not known here; add it to the tables in tests/layering/layers.py with those who may use it"


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include\b[ \t]*(.*)$', re.M)


def check_includes(daemon):
    faults, seen = [], 0
    for path in sources(daemon):
        layer = layer_of(path)
        with open(os.path.join(daemon, path), encoding="utf-8") as f:
            text = f.read()
        if layer not in LAYERS:
            faults.append("%s: %s/ is no layer; add it to LAYERS in tests/layering/layers.py, if it shall be one" % (path, layer))
            continue
        for match in INCLUDE.finditer(text):
            seen += 1
            line = text.count("\n", 0, match.start()) + 1
            name = re.match(r'"([^"]+)"|<([^>]+)>', match.group(1))
            if name is None:
                fault = "only \"layer/file.h\" and <header.h> can be checked"
            elif name.group(1):
                fault = judge_quoted(path, layer, name.group(1))
            else:
                fault = judge_system(path, layer, name.group(2))
            if fault:
                faults.append("%s:%d: #include %s: %s" % (path, line, match.group(1).strip(), fault))
    if seen == 0:
        faults.append("no #include found in %s" % daemon)
    return faults, "%d includes" % seen


# --- symbols ---

def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def read_library(path):
    """Defined external symbols, and undefined ones as {symbol: [object files]}."""
    defined, undefined, member = set(), {}, "?"
    for line in run("nm", path).splitlines():
        words = line.split()
        if line.endswith(":"):
            member = line[:-1]
        elif len(words) == 2 and words[0] in ("U", "w", "v"):
            undefined.setdefault(words[1], []).append(member)
        elif len(words) == 3 and words[1].isupper():
            defined.add(words[2])
    return defined, undefined


def exported(name):
    """The dynamic symbols of a shared library the linker finds as -l<name>."""
    path = run(os.environ.get("CC", "cc"), "-print-file-name=lib%s.so" % name).strip()
    if not os.path.isabs(path):
        raise SystemExit("lib%s.so not found: install its development package" % name)
    return {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--defined-only", path).splitlines() if line}


def writable(path):
    """Objects a pure layer could write to: in .data, .bss, thread-local or common."""
    found, member = [], "?"
    for line in run("objdump", "-t", path).splitlines():
        if re.match(r"\S+\.o:\s", line):
            member = line.split(":")[0]
        words = re.match(r"[0-9a-f]{16} .{6}[O ] (\.(?:t?data|t?bss)(?:\.\S+)?|\*COM\*)\s+([0-9a-f]+)\s+(?:\.hidden )?(\S+)", line)
        if words and not words.group(1).startswith(".data.rel.ro") and int(words.group(2), 16) > 0:
            found.append((member, words.group(3)))
    return found


def judge_symbol(layer, member, symbol, homes, libraries):
    home = homes.get(symbol)
    if home is not None:
        if home != layer and home not in LAYERS[layer]:
            return "%s does not see %s, where it is defined" % (layer, home)
        if layer in PURE and home == "base" and IMPURE_BASE_SYMBOLS.fullmatch(symbol):
            return "%s is pure: a time or a message comes as an argument or leaves as a result" % layer
        return None
    where = "%s/%s" % (layer, re.sub(r"\.o$", "", member))
    for symbols, name, allowed in libraries:
        if symbol in symbols:
            return None if may_use_library(where, allowed) else "lib%s: only %s may use it" % (name, ", ".join(allowed))
    if LOADER_SYMBOLS.fullmatch(symbol):
        return None if where == "classify/module.c" else "only classify/module.c loads code"
    if layer in PURE and not PURE_SYMBOLS.fullmatch(symbol):
        return "%s is pure: no files, clock, sockets or threads" % layer
    return None


def check_symbols(paths, is_instrumented):
    faults, homes, seen = [], {}, 0
    absent = [path for path in paths.values() if not os.path.exists(path)]
    if absent:
        return ["%s: not built yet" % path for path in absent], "nothing"
    content = {layer: read_library(path) for layer, path in paths.items()}
    libraries = [(exported(name), name, allowed) for _, name, allowed in LIBRARIES if name]
    for layer in ("base", *PURE):
        if layer not in paths:
            faults.append("the library of %s was not given: nothing of it is checked" % layer)
    for layer, (defined, _) in content.items():
        homes.update({symbol: layer for symbol in defined})
    for layer, (_, undefined) in content.items():
        for symbol, members in sorted(undefined.items()):
            seen += 1
            for member in members:
                fault = judge_symbol(layer, member, symbol, homes, libraries)
                if fault:
                    faults.append("%s/%s: %s: %s" % (layer, member, symbol, fault))
    for layer in PURE:
        if layer in paths and not is_instrumented:
            faults += ["%s/%s: %s: %s is pure: no writable global; make it const or give it an owner" % (layer, member, symbol, layer)
                       for member, symbol in writable(paths[layer])]
    return faults, "%d undefined symbols of %d layers" % (seen, len(paths))


def main(argv):
    if len(argv) == 2 and argv[0] == "includes":
        faults, seen = check_includes(argv[1])
    elif len(argv) > 1 and argv[0] == "symbols":
        paths = dict(word.split("=", 1) for word in argv[1:] if "=" in word)
        faults, seen = check_symbols(paths, "--instrumented" in argv)
    else:
        raise SystemExit(__doc__)
    for fault in faults:
        print(fault)
    print("%s: %s" % (seen, "%d faults" % len(faults) if faults else "every one where it may be"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
