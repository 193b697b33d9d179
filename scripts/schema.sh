#!/usr/bin/env bash
# Writes sql/schema.sql: what pg_dump says of schema changefeed after a fresh installation on PostgreSQL 15. It is there
# to be read in a review: what a change of sql/ makes of tables, signatures, owners and rights shows here. Bodies of
# functions are left out; they stand in the files of sql/. A test compares it with what an installation makes.
#
#   scripts/schema.sh           writes it
#   scripts/schema.sh --filter  turns a dump (standard input) into its form
set -euo pipefail
cd "$(dirname "$0")/.."

filter() {
    grep -vE '^(--|SET |SELECT pg_catalog\.set_config|[\]restrict|[\]unrestrict|$)' | awk '
        tag == "" && match($0, /^    AS [$][a-z_]*[$]/) {
            tag = substr($0, 8, RLENGTH - 7)
            print "    AS ...;"
            $0 = substr($0, 8 + length(tag))
        }
        tag != "" {
            if (substr($0, length($0) - length(tag)) == tag ";") tag = ""
            next
        }
        { print }'
}
if [ "${1-}" = --filter ]; then filter; exit; fi

bin=$(scripts/servers.sh 15)
dir=$(mktemp -d /tmp/cf-schema-XXXXXX)
as_server() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
cleanup() {
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT
[ "$(id -u)" != 0 ] || chown postgres "$dir"
as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -o "-c listen_addresses='' -c unix_socket_directories='$dir'" start >/dev/null
export PGHOST=$dir PGUSER=postgres
psql -X -q -v ON_ERROR_STOP=1 -d postgres -f Tests/Fixtures/odoo.sql -o /dev/null
psql -X -q -v ON_ERROR_STOP=1 -d postgres -f sql/install.sql >/dev/null
{
    echo '-- Written by scripts/schema.sh: a fresh installation as pg_dump has it, without the bodies of functions.'
    "$bin/pg_dump" -s -n changefeed -d postgres | filter
} > sql/schema.sql
