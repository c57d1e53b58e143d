#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
# Sends events to effortd, each counted exactly once: sender.sh HOST PORT < events.ndjson
#
# Takes lines in batches and sends the next batch when effortd has said that the last one is settled; what is not
# settled goes out again over the next connection. Exit code 0: all settled; 1: all settled, some refused (listed on
# stderr); 74: standard input could not be read to its end; 75: effortd declines us. Bash 4.4 or newer, dd and sleep.
# For speed, use one of the other senders.
if [ $# != 2 ]; then
	echo "usage: sender.sh HOST PORT < events.ndjson" >&2
	exit 64
fi
host=$1 port=$2
batch=100   # lines; few enough that their answers fit into the buffers of a connection while we are still sending
lines=()    # the batch
settled=0   # of them
before=0    # lines of earlier batches
shift_by=0  # an ack of N says that N + shift_by lines of this batch are settled
came=()     # lines of standard input that are in no batch yet
part=       # what came behind them: a line without its end
over='' failed='' connected='' refused=0 backoff=100
nacks=()
LC_ALL=C # bytes, whatever they are
trap '' PIPE # a connection that is gone is an error of printf, not our end

# One read of standard input: waits while there is nothing, takes what there is. dd loses no byte of it; `read -t` of bash
# may lose the line end that comes as its time is up.
read_input() {
	local chunk line all
	if ! { chunk=$(dd bs=64k count=1 && echo .); } 2>/dev/null; then # the dot keeps the line ends before it
		echo "standard input cannot be read" >&2
		over=1 failed=1
		return
	fi
	[ "$chunk" != . ] || over=1
	mapfile -t all <<<"$part${chunk%.}"
	part=
	if [ -z "$over" ]; then
		part=${all[-1]}
		unset 'all[-1]'
	fi
	for line in "${all[@]}"; do
		while [[ $line == *$'\r' ]]; do line=${line%$'\r'}; done
		[ -n "$line" ] && came+=("$line") # effortd skips empty lines too
	done
}

# Waits for a line, then takes what came with it, up to a batch. Fails when there is no more.
read_batch() {
	before=$((before + ${#lines[@]})) shift_by=$((shift_by - ${#lines[@]})) settled=0
	while [ ${#came[@]} = 0 ] && [ -z "$over" ]; do read_input; done
	lines=("${came[@]:0:batch}")
	came=("${came[@]:batch}")
	[ ${#lines[@]} -gt 0 ]
}

open_connection() {
	local answer
	exec 3<>"/dev/tcp/$host/$port" || return
	connected=1 shift_by=$settled nacks=()
	printf '{"hello":1,"acks":true}\n' >&3 || return
	IFS= read -r -t 10 answer <&3 || return
	case $answer in
	'{"ok":1,'*) return 0 ;;
	*'"error":"E_RATE"'*) return 1 ;;
	*'"error":'*)
		echo "effortd declines: $answer" >&4
		exit 75
		;;
	esac
	return 1
}

# Sends what is not settled of the batch and waits for its acks. Fails when the connection breaks.
converse() {
	local answer nack
	[ -n "$connected" ] || open_connection || return
	printf '%s\n' "${lines[@]:settled}" >&3 || return
	while [ "$settled" -lt ${#lines[@]} ]; do
		IFS= read -r -t 30 answer <&3 || return
		if [[ $answer =~ ^\{\"nack\":[0-9]+ ]]; then
			nacks+=("$answer")
		elif [[ $answer =~ ^\{\"ack\":([0-9]+) ]]; then
			settled=$((BASH_REMATCH[1] + shift_by))
			for nack in "${nacks[@]}"; do
				[[ $nack =~ ^\{\"nack\":([0-9]+) ]]
				echo "line $((before + BASH_REMATCH[1] + shift_by)) refused: $nack" >&4
				refused=1
			done
			nacks=() backoff=100
		else
			return 1
		fi
	done
}

exec 4>&2
while read_batch; do
	until converse 2>/dev/null; do
		exec 3>&-
		connected=
		echo "no connection; $((${#lines[@]} - settled)) lines wait; trying again" >&2
		# Full jitter: senders that were cut off together do not come back together.
		pause=$((RANDOM % backoff))
		sleep "$((pause / 1000)).$(printf '%03d' $((pause % 1000)))"
		backoff=$((backoff * 2 > 5000 ? 5000 : backoff * 2))
	done
done
[ -z "$failed" ] || exit 74
exit $refused
