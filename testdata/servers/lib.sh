# lib.sh: what the scripts that start real FTP servers share. Each is called as
#
#     NAME.sh PORT ROOT [ADDR]
#
# serves ROOT read-only to anonymous logins on ADDR (127.0.0.1), prints "READY ADDR PORT" when a banner has
# been seen, and runs until its standard input ends or a signal comes; then nothing of it is left behind.
# Settings come from the environment:
#
#     FTPD_PREFIX   where fetch.sh has put the servers; default: ~/.cache/ftpidx-servers
#     TLS           0, 1 or require: explicit TLS with a self-signed certificate, written to $CERT if set
#     PASV          LO:HI, range of passive ports
#     MAXCLIENTS, MAXPERIP, IDLE (seconds), EXTRA (lines of configuration, or flags)
set -u
PORT=${1:?usage: $0 PORT ROOT [ADDR]}
ROOT=$(cd "${2:?usage: $0 PORT ROOT [ADDR]}" && pwd -P) || exit 2
ADDR=${3:-127.0.0.1}
TLS=${TLS:-0} PASV=${PASV:-} MAXCLIENTS=${MAXCLIENTS:-100} MAXPERIP=${MAXPERIP:-50} IDLE=${IDLE:-300} EXTRA=${EXTRA:-}
P=${FTPD_PREFIX:-$HOME/.cache/ftpidx-servers}
SRV=
T=$(mktemp -d) || exit 1
chmod 755 "$T"

cleanup() {
	trap "" TERM INT HUP EXIT
	if [ -n "$SRV" ]; then
		kill -TERM -- "-$SRV" 2>/dev/null
		sleep 0.1
		kill -KILL -- "-$SRV" 2>/dev/null
	fi
	rm -rf --one-file-system "$T"
	exit 0
}
trap cleanup TERM INT HUP EXIT

if [ "$TLS" != 0 ]; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -addext "subjectAltName=DNS:localhost,IP:$ADDR" \
		-keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null || { echo "no certificate: is openssl installed?" >&2; exit 1; }
	cat "$T/key.pem" "$T/cert.pem" > "$T/both.pem"
	chmod 600 "$T/key.pem" "$T/both.pem"
	[ -z "${CERT:-}" ] || cp "$T/cert.pem" "$CERT"
fi

# account HOME: a passwd file in which the user ftp exists and lives in HOME.
account() {
	{ grep -v '^ftp:' /etc/passwd; echo "ftp:x:65534:65534:ftp:$1:/bin/sh"; } > "$T/passwd"
	chmod 644 "$T/passwd"
}

failed() {
	echo "FAILED: $1" >&2
	cat "$T"/*.log >&2 2>/dev/null
	exit 1
}

# serve: waits for the banner of the server with the process group $SRV, says READY, and stays until the end.
serve() {
	local i line=
	for i in $(seq 100); do
		kill -0 "$SRV" 2>/dev/null || failed "the server ended"
		if line=$(exec 2>/dev/null 3<>"/dev/tcp/$ADDR/$PORT" && IFS= read -r -t 2 line <&3 && printf 'QUIT\r\n' >&3 && IFS= read -r -t 2 _ <&3; printf %s "$line") && [[ $line == 2* ]]; then
			# If the port was another server's, so was the banner, and ours ends for want of it.
			sleep 0.1
			kill -0 "$SRV" 2>/dev/null || failed "the server ended: is $ADDR:$PORT taken?"
			echo "READY $ADDR $PORT"
			cat <&0 >/dev/null &
			wait $!
			exit 0
		fi
		sleep 0.05
	done
	failed "no banner"
}
