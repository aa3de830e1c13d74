#!/bin/sh
# Fills the store of a Manager whose Sallyport serves from the sallyport.yaml beside this
# script, through its control socket: two tenants, their members, and credentials of a
# user and of machine users. Each secret is printed this once, as NAME='VALUE':
#
#   (umask 077; ./seed.sh > secrets.env)
#
# A password that MACHINE_PASSWORD does not say is made here.
set -eu
cd "$(dirname "$0")"

MACHINE_PASSWORD=${MACHINE_PASSWORD:-$(openssl rand -hex 16)}

sallyport() { command sallyport "$@" --config sallyport.yaml; }

# say prints a variable, quoted for a shell that reads it.
say() { printf "%s='%s'\n" "$1" "$(printf '%s\n' "$2" | sed "s/'/'\\\\''/g")"; }

# put KIND NAME TENANT... adds somebody and makes them a member; $id is theirs.
put() {
	kind=$1 name=$2 tenant=$3
	shift 3
	said=$(sallyport principal put "$kind" "$name" --tenant "$tenant" "$@")
	id=${said##* id }
	sallyport member put "$tenant" "$name" >&2
}

# mint NAME PREFIX PURPOSE SCOPES makes a token of whom put added last, and prints it.
mint() {
	user=
	if [ "$kind" = user ]; then user=$name; fi
	secret=$(sallyport token mint --prefix "$2" --owner "$id" --subject "$name" --user "$user" --tenant "$tenant" --name "$3" --scope "$4")
	say "$1" "$secret"
}

sallyport org put t1 --name "Acme" >&2
sallyport org put t2 --name "Globex" >&2

# A user has personal tokens, one an integration. They act as the user, each in one
# tenant, though this one works for two.
put user u1 t1
sallyport member put t2 u1 >&2
mint PAT pfy_ "CLI access" graphql
mint PAT_CI pfy_ "CI" graphql
mint PAT_REVOKED pfy_ "old laptop" graphql
sallyport token revoke "${secret%_*}" --reason "laptop lost" >&2

put user u2 t2
mint PAT_GLOBEX pfy_ "CLI access" graphql

# A machine user has either tokens or a password, never both.
put machine backend t1
mint MACHINE_TOKEN mu_ "backend" machine:check,machine:register
mint MACHINE_WIDE mu_ "by mistake" machine:check,graphql

printf '%s\n' "$MACHINE_PASSWORD" | put machine svc1 t1 --password-stdin --scope machine:check,machine:register
say MACHINE_USER svc1
say MACHINE_PASSWORD "$MACHINE_PASSWORD"
