#!/bin/sh
# The server's image takes its database password from the environment only: it is read from the secret here, where no
# `docker inspect` shows it.
set -eu
POSTGRES_PWD="$(cat "$SECRETS/temporal_password")"
export POSTGRES_PWD
exec "${TEMPORAL_ENTRYPOINT:-/etc/temporal/entrypoint.sh}"
