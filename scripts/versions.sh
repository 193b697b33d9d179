#!/usr/bin/env bash
# Runs the feed on real servers of every PostgreSQL release that README names, and with real databases of every Odoo release.
#
#   scripts/versions.sh [--postgres 13,17] [--odoo 16,18] [--whole] [--table FILE]
#
# --postgres   the releases to run on; by default 13,14,15,16,17,18. scripts/servers.sh fetches their servers.
# --odoo       the releases whose databases are restored; by default all that lie beside the checkout (../shared).
# --whole      every test on every server, not only those of the table.
# --table      writes the table to FILE, too.
#
# On each server: install twice and uninstall, so that pg_dump finds no difference; verify; the service as a plain login
# with both versions of the API; Odoo's own answers; a short run of the randomised checker; upgrades from earlier states;
# all of the installation without a superuser. At the end it prints the table that docs/versions.md shows. Exit code 1: a
# test failed; 69: a server was not to be had (the others were run).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/requirements.sh

servers=13,14,15,16,17,18 odoo=${CHANGEFEED_TEST_ODOO:-} whole= table=
while [ $# -gt 0 ]; do
    case "$1" in
        --postgres) servers=${2:?--postgres takes releases, as in 13,17}; shift 2 ;;
        --odoo) odoo=${2:?--odoo takes releases, as in 16,18}; shift 2 ;;
        --whole) whole=1; shift ;;
        --table) table=${2:?--table takes a file}; shift 2 ;;
        *) echo "usage: scripts/versions.sh [--postgres 13,17] [--odoo 16,18] [--whole] [--table FILE]" >&2; exit 64 ;;
    esac
done

# Heading of the column | suites that decide it.
steps=(
    'install twice, uninstall|ChangeFeedTests.InstallTests ChangeFeedTests.ReplacementTests ChangeFeedTests.MigrationTests'
    'capture, verify|ChangeFeedTests.CaptureTests ChangeFeedTests.VerifyTests ChangeFeedTests.RightsTests'
    'service, both APIs|ChangeFeedCommandTests.ServeTests ChangeFeedHTTPTests.EventsTests ChangeFeedHTTPTests.SyncTests ChangeFeedHTTPTests.SessionTests'
    "Odoo's answers|ChangeFeedTests.OdooAnswersTests ChangeFeedTests.FieldAccessTests ChangeFeedTests.RecordDataTests ChangeFeedTests.ReleaseTests ChangeFeedTests.DomainAnswersTests"
    'checker|ChangeFeedTests.SyncCheckerTests/copies'
    'upgrades|ChangeFeedTests.UpgradeTests ChangeFeedTests.ServerUpgradeTests'
    'no superuser|ChangeFeedTests.ManagedTests ChangeFeedTests.ManagedRefusalTests ChangeFeedTests.ManagedRolesTests'
)

swift build --build-tests
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH="${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-4}"
export CHANGEFEED_CHECKER_SEEDS="${CHANGEFEED_CHECKER_SEEDS:-2}"
[ -z "$odoo" ] || export CHANGEFEED_TEST_ODOO=$odoo
logs=$(mktemp -d /tmp/changefeed-versions-XXXXXX)
status=0
rows=()

# Runs the suites given, all where none is; answers with the cell of the table.
run() {
    local log=$1 filters=() suite tests skipped
    shift
    # A suite, or one test of it.
    for suite in "$@"; do
        case "$suite" in
            */*) filters+=(--filter "^${suite//./\\.}[(]") ;;
            *) filters+=(--filter "^${suite//./\\.}/") ;;
        esac
    done
    if swift test --skip-build "${filters[@]}" > "$log" 2>&1; then
        tests=$(grep -oE 'Test run with [0-9]+ test' "$log" | grep -oE '[0-9]+' | tail -n 1)
        skipped=$(grep -cE '^(➜|↳|.{0,3}) ?Test .* skipped' "$log" || true)
        if [ "${tests:-0}" = 0 ]; then cell='no test'; return 1; fi
        cell="passed ($((tests - skipped)))"
    else
        cell=FAILED
        grep -E 'recorded an issue|failed after|error:' "$log" | head -n 40 >&2
        return 1
    fi
}

for server in ${servers//,/ }; do
    if ! bin=$(scripts/servers.sh "$server"); then
        echo "PostgreSQL $server: not run" >&2
        [ "$status" = 1 ] || status=69
        continue
    fi
    export CHANGEFEED_TEST_SERVER=$bin
    name=$("$bin/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
    row="| $name |"
    if [ -n "$whole" ]; then
        run "$logs/$server-whole.log" || status=1
        row+=" $cell |"
        echo "PostgreSQL $name: every test: $cell" >&2
    else
        for number in "${!steps[@]}"; do
            IFS='|' read -r heading suites <<< "${steps[number]}"
            read -ra suites <<< "$suites"
            run "$logs/$server-$number.log" "${suites[@]}" || status=1
            row+=" $cell |"
            echo "PostgreSQL $name: $heading: $cell" >&2
        done
    fi
    rows+=("$row")
done

print() {
    local heading line='| PostgreSQL |' rule='| --- |'
    if [ -n "$whole" ]; then
        line+=' every test |' rule+=' --- |'
    else
        for heading in "${steps[@]}"; do line+=" ${heading%%|*} |" rule+=' --- |'; done
    fi
    printf '%s\n' "$line" "$rule" ${rows[@]+"${rows[@]}"}
    printf '\nRun on %s with Odoo %s by `scripts/versions.sh`.\n' "$(date -u +%F)" \
        "${odoo:-$(compgen -G '../shared/odoo[0-9][0-9]/demo.sql.gz' | grep -oE 'odoo[0-9]+' | tr -dc '0-9\n' | paste -sd, || true)}"
}
print
[ -z "$table" ] || print > "$table"
[ "$status" = 0 ] && rm -rf "$logs" || echo "The tests' output: $logs" >&2
exit "$status"
