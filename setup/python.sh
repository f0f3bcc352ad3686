#!/usr/bin/env bash
# setup/python.sh LIST... - makes the virtual environment .venv and installs the lists.
#
# Called by the Makefile, from the root of the repository. A list is installed
# again only when its content or the interpreter changes: the stamp beside the
# packages holds both. pip's own configuration is respected; PYTORCH_INDEX, if
# set, is one more index (PyTorch's CPU builds).
set -euo pipefail
venv=.venv
base=${PYTHON:-python3}

"$base" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
  { echo "setup: $base is older than Python 3.10; set PYTHON to a newer one" >&2; exit 1; }
if ! "$venv/bin/python" -c '' 2>/dev/null; then
  echo "setup: making the Python environment $venv"
  rm -rf "$venv"
  "$base" -m venv "$venv"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for list in "$@"; do
  stamp=$venv/.installed-$(basename "$list")
  key="$("$venv/bin/python" -V) $(sha256sum <"$list")"
  [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || continue
  echo "setup: installing $list into $venv"
  "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
    ${PYTORCH_INDEX:+--extra-index-url "$PYTORCH_INDEX"} -r "$list" >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; echo "setup: pip could not install $list" >&2; exit 1; }
  echo "$key" >"$stamp"
done
