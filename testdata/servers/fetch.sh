#!/bin/bash
# fetch.sh [DIR]: fetches the FTP servers that tests run against and puts them side by side under DIR
# ($FTPD_PREFIX, else ~/.cache/ftpidx-servers, where tests look too). Debian's packages of FTP servers
# conflict with one another, so they are unpacked, not installed; only what they need is. Needs root, apt,
# go and npm. What is there already is not fetched again.
set -e
DIR=${1:-${FTPD_PREFIX:-$HOME/.cache/ftpidx-servers}}
mkdir -p "$DIR/.debs" "$DIR/bin"
DIR=$(cd "$DIR" && pwd)
export DEBIAN_FRONTEND=noninteractive

if ! { [ -x "$DIR/usr/sbin/proftpd" ] && [ -x "$DIR/usr/sbin/ftpd" ] && /usr/bin/python3 -c 'import pyftpdlib, OpenSSL' 2>/dev/null; }; then
	apt-get update -qq
	apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
		python3 python3-pyftpdlib python3-openssl openssl util-linux procps \
		libhiredis0.14 libmemcached11 libmemcachedutil2 libpcre2-posix3 libpcre2-8-0 libwrap0 libpam0g libpam-modules \
		libcap2 libsodium23 libcrypt1 libncursesw6 libidn2-0 > /dev/null
	(
		cd "$DIR/.debs"
		apt-get download -qq vsftpd proftpd-core proftpd-mod-crypto pure-ftpd pure-ftpd-common inetutils-ftpd
		for deb in *.deb; do dpkg -x "$deb" "$DIR"; done
	)
fi
for server in vsftpd proftpd pure-ftpd ftpd; do
	if ldd "$DIR/usr/sbin/$server" | grep 'not found'; then
		echo "fetch.sh: $server lacks libraries" >&2
		exit 1
	fi
done

if [ ! -x "$DIR/bin/goftp" ]; then
	T=$(mktemp -d)
	trap 'rm -rf "$T"' EXIT
	cp "$(dirname "$0")/goftp.go.txt" "$T/main.go"
	(cd "$T" && go mod init goftp && go get goftp.io/server/v2@v2.0.3 && go mod tidy && CGO_ENABLED=0 go build -o "$DIR/bin/goftp" .) > "$T/log" 2>&1 || { cat "$T/log" >&2; exit 1; }
fi

if [ ! -d "$DIR/node_modules/ftp-srv" ]; then
	(cd "$DIR" && npm init -y && npm install --ignore-scripts --no-audit --no-fund ftp-srv@4.6) > "$DIR/.npm.log" 2>&1 || { cat "$DIR/.npm.log" >&2; exit 1; }
fi
echo "servers in $DIR"
