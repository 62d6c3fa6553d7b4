#!/bin/sh
# Temporal's two databases, brought to the schema of this version of its tool; harmless when they are there. The schema comes
# first, the server after it: that order holds for upgrades too.
# Wants: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, and SECRETS, a directory with temporal_password.
set -eu
SQL_PASSWORD="$(cat "$SECRETS/temporal_password")"
export SQL_PASSWORD

for database in temporal temporal_visibility; do
  case $database in
    temporal) schema=postgresql/v12/temporal ;;
    *) schema=postgresql/v12/visibility ;;
  esac
  temporal-sql-tool --database "$database" create-database
  # Skips a database that has a version already.
  temporal-sql-tool --database "$database" setup-schema -v 0.0
  temporal-sql-tool --database "$database" update-schema --schema-name "$schema"
done
