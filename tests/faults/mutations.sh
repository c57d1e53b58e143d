#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
# Is every promise held by a test? effortd is built with one promise broken at a time, in a copy of the tree, and the named
# test must go red. A mutation that no longer applies, or does not build, or goes unnoticed, is a failure.
#
#   EFFORT_BUILD=build/release tests/faults/mutations.sh [NAME...]
#
# Exit code: 0 all noticed, 1 not.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
built=$(cd "${EFFORT_BUILD:-$root/build/release}" && pwd) || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/effort-mutations-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
failed=0 noticed=0
export PYTHONDONTWRITEBYTECODE=1 EFFORT_PATIENCE=15

# name; file; sed expression; suite and test
mutations() {
	cat <<-'END'
		ack-before-sync|daemon/run/effortd.c|s/acks_durable(&d->acks, journal_durable(d->core.journal))/acks_durable(\&d->acks, journal_last(d->core.journal))/|disk.py nothing_before_the_disk --rounds 1
		duplicate-before-original|daemon/run/receive.c|s/acks_duplicate(producer->acks, journal_last(ctx->core->journal))/acks_duplicate(producer->acks, 0)/|disk.py a_duplicate_waits_for_its_original --rounds 1
		redis-before-disk|daemon/run/flush.c|s/if (flush->block <= flush->durable)/if (true)/|disk.py nothing_before_the_disk --rounds 1
		no-compare-in-redis|etc/redis/apply.lua|s/elseif follows == ANY or (had or "") == holds(follows) then/elseif true then/|redis_kills.py replies_cut --rounds 2
		no-folder-sync|daemon/journal/disk.c|/^static int real_sync_folder/,/^}/s/r = fsync(fd)/r = 0/|disk.py a_segment_is_in_its_folder
		no-probe|daemon/store/probe.c|/^static void on_timer/,/^}/s/probe_all(store)/(void)store/|redis_kills.py repaired_within_the_probe_interval
		ids-not-kept|daemon/journal/fold.c|s/int r = ids_write(/int r = 0 \&\& ids_write(/|duplicates.py small_memory
		claim-unasked|etc/redis/moments.lua|/^local function effort_claim/,/^end/{/^\tif last and .* return held end$/d}|writers.py a_copy_of_a_running_journal
	END
}

build() { # prints nothing unless it fails
	ninja -C "$work/build" >"$work/build.log" 2>&1 || { grep -E -A5 'error|FAILED' "$work/build.log" | head -20; return 1; }
}

fault() {
	echo "FAILED  $1"
	failed=$((failed + 1))
}

try() { # name, file, expression, suite, arguments
	local name=$1 file=$2 expression=$3 suite=$4 start=$SECONDS
	shift 4
	cp -p "$work/tree/$file" "$work/original"
	sed -i "$expression" "$work/tree/$file"
	if cmp -s "$work/original" "$work/tree/$file"; then
		fault "$name: $file has changed and the mutation does not apply any more"
	elif ! build; then
		fault "$name: does not build"
	elif EFFORT_BUILD="$work/build" timeout 120 /usr/bin/python3 "$here/$suite" "$@" >"$work/test.log" 2>&1; then
		fault "$name: $suite $1 did not notice"
	elif ! grep -q '^FAILED' "$work/test.log" || grep -q 'did not start' "$work/test.log"; then
		fault "$name: $suite $1 failed for another reason"
		tail -n 5 "$work/test.log"
	else
		noticed=$((noticed + 1))
		echo "ok      $name: $suite $1 ($((SECONDS - start)) s): $(grep -m1 '^FAILED' "$work/test.log" | cut -c1-120)"
	fi
	cp "$work/original" "$work/tree/$file"
}

start=$SECONDS
mkdir "$work/tree"
tar -C "$root" --exclude=./build --exclude=./.git --exclude=./.ci -cf - . | tar -C "$work/tree" -xf - || exit 1
cmake -S "$work/tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE='-O1 -w' -DEFFORT_TESTS=OFF -DEFFORT_WHOLE=OFF \
	>"$work/build.log" 2>&1 && build || { echo 'the unchanged tree does not build'; cat "$work/build.log" | tail -n 20; exit 1; }
cp "$built/bin/faults_producer" "$built/bin/libfaults_shim.so" "$work/build/bin/" || exit 1
echo "built in $((SECONDS - start)) s"
while IFS='|' read -r name file expression test; do
	[ $# -gt 0 ] && [[ " $* " != *" $name "* ]] && continue
	# shellcheck disable=SC2086
	try "$name" "$file" "$expression" $test </dev/null
done < <(mutations)
echo "$noticed noticed, $failed failed, $((SECONDS - start)) s"
[ $failed = 0 ] && [ $noticed -gt 0 ]
