#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The public header: as long as the ABI is 1.0 it differs from the frozen copy in comments and blank space only, and it
# compiles without a warning in C99, C11, C++17 and C++20, by gcc and clang where they are installed.
# usage: check_header.sh SOURCE_DIR
source=$1
header=$source/include/effort/plugin.h
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The text without comments (all of them are /* */) and with every run of blanks as one.
code() {
	perl -0777 -pe 's{/\*.*?\*/}{ }gs; s{\s+}{ }g' "$1"
}

minor=$(sed -n 's/^#define EFFORT_ABI_MINOR \([0-9]*\)$/\1/p' "$header")
if [ "$minor" = 0 ]; then
	code "$header" >"$work/now"
	code "$source/tests/abi/plugin-1.0.h" >"$work/frozen"
	[ "$(wc -c <"$work/now")" -gt 1000 ] || { echo "the header could not be read"; failed=1; }
	if ! cmp -s "$work/now" "$work/frozen"; then
		echo "include/effort/plugin.h differs from tests/abi/plugin-1.0.h in more than comments, and the ABI is still 1.0:"
		tr ';{}' '\n\n\n' <"$work/frozen" >"$work/a"
		tr ';{}' '\n\n\n' <"$work/now" >"$work/b"
		diff "$work/a" "$work/b"
		failed=1
	fi
fi

cat >"$work/use.c" <<'END'
#include <effort/plugin.h>
#include <effort/plugin.h>
struct area { int unused; };
static struct effort_verdict decide(const struct area *a, const struct effort_event *ev)
{
	(void)a;
	if (EFFORT_HAS(ev, errand) && effort_starts(ev->unit, "a"))
		return effort_ignore(ev->listed);
	if (effort_equals(ev->unit, "b"))
		return effort_reject(1);
	return ev->count > 1 ? effort_not_mine() : effort_count(EFFORT_NO_TASK);
}
EFFORT_DEFINE_BATCH(classify, struct area, decide)
void (*use(void))(const void *, const struct effort_event *const *, size_t, struct effort_verdict *);
void (*use(void))(const void *, const struct effort_event *const *, size_t, struct effort_verdict *)
{
	return classify;
}
END
cp "$work/use.c" "$work/use.cc"
cat >"$work/descriptor.c" <<'END'
#include <effort/plugin.h>
static int open_it(const struct effort_host *h, struct effort_setup *s, void **i) { *i = NULL; return h->fail(s, "%d", 1); }
static void classify(const void *i, const struct effort_event *const *e, size_t n, struct effort_verdict *v) { (void)i; (void)e; (void)n; (void)v; }
static void close_it(void *i) { (void)i; }
const struct effort_plugin effort_plugin = { EFFORT_PLUGIN_HEADER, .name = "a", .version = "1", .summary = "", .options = NULL, .open = open_it, .classify = classify, .close = close_it, .samples = NULL };
END
cp "$work/descriptor.c" "$work/descriptor.cc"

tried=0
try() {
	compiler=$1
	shift
	command -v "$compiler" >/dev/null 2>&1 || return 0
	tried=$((tried + 1))
	"$compiler" -I"$source/include" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only "$@" ||
		{ echo "failed: $compiler $*"; failed=1; }
}

for cc in gcc clang; do
	for std in c99 c11 c17; do
		try $cc -std=$std -Wc++-compat -Wstrict-prototypes -Wmissing-prototypes "$work/use.c"
		try $cc -std=$std -Wstrict-prototypes "$work/descriptor.c"
	done
done
for cxx in g++ clang++; do
	try $cxx -std=c++17 -xc++ "$work/use.cc"
	try $cxx -std=c++20 -xc++ "$work/descriptor.cc"
done
[ $tried -ge 6 ] || { echo "only $tried compilations tried"; failed=1; }
exit $failed
