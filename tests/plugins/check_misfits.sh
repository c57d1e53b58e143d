#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# effort-plugin-check must fail every misfit in the check made for it, with the right words, and pass the one without fault.
# usage: check_misfits.sh CHECKER FIXTURES
checker=$1
fixtures=$2
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/area.conf" <<'END'
area = "library";
plugin = "misfit";
order = 1;
name: { da = "Bibliotek"; en = "Library"; };
kle = ( "20" );
tasks = ( { id = "loan"; da = "Lån"; en = "Loan"; kle = [ "20.01.10" ]; } );
END

# expect FIXTURE CHECK WORDS: the line of the check says FAILED and the words (grep -E).
expect() {
	"$checker" --limit 2 --area "$work/area.conf" "$fixtures/$1.so" >"$work/out" 2>"$work/err"
	status=$?
	if [ $status -ne 1 ] || ! grep -E "^FAILED +$2 " "$work/out" | grep -Eq "$3"; then
		echo "$1: expected exit 1 and FAILED $2 with: $3; got exit $status and"
		cat "$work/out"
		failed=1
	fi
}

if ! "$checker" --area "$work/area.conf" "$fixtures/fine.so" >"$work/out"; then
	echo "fine: expected to pass"
	cat "$work/out"
	failed=1
fi
grep -q '^13 checks, 0 failed$' "$work/out" || { echo "fine: not all checks ran"; failed=1; }

expect wrong_magic gate 'wrong magic'
expect no_symbol gate 'exports no symbol effort_plugin'
expect open_fails open 'the list of libraries is not there'
expect sample_wrong samples 'expected reject not-today, got count -'
expect too_few answers 'left a verdict unwritten'
expect unknown_class answers 'never declared'
expect reserved answers 'reserved words'
expect impure purity 'the second time|again and again'
expect impure 'static data' 'writes static data'
expect counts 'static data' 'writes static data'
expect position purity 'again and again'
expect position 'batch = single' 'alone'
# A sanitizer reports a crash itself and exits.
expect writes_event 'read-only events' 'crashes'
expect overreads 'text ends' 'crashes'
expect too_many 'verdict bounds' 'crashes|wrote'
expect crash answers 'crashes'
expect hang samples 'hangs: nothing after 2 s' # the first check with events; after a hang nothing is tried

"$checker" "$fixtures" >"$work/out" && { echo "a folder passed"; failed=1; }
"$checker" >/dev/null 2>&1
[ $? -eq 2 ] || { echo "no arguments: expected exit 2"; failed=1; }
"$checker" --area "$work/nowhere.conf" "$fixtures/fine.so" >"$work/out" && { echo "an absent area file passed"; failed=1; }
exit $failed
