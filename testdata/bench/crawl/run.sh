#!/bin/bash
# run.sh [ROOT]: what fetching listings costs on vsftpd and Pure-FTPd that serve ROOT (/usr), next to rclone
# and lftp where they are installed. RUNS=5: ftpidx and rclone so often in turn; SKIP_LFTP=1: without lftp, which is slow.
# Client and server share this machine: run it on an idle one. Needs root and the servers of testdata/servers/fetch.sh.
set -u
ROOT=${1:-/usr}
TOP=$(cd "$(dirname "$0")/../../.." && pwd)
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$TOP" && go build -o "$T/fetch" ./testdata/bench/crawl && go build -o "$T/ftpidx" ./cmd/ftpidx || exit 1

row() { printf '%-24s' "$1"; shift; "$@" 2>&1 | tail -1; }
peer() {
	command -v "$2" > /dev/null || return
	local TIMEFORMAT="%R s wall, %U s user, %S s system"
	printf '%-24s' "$1"; shift
	{ time "$@" 2> /dev/null | wc -l | sed 's/$/ lines  /' | tr -d '\n'; } 2>&1 | tr '\n' ' '
	echo
}

# whole: ftpidx crawl, with archive: until everything is listed and durable, which is what rclone's time is to be compared with,
# and with publishing, of which the first is after ten seconds.
whole() {
	rm -rf "$T/data"
	local TIMEFORMAT="%R s with publishing, %U s user, %S s system" t started ended dirs
	t=$({ time "$T/ftpidx" crawl --data "$T/data" --rate 0 --connections 8 --ignore-robots --published never --quiet --json "ftp://$1/" > "$T/out"; } 2>&1)
	read -r dirs started ended < <(tail -1 "$T/out" | sed -E 's/.*"started":"([^"]*)","ended":"([^"]*)".*"listed":([0-9]+).*/\3 \1 \2/')
	awk -v n="$dirs" -v a="$(date -d "$started" +%s.%N)" -v b="$(date -d "$ended" +%s.%N)" -v t="${t##*$'\n'}" \
		'BEGIN { printf "%-24s%7d dirs  %.2f s listed and stored (%.0f dirs/s), %s\n", "ftpidx crawl, 8", n, b - a, n / (b - a), t }'
}

PORT=${PORT:-4100}
for server in vsftpd pure-ftpd; do
	PORT=$((PORT + 1))
	mkfifo "$T/$server"
	bash testdata/servers/$server.sh $PORT "$ROOT" < "$T/$server" > "$T/ready" &
	exec 7> "$T/$server"
	until grep -q READY "$T/ready"; do kill -0 $! || exit 1; sleep 0.1; done
	A=127.0.0.1:$PORT
	echo "== $server"
	for ((i = 0; i < ${RUNS:-1}; i++)); do
		whole $A
		peer "rclone lsf -R, 8" rclone lsf -R --checkers 8 --ftp-host 127.0.0.1 --ftp-port $PORT --ftp-user anonymous --ftp-pass "$(rclone obscure x 2> /dev/null)" :ftp:/
	done
	row "8 connections" "$T/fetch" $A
	row "8, careful" "$T/fetch" -careful $A
	[ $server = vsftpd ] || row "8, MLSD" "$T/fetch" -listing mlsd $A
	row "1 connection" "$T/fetch" -connections 1 $A
	[ -n "${SKIP_LFTP:-}" ] || peer "lftp find" timeout 120 lftp -c "open ftp://$A; find /"
	row "50 ms, 8" "$T/fetch" -rtt 50ms -max 2400 $A
	row "50 ms, 8, careful" "$T/fetch" -careful -rtt 50ms -max 1200 $A
	exec 7>&-
	wait $!
done
