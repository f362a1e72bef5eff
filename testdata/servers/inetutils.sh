#!/bin/bash
# inetutils.sh PORT ROOT [ADDR]: GNU inetutils ftpd 2.4 behind an inetd of ten lines; see lib.sh. Anonymous
# logins see a chroot that needs a bin/ls, and ROOT as /pub in it. EXTRA: flags. No TLS.
. "$(dirname "$0")/lib.sh"
JAIL=$T/jail
mkdir -p "$JAIL/bin" "$JAIL/pub" "$JAIL/etc" "$JAIL/dev" "$T/pam"
chmod 755 "$JAIL" "$JAIL"/*
cp /bin/ls "$JAIL/bin/ls"
for lib in $(ldd /bin/ls | grep -o '/[^ ]*'); do
	mkdir -p "$JAIL$(dirname "$lib")"
	cp -L "$lib" "$JAIL$lib"
done
echo 'root:x:0:0::/:/' > "$JAIL/etc/passwd"
echo 'root:x:0:' > "$JAIL/etc/group"
account "$JAIL"
printf '%s required pam_permit.so\n' auth account session > "$T/pam/ftp"
cp "$T/pam/ftp" "$T/pam/other"
cat > "$T/inetd.py" <<'PY'
import os, socket, sys
addr, port, most, argv = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((addr, port))
s.listen(64)
n = 0
while True:
    c, _ = s.accept()
    try:
        while n and os.waitpid(-1, os.WNOHANG)[0]:
            n -= 1
    except ChildProcessError:
        n = 0
    if n >= most:
        c.sendall(b"421 Too many connections\r\n")
        c.close()
        continue
    if os.fork() == 0:
        s.close()
        for i in 0, 1, 2:
            os.dup2(c.fileno(), i)
        os.closerange(3, 256)
        os.execv(argv[0], [os.path.basename(argv[0])] + argv[1:])
    c.close()
    n += 1
PY
setsid unshare -m --propagation private bash -c '
	mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/pam.d &&
	mount --rbind "$3" "$4" && mount -o remount,ro,bind "$4" && shift 4 && exec "$@"' _ \
	"$T/passwd" "$T/pam" "$ROOT" "$JAIL/pub" python3 "$T/inetd.py" "$ADDR" "$PORT" "$MAXCLIENTS" \
	"$P/usr/sbin/ftpd" -A -t "$IDLE" $EXTRA > "$T/out.log" 2>&1 < /dev/null &
SRV=$!
serve
