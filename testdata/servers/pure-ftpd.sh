#!/bin/bash
# pure-ftpd.sh PORT ROOT [ADDR]: Pure-FTPd 1.0.50; see lib.sh. EXTRA: flags, such as -D (show dot files) or
# "-P 192.0.2.1" (address in replies to PASV). LIMITRECURSION=FILES:DEPTH: where listings are cut, which
# only the confirmation says; "default" keeps the built-in 10000:5.
. "$(dirname "$0")/lib.sh"
account "$ROOT"
FLAGS=(-S "$ADDR,$PORT" -e -i -M -R -H -4 -u 1 -c "$MAXCLIENTS" -C "$MAXPERIP" -I $(((IDLE + 59) / 60)) -g "$T/pid")
[ -z "$PASV" ] || FLAGS+=(-p "$PASV")
[ "${LIMITRECURSION:-}" = default ] || FLAGS+=(-L "${LIMITRECURSION:-10000000:100}")
[ "$TLS" = 0 ] || FLAGS+=(-Y "$([ "$TLS" = require ] && echo 3 || echo 1)" -2 "$T/both.pem")
setsid unshare -m --propagation private bash -c 'mount --bind "$1" /etc/passwd && shift && exec "$@"' _ \
	"$T/passwd" "$P/usr/sbin/pure-ftpd" "${FLAGS[@]}" $EXTRA > "$T/out.log" 2>&1 < /dev/null &
SRV=$!
serve
