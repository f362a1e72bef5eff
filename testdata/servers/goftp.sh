#!/bin/bash
# goftp.sh PORT ROOT [ADDR]: goftp.io/server v2.0.3; see lib.sh. Every mode is shown as 0777, symbolic
# links as files. No TLS. It runs as nobody, so that modes mean something.
. "$(dirname "$0")/lib.sh"
cp "$P/bin/goftp" "$T/goftp" # where nobody may run it
setsid setpriv --reuid 65534 --regid 65534 --clear-groups "$T/goftp" "$ADDR:$PORT" "$ROOT" > "$T/out.log" 2>&1 < /dev/null &
SRV=$!
serve
