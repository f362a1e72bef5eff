#!/bin/bash
# run.sh [ROOT]: what fetching listings costs on vsftpd and Pure-FTPd that serve ROOT (/usr), next to rclone
# and lftp where they are installed. Needs root and the servers of testdata/servers/fetch.sh.
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

# whole: ftpidx crawl, with archive; publishing has a line of its own (the first is after ten seconds).
whole() {
	rm -rf "$T/data"
	local TIMEFORMAT="%R s wall, %U s user, %S s system"
	printf '%-24s' "ftpidx crawl, 8"
	{ time "$T/ftpidx" crawl --data "$T/data" --rate 0 --connections 8 --ignore-robots --published never --quiet "ftp://$1/" | head -1; } 2>&1 | tr '\n' ' '
	echo
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
	whole $A
	row "8 connections" "$T/fetch" $A
	row "8, careful" "$T/fetch" -careful $A
	[ $server = vsftpd ] || row "8, MLSD" "$T/fetch" -listing mlsd $A
	row "1 connection" "$T/fetch" -connections 1 $A
	peer "rclone lsf -R" rclone lsf -R --checkers 8 --ftp-host 127.0.0.1 --ftp-port $PORT --ftp-user anonymous --ftp-pass "$(rclone obscure x 2> /dev/null)" :ftp:/
	[ -n "${SKIP_LFTP:-}" ] || peer "lftp find" timeout 120 lftp -c "open ftp://$A; find /"
	row "50 ms, 8" "$T/fetch" -rtt 50ms -max 2400 $A
	row "50 ms, 8, careful" "$T/fetch" -careful -rtt 50ms -max 1200 $A
	exec 7>&-
	wait $!
done
