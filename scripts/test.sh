#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests: all of them, or those that are named.
#
#   scripts/test.sh                          every test
#   scripts/test.sh SyncCheckerTests         a suite
#   scripts/test.sh SyncCheckerTests/copies  one test: suite and function
#   scripts/test.sh ChangeFeedHTTPTests      a target
#   scripts/test.sh SyncTests --parallel     options go to swift test
#
# A NAME is a regular expression on TARGET.SUITE/FUNCTION, and several may be given. Exit code 64: it names no test.
# CHANGEFEED_TEST_SERVER names the programs of another PostgreSQL (scripts/servers.sh prints them), CHANGEFEED_TEST_ODOO
# the releases whose real databases are tested (16,18); CONTRIBUTING.md has the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
filters=() names=()
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' scripts/test.sh; exit 0 ;;
        -*) break ;;
        *) names+=("$1") filters+=(--filter "$1"); shift ;;
    esac
done
. scripts/requirements.sh
swift build --build-tests
if [ ${#names[@]} -gt 0 ]; then
    list=$(swift test list --skip-build 2>/dev/null)
    for name in "${names[@]}"; do
        grep -qE -- "$name" <<< "$list" || { echo "no test is called $name: swift test list" >&2; exit 64; }
    done
fi
# All at once, they would wait for one another: many start servers and databases of their own.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH="${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-4}"
log=$(mktemp /tmp/changefeed-test-XXXXXX)
trap 'rm -f "$log"' EXIT
status=0
swift test --skip-build ${filters[@]+"${filters[@]}"} "$@" 2>&1 | tee "$log" || status=$?
# Among thousands of lines the few that matter would be lost.
if [ "$status" != 0 ]; then
    printf '\nWhat failed:\n' >&2
    grep -E '^✘ |error: ' "$log" >&2 || true
fi
exit "$status"
