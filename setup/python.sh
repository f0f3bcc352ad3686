#!/usr/bin/env bash
# setup/python.sh LIST... - makes the virtual environment .venv and installs the lists.
#
# Called by the Makefile, from the root of the repository. A list is installed
# again only when its content or the interpreter changes: the stamp beside the
# packages holds both. pip's own configuration is respected; PYTORCH_INDEX, if
# set, is one more index (PyTorch's CPU builds). Where pip finds one of the builds
# of torch-cpu.txt, it stands in for the line of torch in a list: PyPI's own build
# for Linux brings CUDA, which irlens does not use.
set -euo pipefail
venv=.venv
base=${PYTHON:-python3}
cpuBuilds=$(dirname "$0")/torch-cpu.txt

# numpy's pin wants 3.11.
"$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "setup: $base is older than Python 3.11; set PYTHON to a newer one" >&2; exit 1; }
if ! "$venv/bin/python" -c '' 2>/dev/null; then
  echo "setup: making the Python environment $venv"
  rm -rf "$venv"
  "$base" -m venv "$venv"
fi

log=$(mktemp)
pins=$(mktemp)
trap 'rm -f "$log" "$pins"' EXIT

pip() { # ARGS...
  "$venv/bin/python" -m pip "$@" --disable-pip-version-check --no-input \
    ${PYTORCH_INDEX:+--extra-index-url "$PYTORCH_INDEX"}
}

# The first CPU build of torch that pip finds for this interpreter; empty if there is none.
cpuBuild() {
  local pin
  while read -r pin; do
    if pip install --dry-run --ignore-installed --no-deps --quiet "$pin" >/dev/null 2>&1; then
      echo "$pin"
      return
    fi
  done < <(sed 's/#.*//' "$cpuBuilds" | awk 'NF')
}

warnOfCuda() {
  [ "$(uname -s)" = Linux ] || return 0
  cat <<TEXT
setup: pip finds no CPU build of torch, so it takes PyPI's, which on x86-64 brings about 5 GB of CUDA packages.
setup: irlens needs none of them. To do without: stop here (Ctrl-C) and start again with
setup:   PYTORCH_INDEX=<address of PyTorch's index of CPU builds, see "Start Locally" on its site> make ...
TEXT
}

# Writes to $pins what is installed for a list: the list itself, with the CPU build in place of torch.
choosePins() { # LIST
  cp "$1" "$pins"
  grep -q '^torch==' "$1" || return 0
  local cpu
  cpu=$(cpuBuild)
  if [ -n "$cpu" ]; then
    sed -i "s/^torch==.*/$cpu/" "$pins"
  else
    warnOfCuda
  fi
}

for list in "$@"; do
  stamp=$venv/.installed-$(basename "$list")
  key="$("$venv/bin/python" -V) $(cat "$list" "$cpuBuilds" | sha256sum)"
  [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || continue
  echo "setup: installing $list into $venv"
  choosePins "$list"
  pip install -r "$pins" >"$log" 2>&1 ||
    { tail -n 30 "$log" >&2; echo "setup: pip could not install $list" >&2; exit 1; }
  echo "$key" >"$stamp"
done
