#!/bin/sh
# Fills the store of a node whose Sallyport serves from the sallyport.yaml beside this
# script, through its control socket: the administrator, and a token an integration.
# Each secret is printed this once, as NAME='VALUE':
#
#   (umask 077; ./seed.sh > secrets.env)
#
# An administrator may choose the password, in MBZ_ADMIN_PASSWORD; one that is not said
# is made here. The others belong into a secret manager, each with who needs it.
set -eu
cd "$(dirname "$0")"

MBZ_ADMIN_USER=${MBZ_ADMIN_USER:-admin}
MBZ_ADMIN_PASSWORD=${MBZ_ADMIN_PASSWORD:-$(openssl rand -hex 16)}

sallyport() { command sallyport "$@" --config sallyport.yaml; }

# say prints a variable, quoted for a shell that reads it.
say() { printf "%s='%s'\n" "$1" "$(printf '%s\n' "$2" | sed "s/'/'\\\\''/g")"; }

# mint NAME PURPOSE SCOPES makes a token of the administrator's, of whom there are
# twenty at the most.
mint() {
	secret=$(sallyport token mint --prefix mbz_ --owner "$admin" --most 20 --name "$2" --subject "$2" --scope "$3")
	say "$1" "$secret"
}

said=$(printf '%s\n' "$MBZ_ADMIN_PASSWORD" | sallyport principal put administrator "$MBZ_ADMIN_USER" --password-stdin --role admin)
admin=${said##* id }
say MBZ_ADMIN_USER "$MBZ_ADMIN_USER"
say MBZ_ADMIN_PASSWORD "$MBZ_ADMIN_PASSWORD"

mint MBZ_API_TOKEN order-hook webhooks:manage
mint LISTINGS_TOKEN price-feed listings:read
mint WALLET_READ_TOKEN book-keeping wallet:read
mint WALLET_SPEND_TOKEN payouts wallet:spend
mint WALLET_MANAGE_TOKEN treasury wallet:manage
mint AI_TOKEN shop-assistant ai:use,listings:read

# One that was left in a log: revoked by what may be seen of it, without the secret.
mint REVOKED_TOKEN old-hook webhooks:manage
sallyport token revoke "${secret%_*}" --reason "left in a log" >&2
