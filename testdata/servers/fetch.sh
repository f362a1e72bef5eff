#!/bin/bash
# fetch.sh [DIR]: fetches the FTP servers that tests run against and puts them side by side under DIR
# ($FTPD_PREFIX, else ~/.cache/ftpidx-servers, where tests look too). Debian's packages of FTP servers
# conflict with one another, so they are unpacked, not installed; only what they need is, busybox, whose ls
# package parse is held against, clients that fetch what searches find, and shells whose completion is tested.
# So are Chromium and axe-core, with which the search page is tested.
# Needs root, apt, go and npm. What is there already is not fetched again.
set -e
DIR=${1:-${FTPD_PREFIX:-$HOME/.cache/ftpidx-servers}}
mkdir -p "$DIR/.debs" "$DIR/bin"
DIR=$(cd "$DIR" && pwd)
export DEBIAN_FRONTEND=noninteractive

have() {
	for program; do command -v "$program" > /dev/null || return 1; done
}

packages="vsftpd proftpd-core proftpd-mod-crypto pure-ftpd pure-ftpd-common inetutils-ftpd"
if ! { [ -x "$DIR/usr/sbin/proftpd" ] && [ -x "$DIR/usr/sbin/ftpd" ] && /usr/bin/python3 -c 'import pyftpdlib, OpenSSL' 2>/dev/null && have busybox curl wget aria2c zsh fish && [ -e /usr/share/bash-completion/bash_completion ]; }; then
	apt-get update -qq
	# The libraries have other names from one release to the next.
	# shellcheck disable=SC2046,SC2086
	apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
		busybox curl wget aria2 zsh fish bash-completion python3 python3-pyftpdlib python3-openssl openssl util-linux procps libpam-modules \
		$(apt-cache depends $packages | sed -n 's/^ *|\?Depends: \(lib.*\)/\1/p' | sort -u) > /dev/null
	(
		cd "$DIR/.debs"
		# shellcheck disable=SC2086
		apt-get download -qq $packages
		for deb in *.deb; do dpkg -x "$deb" "$DIR"; done
	)
fi
have chromium || { apt-get update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null; }
have npm || apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends nodejs npm > /dev/null
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

npm_install() {
	(cd "$DIR" && { [ -f package.json ] || npm init -y; } && npm install --ignore-scripts --no-audit --no-fund --save-exact "$@") > "$DIR/.npm.log" 2>&1 || { cat "$DIR/.npm.log" >&2; exit 1; }
}
if [ ! -d "$DIR/node_modules/ftp-srv" ]; then
	npm_install ftp-srv@4.6
fi
axe=4.14.1
if ! grep -qs "\"version\": \"$axe\"" "$DIR/node_modules/axe-core/package.json"; then
	npm_install "axe-core@$axe"
fi
echo "servers in $DIR"
