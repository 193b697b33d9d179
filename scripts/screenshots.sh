#!/usr/bin/env bash
# Writes docs/screenshots/: the console's pages, of a throw-away database with scripts/console/seed.sql, in Debian's chromium.
# Run it after a change of the page, and look at the pictures.
#
# Needs chromium, python3, and a built changefeed (FEED_BINARY, else it is built).
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1
command -v chromium >/dev/null || { echo "chromium is missing: apt-get install -y chromium fonts-noto-core" >&2; exit 1; }
changefeed=${FEED_BINARY:-}
[ -n "$changefeed" ] || changefeed=$(scripts/build.sh)

bin=$(scripts/servers.sh 15)
dir=$(mktemp -d /tmp/cf-screenshots-XXXXXX)
service=
as_server() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
cleanup() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT
[ "$(id -u)" != 0 ] || chown postgres "$dir"
as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -o "-c listen_addresses='' -c unix_socket_directories='$dir'" start >/dev/null
export PGHOST=$dir PGUSER=postgres
psql -X -q -v ON_ERROR_STOP=1 -d postgres -c 'CREATE DATABASE production'
psql -X -q -v ON_ERROR_STOP=1 -d production -f Tests/Fixtures/odoo.sql -o /dev/null
psql -X -q -v ON_ERROR_STOP=1 -d production -f sql/install.sql >/dev/null 2>&1
psql -X -q -v ON_ERROR_STOP=1 -d production -f scripts/console/seed.sql -o /dev/null

port=18471
DATABASE_URL="host=$dir user=postgres dbname=production" CHANGEFEED_PORT=18470 CHANGEFEED_ADMIN_PORT=$port LOG_LEVEL=warning \
    "$changefeed" serve &
service=$!
for _ in $(seq 300); do
    if curl -sf "http://127.0.0.1:$port/ready" >/dev/null; then break; fi
    sleep 0.1
done
# The key of the fixture's administrator.
python3 scripts/console/screenshots.py "http://127.0.0.1:$port" d033e22ae348aeb5660fc2140aec35850c4da997 docs/screenshots
