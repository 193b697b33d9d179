#!/usr/bin/env bash
# A private throw-away PostgreSQL with a small Odoo-shaped database, the triggers, the service and changing rows.
#
#   scripts/demo.sh [--seconds N] [--once]
#
# --seconds N ends by itself; --once runs the curl lines itself, asks for the console's page, and ends. It takes the newest
# build that is there, release or debug, and makes one where there is none. CHANGEFEED_PORT is the port of the API, by
# default 8000; CHANGEFEED_ADMIN_PORT that of the console, by default the next one that is free.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=0 once=
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds=${2:?--seconds takes a number}; shift 2 ;;
        --once) once=1; shift ;;
        *) echo "usage: scripts/demo.sh [--seconds N] [--once]" >&2; exit 64 ;;
    esac
done
. scripts/requirements.sh

changefeed=$(ls -t "$PWD"/.build/{release,debug}/changefeed 2>/dev/null | head -n 1 || true)
if [ -z "$changefeed" ]; then
    echo "Building changefeed. A first build takes 4 to 7 minutes; the demo then starts within seconds." >&2
    changefeed=$(scripts/build.sh)
elif [ -n "$(find Package.swift Sources sql docs/openapi.json -newer "$changefeed" -type f -print -quit)" ]; then
    echo "Taking $changefeed, which is older than the sources; scripts/build.sh makes a new one." >&2
else
    echo "Taking $changefeed." >&2
fi
port=${CHANGEFEED_PORT:-8000}
dir=$(mktemp -d /tmp/changefeed-demo-XXXXXX)
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as_server() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown postgres "$dir"

pids=()
cleanup() {
    trap - EXIT INT TERM
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 0' INT TERM

as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w \
    -o "-c listen_addresses='' -c unix_socket_directories='$dir'" start >/dev/null
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
if [ -z "${CHANGEFEED_ADMIN_PORT:-}" ]; then
    CHANGEFEED_ADMIN_PORT=$((port + 1))
    while listens "$CHANGEFEED_ADMIN_PORT"; do CHANGEFEED_ADMIN_PORT=$((CHANGEFEED_ADMIN_PORT + 1)); done
fi
export CHANGEFEED_ADMIN_PORT
export PGHOST=$dir PGUSER=postgres
psql -X -q -d postgres -c 'CREATE DATABASE demo'
psql -X -q -v ON_ERROR_STOP=1 -d demo -f Tests/Fixtures/odoo.sql >/dev/null
psql -X -q -v ON_ERROR_STOP=1 -d demo -f sql/install.sql

LOG_LEVEL=warning "$changefeed" demo --database "host=$dir user=postgres dbname=demo" --port "$port" > "$dir/demo.out" &
pids+=($!)
for _ in $(seq 100); do
    curl -sf "http://127.0.0.1:$port/readyz" >/dev/null 2>&1 && break
    kill -0 "${pids[0]}" 2>/dev/null || { echo "the service did not start; is port $port free? (CHANGEFEED_PORT)" >&2; exit 1; }
    sleep 0.1
done
sed "s|^  changefeed |  $changefeed |" "$dir/demo.out"
if [ -n "$once" ]; then
    sleep 2
    grep -o 'curl -s .*' "$dir/demo.out" | while read -r line; do
        echo; echo "\$ $line"
        eval "${line/curl -s/curl -sf}"
        echo
    done
    console=$(sed -n 's/^The console, in a browser: //p' "$dir/demo.out")
    if [ -n "$console" ]; then
        curl -sf -o /dev/null "$console"
        echo; echo "The console answers."
    fi
    exit 0
fi
if [ "$seconds" -gt 0 ]; then sleep "$seconds"; exit 0; fi
wait "${pids[0]}"
