# SPDX-License-Identifier: MPL-2.0
"""What Redis must hold after a load, worked out by the contract from the producers' ledgers alone, and the comparison with
everything that lies under the prefix: each key, each field, nothing else.

    differences(redis, [producer, ...])   list of texts; empty: exact

The arithmetic is written here a second time on purpose; nothing of effortd is asked."""
import collections
import datetime
import re

from load import CHANNELS, ZONE

WINDOWS = ("day", "week", "month", "quarter", "season", "year")
SUMS = ["contacts", "information", "case", "unknown", "n", "self", "assisted", "digital", "exempt", "target_n", "target_self", "movable"]
CHANNEL_SUMS = ["ch." + c for c in CHANNELS]
TARGET = 8000  # hundredths of a percent
HEAD = {"as_of", "lag_s", "rebuilding", "incomplete", "missing", "period", "from", "to", "restated_at", "definition", "target_id", "schema"}


def label(window, day):
    if window == "day":
        return day.isoformat()
    if window == "week":
        year, week, _ = day.isocalendar()
        return "%04d-W%02d" % (year, week)
    if window == "month":
        return "%04d-%02d" % (day.year, day.month)
    if window == "quarter":
        return "%04d-Q%d" % (day.year, (day.month + 2) // 3)
    if window == "season":
        return "%04d-%s" % (day.year, "spring" if day.month <= 6 else "autumn")
    return "%04d" % day.year


def bounds(window, day):
    """First day and the day after the last."""
    one = datetime.timedelta(days=1)
    if window == "day":
        return day, day + one
    if window == "week":
        monday = day - one * day.weekday()
        return monday, monday + 7 * one
    months = {"month": 1, "quarter": 3, "season": 6, "year": 12}[window]
    first = datetime.date(day.year, (day.month - 1) // months * months + 1, 1)
    end = first.month + months
    return first, datetime.date(first.year + (end > 12), end - 12 if end > 12 else end, 1)


def midnight_ms(day):
    return int(datetime.datetime.combine(day, datetime.time(), ZONE).timestamp()) * 1000


# --- what one event adds ---

def family(e):
    if e.get("direction") == "out":
        return "out"
    return "internal" if e.get("population") in ("authority", "internal") else "n"


def cells_of(t):
    """{field: amount} of the d:, m: and y: hashes."""
    e, count = t.fields, t.fields.get("count", 1)
    kind = family(e)
    if kind == "out":
        cells = {"out:%s/%s/%s" % (t.task[2], e["channel"], e["form"]): count}
        if "reason" in e:
            cells["reason:" + e["reason"]] = count
        return cells
    words = "%s/%s/%s" % (t.task[2], e["channel"], e.get("kind", "transaction"))
    cells = {kind + ":" + words: count}
    if kind == "n":
        for flag, name in ((e.get("outcome", "completed") != "completed", e.get("outcome")), (e.get("assisted"), "assisted"),
                           (e.get("exempt"), "exempt"), (e.get("population") == "business", "business")):
            if flag:
                cells[name + ":" + words] = count
        if e.get("duration_s"):
            cells["seconds:" + words] = int(e["duration_s"] + .5)
    return cells


def is_in_n(t):
    e = t.fields
    return (family(e) == "n" and e.get("kind", "transaction") == "transaction" and e["channel"] not in ("web", "system")
            and e.get("outcome", "completed") in ("completed", "forwarded") and t.task[4])


def sums_of(t):
    """{sum: amount} of every scope the event belongs to; empty: of none."""
    e, count = t.fields, t.fields.get("count", 1)
    if family(e) != "n":
        return {}
    sums = ["contacts"]
    kind = e.get("kind", "transaction")
    if kind != "transaction":
        sums.append(kind)
    if is_in_n(t):
        own = e["channel"] == "selfservice"
        sums += ["n", "ch." + e["channel"]]
        if own:
            sums.append("assisted" if e.get("assisted") else "self")
        if own or e["channel"] == "digitalpost":
            sums.append("digital")
        if e.get("exempt"):
            sums.append("exempt")
        if t.task[5]:
            sums.append("target_n")
            if own and not e.get("assisted"):
                sums.append("target_self")
            if not own and not e.get("exempt"):
                sums.append("movable")
    return dict.fromkeys(sums, count)


def seconds_times(t, n):
    return {f: v * n for f, v in cells_of(t).items()}


# --- what hashes hold ---

def basis_points(part, n):
    bp = (part * 20000 + n) // (2 * n)
    return TARGET - 1 if bp >= TARGET and part * 10000 < TARGET * n else bp


def percent(bp):
    return "%s%d.%02d" % ("-" if bp < 0 else "", abs(bp) // 100, abs(bp) % 100)


def scope_fields(scope, sums, names):
    f = {"%s.%s" % (scope, s): str(sums.get(s, 0)) for s in names}
    f[scope + ".target"] = percent(TARGET)
    n, tn = sums.get("n", 0), sums.get("target_n", 0)
    if n:
        f[scope + ".share"] = percent(basis_points(sums.get("self", 0), n))
        f[scope + ".share_incl_assisted"] = percent(basis_points(sums.get("self", 0) + sums.get("assisted", 0), n))
        f[scope + ".share_digital"] = percent(basis_points(sums.get("digital", 0), n))
    if tn:
        missing = TARGET * tn - sums.get("target_self", 0) * 10000
        f[scope + ".gap_pp"] = percent(basis_points(sums.get("target_self", 0), tn) - TARGET)
        f[scope + ".move"] = str(max(0, -(-missing // 10000)))
        f[scope + ".met"] = "1" if missing <= 0 else "0"
    return f


class Truth:
    def __init__(self, producers):
        self.cells = collections.defaultdict(collections.Counter)   # key without prefix -> field -> amount
        self.sums = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))  # key -> scope -> sum
        self.names = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
        self.sources = collections.defaultdict(dict)
        self.periods = {}                                           # share or tasks key -> (window, day)
        for p in producers:
            for t, n in p.truth():
                for code in (t.fields["municipality"], "dk"):
                    self.add("{%s}" % code, t, n)

    def add(self, code, t, n):
        for key in ("d:" + t.day.isoformat(), "m:" + label("month", t.day), "y:%04d" % t.day.year):
            self.cells["%s:%s" % (code, key)].update(seconds_times(t, n))
        sums = {s: v * n for s, v in sums_of(t).items()}
        for window in WINDOWS:
            self.add_sums(code, window, t, sums)
        self.add_names(code, t, n, sums)

    def add_sums(self, code, window, t, sums):
        where = "%s:%s" % (window, label(window, t.day))
        share, tasks = "%s:share:%s" % (code, where), "%s:tasks:%s" % (code, where)
        self.periods[share] = self.periods[tasks] = (window, t.day)
        self.sums[share]["all"].update(sums)  # a period with nothing but outgoing post has all, and zeros
        scopes = [t.task[2].split("/")[0]] + ["group:" + g for g in t.task[3]] if sums else []
        for scope in scopes:
            self.sums[share][scope].update(sums)
        if sums:
            self.sums[tasks][t.task[2]].update(sums)
        else:
            self.sums[tasks]  # is there, without a scope

    def add_names(self, code, t, n, sums):
        count = n * t.fields.get("count", 1)
        amount = {"contacts": sums.get("contacts", 0), "n": sums.get("n", 0), "self": sums.get("self", 0)}
        for dimension in ("unit", "portal", "handled_by", "source"):
            if dimension in t.fields and count:
                self.names["%s:by:%s:%s" % (code, dimension, label("month", t.day))][t.fields[dimension]].update(
                    dict(amount, _=0))
        end = unit_end(t.fields, sums)
        if end and count:
            self.names["%s:by:unit_end:%s" % (code, label("month", t.day))]["%s/%s" % (end, t.fields["unit"])].update(
                dict(amount, _=0))
        ms = int(t.moment.timestamp() * 1000)
        known = self.sources[code + ":sources"]
        known[t.fields["source"]] = max(ms, known.get(t.fields["source"], 0))


def unit_end(fields, sums):
    """How a contact ended for its unit: resolved and forwarded by phone and counter, assisted self-service; else None."""
    if "unit" not in fields or "contacts" not in sums:
        return None
    if fields["channel"] in ("phone", "counter"):
        return {"completed": "resolved", "forwarded": "forwarded"}.get(fields.get("outcome", "completed"))
    return "assisted" if sums.get("assisted") else None


# --- the comparison ---

def decimal(text):
    return re.fullmatch(r"-?(0|[1-9]\d*)", text) is not None


def unlike(key, want, got):
    """The differences of two dicts, in few words."""
    found = []
    for f in sorted(set(want) | set(got)):
        if want.get(f) != got.get(f):
            found.append("%s %s: %s, must be %s" % (key, f, got.get(f), want.get(f)))
    return found[:4] + (["%s: and %d fields more" % (key, len(found) - 4)] if len(found) > 4 else [])


def check_cells(key, want, got, found):
    body = {f: v for f, v in got.items() if not f.startswith("_") and f != "rebuilding"}
    found += unlike(key, {f: str(v) for f, v in want.items() if v}, body)
    contacts = sum(v for f, v in want.items() if f.startswith("n:"))
    if got.get("_n") != str(contacts):
        found.append("%s _n: %s, must be %d" % (key, got.get("_n"), contacts))
    if got.get("rebuilding", "0") != "0":
        found.append("%s is rebuilding" % key)


def check_head(key, window, day, got, now_ms, found):
    first, end = bounds(window, day)
    want = {"rebuilding": "0", "incomplete": "0", "period": label(window, day), "from": str(midnight_ms(first)), "to": str(midnight_ms(end)),
            "schema": "1", "target_id": "kl-80", "definition": "kl-2014"}
    for f, v in want.items():
        if got.get(f) != v:
            found.append("%s %s: %s, must be %s" % (key, f, got.get(f), v))
    for f in got:
        if f.startswith("_") or f in HEAD or "." in f:
            continue
        found.append("%s has an unknown field %s" % (key, f))
    if not decimal(got.get("as_of", "")) or abs(int(got["as_of"]) - now_ms) > 86400000:
        found.append("%s as_of: %s" % (key, got.get("as_of")))


def check_scopes(key, scopes, names, got, found):
    want = {}
    for scope, sums in scopes.items():
        want.update(scope_fields(scope, sums, names))
    found += unlike(key, want, {f: v for f, v in got.items() if "." in f})


def check_names(key, want, got, found):
    fields = {}
    for name, sums in want.items():
        for f in ("contacts", "n", "self"):
            fields["%s.%s" % (name, f)] = str(sums[f])
    found += unlike(key, fields, {f: v for f, v in got.items() if not f.startswith("_")})


def running_key(key):
    """"{0751}:share:day" -> ("{0751}:share:", "day")"""
    m = re.fullmatch(r"(\{\w+\}:(?:share|tasks):)(\w+)", key)
    return m.groups() if m and m.group(2) in WINDOWS else None


def check_running(key, truth, got, today, now_ms, found):
    kind, window = running_key(key)
    names = SUMS + CHANNEL_SUMS if ":share:" in kind else SUMS
    check_head(key, window, today, got, now_ms, found)
    check_scopes(key, truth.sums.get("%s%s:%s" % (kind, window, label(window, today)), {}), names, got, found)


def check_rank(redis, prefix, key, truth, today, found):
    code, rest = key.split(":", 1)
    parts = rest.split(":", 2)
    flat = redis("ZRANGE", prefix + key, 0, -1, "WITHSCORES")
    got = {m: percent(round(float(s) * 100)) for m, s in zip(flat[::2], flat[1::2])}
    want = {}
    if len(parts) == 2:
        where = "%s:share:%s:%s" % (code, parts[1], label(parts[1], today))
        for scope, sums in truth.sums.get(where, {}).items():
            if scope != "all" and ":" not in scope and sums["n"]:
                want[scope] = percent(basis_points(sums["self"], sums["n"]))
    else:
        for other, scopes in truth.sums.items():
            m = re.fullmatch(r"\{(\d{4})\}:share:%s:%s" % (parts[1], re.escape(label(parts[1], today))), other)
            if m and parts[2] in scopes and scopes[parts[2]]["n"]:
                sums = scopes[parts[2]]
                want[m.group(1)] = percent(basis_points(sums["self"], sums["n"]))
    found += unlike(key, want, got)


def check_series(redis, prefix, key, truth, found):
    """An entry that is there says what its period's hash says."""
    code, _, window = key.split(":")
    by_start = {str(midnight_ms(bounds(w, d)[0])): k for k, (w, d) in truth.periods.items()
                if w == window and k.startswith(code + ":share:")}
    for at, flat in redis("XRANGE", prefix + key, "-", "+"):
        where, got = by_start.get(at.split("-")[0]), dict(zip(flat[::2], flat[1::2]))
        if where is None:
            found.append("%s has an entry %s without a period" % (key, at))
            continue
        want = {}
        for scope, sums in truth.sums[where].items():
            if ":" not in scope:
                fields = scope_fields(scope, sums, SUMS)
                want.update({f: v for f, v in fields.items() if f in (scope + ".n", scope + ".share")})
        found += unlike("%s %s" % (key, at), want, got)


# What follows from the sums (targets, measures) is held against them where it is tested: it is made anew every follow_interval.
OTHER = re.compile(r"index:(municipalities|areas|tasks|groups|schema)|alive|definitions|_writers|_young|(writer|_claim):[a-z0-9]+"
                   r"|\{\w+\}:(hist|_ranks|_\w+|target:[a-z0-9-]+|measures:[a-z]+|levels|(share|tasks):period:[a-z0-9-]+)")


def differences(redis, producers, truth=None, prefix="effort:"):
    """truth: Truth(producers), where the caller compares more than once."""
    truth, found, seen = truth or Truth(producers), [], set()
    now = datetime.datetime.now(ZONE)
    today, now_ms = now.date(), int(now.timestamp() * 1000)
    for full in redis("KEYS", "*"):
        if not full.startswith(prefix):
            found.append("a key of another prefix: " + full)
            continue
        key = full[len(prefix):]
        seen.add(key)
        if key in truth.cells:
            check_cells(key, truth.cells[key], redis.hgetall(full), found)
        elif key in truth.sums:
            got = redis.hgetall(full)
            check_head(key, *truth.periods[key], got, now_ms, found)
            check_scopes(key, truth.sums[key], SUMS + CHANNEL_SUMS if ":share:" in key else SUMS, got, found)
        elif key in truth.names:
            check_names(key, truth.names[key], redis.hgetall(full), found)
        elif key in truth.sources:
            found += unlike(key, {s: str(v) for s, v in truth.sources[key].items()}, redis.hgetall(full))
        elif running_key(key):
            check_running(key, truth, redis.hgetall(full), today, now_ms, found)
        elif ":rank:" in key:
            check_rank(redis, prefix, key, truth, today, found)
        elif ":series:" in key:
            check_series(redis, prefix, key, truth, found)
        elif not OTHER.fullmatch(key):
            found.append("a key nobody knows: " + key)
    for kind in (truth.cells, truth.sums, truth.names, truth.sources):
        found += ["missing: " + k for k in kind if k not in seen]
    for code in {k.split(":")[0] for k in truth.sums}:
        for window in WINDOWS:
            if "%s:share:%s:%s" % (code, window, label(window, today)) in truth.sums:
                found += ["missing: " + k for k in ("%s:share:%s" % (code, window), "%s:tasks:%s" % (code, window)) if k not in seen]
    return found
