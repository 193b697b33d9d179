#!/usr/bin/env bash
# A live test: drives a running Odoo with random operations as several users, lets devices pull from the feed and crash, and
# compares their copies with what Odoo itself shows. It writes at random: for a throw-away database only.
#
#   ODOO_KEY=… scripts/live.sh --throw-away --url http://127.0.0.1:8069 --database scratch --feed http://127.0.0.1:8000
#                              [--login admin] [--seed N] [--operations N]
#   scripts/live.sh --stub [--plant deaf|few]    where no Odoo is at hand: against a stand-in for it, as it says itself
#
# Needs python3 (3.9); --stub: psql, a PostgreSQL, and a built changefeed (FEED_BINARY, else it is built).
# Exit status: 0 equal, 1 it could not run, 2 differences, 64 usage.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1
command -v python3 >/dev/null || { echo "python3 is missing: nothing was tested" >&2; exit 1; }

stub= others=()
for argument in "$@"; do
    if [ "$argument" = --stub ]; then stub=1; else others+=("$argument"); fi
done
if [ -z "$stub" ]; then exec python3 scripts/live/main.py "$@"; fi
changefeed=${FEED_BINARY:-}
[ -n "$changefeed" ] || changefeed=$(scripts/build.sh)
exec python3 scripts/live/stub_run.py --changefeed "$changefeed" "${others[@]}"
