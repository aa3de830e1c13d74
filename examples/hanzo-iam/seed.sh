#!/bin/sh
# Fills the store of an IAM's Sallyport, which serves from the sallyport.yaml beside this
# script, through its control socket: one client, a service account. Its secret is printed
# this once, as NAME='VALUE':
#
#   (umask 077; ./seed.sh > secrets.env)
#
# One that CLIENT_SECRET does not say is made here.
set -eu
cd "$(dirname "$0")"

CLIENT_SECRET=${CLIENT_SECRET:-$(openssl rand -hex 16)}

# say prints a variable, quoted for a shell that reads it.
say() { printf "%s='%s'\n" "$1" "$(printf '%s\n' "$2" | sed "s/'/'\\\\''/g")"; }

printf '%s\n' "$CLIENT_SECRET" | sallyport principal put client inventory --password-stdin --config sallyport.yaml >&2
say CLIENT_ID inventory
say CLIENT_SECRET "$CLIENT_SECRET"
