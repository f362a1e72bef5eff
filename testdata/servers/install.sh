#!/bin/bash
# install.sh: installs what the tests against real servers need, on Debian and its relatives. Needs root.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends vsftpd openssl util-linux procps >/dev/null
