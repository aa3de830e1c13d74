#!/bin/sh
# Prints what people and agents of the Better Auth beside this script have from it, as
# NAME='VALUE'; better-auth/people.mjs says who they are.
set -eu
cd "$(dirname "$0")"
exec "${NODE:-node}" better-auth/people.mjs
