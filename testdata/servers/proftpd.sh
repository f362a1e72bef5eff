#!/bin/bash
# proftpd.sh PORT ROOT [ADDR]: ProFTPD 1.3.8; see lib.sh. EXTRA: lines of configuration at server level;
# ANONEXTRA: inside <Anonymous>; TLSOPTIONS: NoSessionReuseRequired, …
. "$(dirname "$0")/lib.sh"
{
	echo "ModulePath $P/usr/lib/proftpd"
	[ "$TLS" = 0 ] || echo "LoadModule mod_tls.c" # package proftpd-mod-crypto
	cat <<-E
	ServerName "proftpd"
	ServerType standalone
	DefaultServer on
	DefaultAddress $ADDR
	SocketBindTight on
	Port $PORT
	User nobody
	Group nogroup
	PidFile $T/pid
	ScoreboardFile $T/scoreboard
	SystemLog $T/system.log
	TransferLog NONE
	WtmpLog off
	UseReverseDNS off
	UseIPv6 off
	UseFtpUsers off
	RequireValidShell off
	AuthOrder mod_auth_file.c
	AuthUserFile $T/passwd
	AuthGroupFile $T/group
	MaxInstances $MAXCLIENTS
	TimeoutIdle $IDLE
	TimeoutNoTransfer 300
	TimeoutLogin 60
	<IfModule mod_delay.c>
	DelayEngine off
	</IfModule>
	E
	[ -z "$PASV" ] || echo "PassivePorts ${PASV%:*} ${PASV#*:}"
	[ "$TLS" = 0 ] || cat <<-E
	TLSEngine on
	TLSLog $T/tls.log
	TLSProtocol TLSv1.2 TLSv1.3
	TLSRSACertificateFile $T/cert.pem
	TLSRSACertificateKeyFile $T/key.pem
	TLSVerifyClient off
	TLSRequired $([ "$TLS" = require ] && echo on || echo off)
	${TLSOPTIONS:+TLSOptions $TLSOPTIONS}
	E
	printf '%s\n' "$EXTRA"
	cat <<-E
	<Anonymous $ROOT>
	User nobody
	Group nogroup
	UserAlias anonymous nobody
	UserAlias ftp nobody
	RequireValidShell off
	MaxClients $MAXCLIENTS "Sorry, max %m users -- try again later"
	MaxClientsPerHost $MAXPERIP
	${ANONEXTRA:-}
	<Limit WRITE>
	DenyAll
	</Limit>
	</Anonymous>
	E
} > "$T/proftpd.conf"
echo "nobody:x:65534:65534:nobody:/:/bin/sh" > "$T/passwd"
echo "nogroup:x:65534:" > "$T/group"
chmod 600 "$T/passwd" "$T/group"
setsid "$P/usr/sbin/proftpd" -n -c "$T/proftpd.conf" > "$T/out.log" 2>&1 < /dev/null &
SRV=$!
serve
