#!/bin/bash
# pyftpdlib.sh PORT ROOT [ADDR]: pyftpdlib 1.5 (python3-pyftpdlib); see lib.sh. GMT=0: local times in
# listings. MASQ: address in replies to PASV. It runs as nobody.
. "$(dirname "$0")/lib.sh"
cat > "$T/serve.py" <<'PY'
import logging, os, sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

logging.basicConfig(level=logging.ERROR)
addr, port, root, tls, cert, clients, per_ip, idle, pasv = sys.argv[1:10]
handler = FTPHandler
if tls != "0":
    from pyftpdlib.handlers import TLS_FTPHandler as handler
    handler.certfile = cert
    handler.tls_control_required = handler.tls_data_required = tls == "require"
authorizer = DummyAuthorizer()
authorizer.add_anonymous(root, perm="elr")
handler.authorizer = authorizer
handler.timeout = int(idle)
handler.use_gmt_times = os.environ.get("GMT", "1") == "1"
if pasv:
    lo, hi = map(int, pasv.split(":"))
    handler.passive_ports = range(lo, hi + 1)
if os.environ.get("MASQ"):
    handler.masquerade_address = os.environ["MASQ"]
server = FTPServer((addr, int(port)), handler)
server.max_cons = int(clients)
server.max_cons_per_ip = int(per_ip)
os.setgid(65534)
os.setuid(65534)
server.serve_forever(handle_exit=False)
PY
[ "$TLS" = 0 ] || chmod 644 "$T/both.pem"
setsid /usr/bin/python3 "$T/serve.py" "$ADDR" "$PORT" "$ROOT" "$TLS" "$T/both.pem" "$MAXCLIENTS" "$MAXPERIP" "$IDLE" "$PASV" > "$T/out.log" 2>&1 < /dev/null &
SRV=$!
serve
