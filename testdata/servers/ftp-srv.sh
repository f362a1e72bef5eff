#!/bin/bash
# ftp-srv.sh PORT ROOT [ADDR]: npm's ftp-srv 4.6; see lib.sh. No TLS. It follows symbolic links, also out
# of ROOT: serve only trees where that does no harm. It runs as nobody.
. "$(dirname "$0")/lib.sh"
PASV=${PASV:-20000:29999}
cat > "$T/serve.js" <<'JS'
const FtpSrv = require(process.argv[2] + '/ftp-srv');
const [addr, port, root, lo, hi] = process.argv.slice(3);
const log = { child() { return log; }, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const server = new FtpSrv({
	url: `ftp://${addr}:${port}`, anonymous: true, pasv_url: addr, pasv_min: +lo, pasv_max: +hi, log,
	blacklist: ['STOR', 'APPE', 'DELE', 'RMD', 'MKD', 'RNFR', 'RNTO', 'STOU', 'SITE', 'ALLO'],
});
server.on('login', (_, accept) => accept({ root }));
server.listen();
JS
cp -r --reflink=auto "$P/node_modules" "$T/node_modules" # where nobody may read it
setsid setpriv --reuid 65534 --regid 65534 --clear-groups node "$T/serve.js" "$T/node_modules" "$ADDR" "$PORT" "$ROOT" "${PASV%:*}" "${PASV#*:}" > "$T/out.log" 2>&1 < /dev/null &
SRV=$!
serve
