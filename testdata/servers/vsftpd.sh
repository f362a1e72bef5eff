#!/bin/bash
# vsftpd.sh PORT ROOT [ADDR]: vsftpd 3.0.x; see lib.sh. EXTRA: lines of vsftpd.conf. SSL_REUSE=NO: data
# connections need not resume the TLS session. NO_ANON_PASSWORD=NO: a password is asked for.
# LOCAL=DIR: the user bob may log in with any password; he comes out in DIR, below ROOT, and sees the whole
# disk: there is no chroot for him.
. "$(dirname "$0")/lib.sh"
[ -x "$P/usr/sbin/vsftpd" ] || P= # the system's own
{
	cat <<-E
	listen=YES
	listen_address=$ADDR
	listen_port=$PORT
	background=NO
	anonymous_enable=YES
	local_enable=$([ -n "${LOCAL:-}" ] && echo YES || echo NO)
	pam_service_name=ftp
	userlist_enable=NO
	write_enable=NO
	anon_root=$ROOT
	ftp_username=ftp
	nopriv_user=nobody
	secure_chroot_dir=$T/empty
	allow_writeable_chroot=YES
	anon_world_readable_only=NO
	no_anon_password=${NO_ANON_PASSWORD:-YES}
	connect_from_port_20=NO
	pasv_enable=YES
	max_clients=$MAXCLIENTS
	max_per_ip=$MAXPERIP
	idle_session_timeout=$IDLE
	data_connection_timeout=60
	xferlog_enable=NO
	seccomp_sandbox=NO
	isolate_network=NO
	E
	[ -z "$PASV" ] || printf 'pasv_min_port=%s\npasv_max_port=%s\n' "${PASV%:*}" "${PASV#*:}"
	[ "$TLS" = 0 ] || printf '%s\n' ssl_enable=YES allow_anon_ssl=YES "rsa_cert_file=$T/cert.pem" "rsa_private_key_file=$T/key.pem" \
		ssl_tlsv1=YES "require_ssl_reuse=${SSL_REUSE:-YES}" ssl_ciphers=HIGH
	[ "$TLS" != require ] || printf '%s\n' force_anon_logins_ssl=YES force_anon_data_ssl=YES
	printf '%s\n' "$EXTRA"
} > "$T/vsftpd.conf"
mkdir "$T/empty"
# vsftpd insists on an account whose home exists: it gets one in a mount namespace of its own.
account "$ROOT"
[ -z "${LOCAL:-}" ] || echo "bob:x:65534:65534:bob:$ROOT/$LOCAL:/bin/sh" >> "$T/passwd"
mkdir "$T/pam"
printf '%s required pam_permit.so\n' auth account session > "$T/pam/ftp"
setsid unshare -m --propagation private bash -c 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/pam.d && shift 2 && exec "$@"' _ \
	"$T/passwd" "$T/pam" "$P/usr/sbin/vsftpd" "$T/vsftpd.conf" > "$T/out.log" 2>&1 < /dev/null &
SRV=$!
serve
