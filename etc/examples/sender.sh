#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
# Sends events to effortd, each counted exactly once: sender.sh HOST PORT < events.ndjson
#
# Takes lines in batches and sends the next batch when effortd has said that the last one is settled; what is not
# settled goes out again over the next connection. Exit code 0: all settled; 1: all settled, some refused (listed on
# stderr); 75: effortd declines us. Bash 4.4 or newer and nothing else. For speed, use one of the other senders.
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
part=       # of standard input: a line without its end
over='' connected='' refused=0 backoff=100
nacks=()
trap '' PIPE # a connection that is gone is an error of printf, not our end

# Waits for a line, then takes what comes with it, up to a batch.
read_batch() {
	local line status
	before=$((before + ${#lines[@]})) shift_by=$((shift_by - ${#lines[@]})) lines=() settled=0
	while [ ${#lines[@]} -lt $batch ] && [ -z "$over" ]; do
		line=
		IFS= read -r ${lines[0]+-t 0.05} line
		status=$?
		part+=$line
		if [ $status -gt 128 ]; then
			return # nothing more for now; the line in `part` goes on later
		elif [ $status != 0 ]; then
			over=1
		fi
		while [[ $part == *$'\r' ]]; do part=${part%$'\r'}; done
		[ -n "$part" ] && lines+=("$part") # effortd skips empty lines too
		part=
	done
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
while read_batch; [ ${#lines[@]} -gt 0 ] || [ -z "$over" ]; do
	until [ ${#lines[@]} = 0 ] || converse 2>/dev/null; do
		exec 3>&-
		connected=
		echo "no connection; $((${#lines[@]} - settled)) lines wait; trying again" >&2
		# Full jitter: senders that were cut off together do not come back together.
		pause=$((RANDOM % backoff))
		sleep "$((pause / 1000)).$(printf '%03d' $((pause % 1000)))"
		backoff=$((backoff * 2 > 5000 ? 5000 : backoff * 2))
	done
done
exit $refused
