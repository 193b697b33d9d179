#!/usr/bin/env bash
# A soak: two replicas on one database, many devices of users who see different things, records that change all the
# while, and every second a change of who may see what: groups, record rules, companies, rights, keys, users, groups of
# a field. Every answer is judged: it may show only what its user might see within the second before it, as it was then,
# and lack nothing. Memory, descriptors, connections and tables have to stay as they are after the first quarter.
#
#   scripts/soak.sh [--seconds 3600] [--devices 1000] [--seed 1] [--every 30] [--changes 4]
#                   [--dump FILE] [--plant FAULT] [--keep FOLDER]
#
# --every    seconds between two polls of a device     --changes  of records, a second
# --dump     a dump of Odoo 18 (SQL, also gzipped) instead of the fixture
# --plant    a fault that has to be found (--help lists them)
#
# Needs python3 (3.11), a PostgreSQL in /usr/lib/postgresql, and a built changefeed (FEED_BINARY, else it is built).
# Exit status: 0 all was right, 1 it was not or could not run, 64 usage. docs/operating.md says more.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1
command -v python3 >/dev/null || { echo "python3 is missing: nothing was tested" >&2; exit 1; }

changefeed=${FEED_BINARY:-}
case " $* " in *" --help "* | *" -h "*) changefeed=none ;; esac
[ -n "$changefeed" ] || changefeed=$(scripts/build.sh)
exec python3 scripts/soak/main.py --changefeed "$changefeed" "$@"
