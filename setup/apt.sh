#!/usr/bin/env bash
# setup/apt.sh LIST... - installs the Debian packages of the lists that are missing.
#
# Called by the Makefile. Asks dpkg first and apt only if something is missing, so
# that a second run costs milliseconds. Works as root and as a user with sudo.
# On a system without apt it names the packages and goes on: whoever has them
# under other names can build all the same.
set -euo pipefail

wanted() { sed 's/#.*//' "$@" | awk 'NF'; }

isInstalled() { # PACKAGE [COMMAND]
  if [ -n "${2:-}" ] && command -v "$2" >/dev/null; then return 0; fi
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
while read -r package command; do
  isInstalled "$package" "$command" || missing+=("$package")
done < <(wanted "$@")
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup: no apt-get here; these Debian packages are needed in some form: ${missing[*]}" >&2
  exit 0
fi

asRoot=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run as root, or install sudo; missing: ${missing[*]}" >&2; exit 1; }
  asRoot=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
  "${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; echo "setup: apt-get $1 failed" >&2; exit 1; }
}

echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
apt update
apt install --no-install-recommends "${missing[@]}"
