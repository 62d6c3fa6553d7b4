#!/bin/sh
# Roles, their passwords and the database of trading-ops, as the local runtime makes them (src/runtime/postgres/database.ts), and
# the role that owns Temporal's databases. Harmless when they are there; a changed secret becomes the password.
# Wants: PGHOST (PGPORT, PGUSER), and SECRETS, a directory with one file a password.
set -eu
PGPASSWORD="$(cat "$SECRETS/postgres_password")"
export PGPASSWORD

psql -v ON_ERROR_STOP=1 -qAt -d postgres \
  -v owner="$(cat "$SECRETS/owner_password")" \
  -v app="$(cat "$SECRETS/app_password")" \
  -v temporal="$(cat "$SECRETS/temporal_password")" <<'SQL'
select format('create role %I login', name)
  from unnest(array['trading_ops_owner', 'trading_ops_app', 'temporal']) as name
  where not exists (select from pg_roles where rolname = name) \gexec
alter role trading_ops_owner createdb password :'owner';
alter role trading_ops_app password :'app';
alter role temporal createdb password :'temporal';
select 'create database trading_ops owner trading_ops_owner'
  where not exists (select from pg_database where datname = 'trading_ops') \gexec
revoke all on database trading_ops from public;
grant connect on database trading_ops to trading_ops_app;
\connect trading_ops
revoke create on schema public from public;
alter schema public owner to trading_ops_owner;
SQL
echo 'Roles and database are there.'
