#!/usr/bin/env bash
# setup/node.sh DIR... - installs the npm packages of each folder from its lock file.
#
# Called by the Makefile, from the root of the repository. Done again only when
# the lock file or node changes. No install scripts run: those of the test
# workbench would download binaries that the tests do not use.
set -euo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT

install() { # DIR ARGS... 
  local dir=$1
  shift
  (cd "$dir" && npm "$@" --ignore-scripts --no-audit --no-fund --no-progress) >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; echo "setup: npm could not install $dir" >&2; exit 1; }
}

for dir in "$@"; do
  [ -f "$dir/package-lock.json" ] || continue
  stamp=$dir/node_modules/.installed
  key="$(node --version) $(sha256sum <"$dir/package-lock.json")"
  [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || continue
  echo "setup: installing the npm packages of $dir"
  install "$dir" ci
  # code-server carries VS Code with a lock file of its own, which its install
  # script would otherwise install.
  workbench=$dir/node_modules/code-server/lib/vscode
  if [ -d "$workbench" ]; then install "$workbench" install --omit=dev; fi
  echo "$key" >"$stamp"
done
