#!/bin/sh
# Plays every recorded conversation to each client that can run here, and checks its write queue against stubs
# (stubs.py); it lists the others. Exit status 0: all passed.
# Needs python3 (3.9); uses node (20), node (22.6) or tsc for TypeScript, and dart, where they are installed.
# CLIENTS="python javascript" narrows it.
cd "$(dirname "$0")" || exit 1
command -v python3 >/dev/null || { echo "python3 is missing: nothing was checked"; exit 1; }
results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT

isWanted() { case " ${CLIENTS:-python javascript typescript dart} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# Conversations wait as recorded, so they are played concurrently.
check() {
    name=$1
    shift
    isWanted "$name" || return
    mkdir "$results/$name"
    for conversation in conversations/*.json; do
        stem=$(basename "$conversation" .json)
        { python3 replay.py "$conversation" -- "$@" >"$results/$name/$stem" 2>&1 || touch "$results/$name/$stem.failed"; } &
    done
    [ "$name" = dart ] ||
        { python3 stubs.py -- "$@" >"$results/$name/stubs" 2>&1 || touch "$results/$name/stubs.failed"; } &
    wait
    echo "$name"
    for file in "$results/$name"/*; do
        case $file in
            *.failed) failures=$((failures + 1)) ;;
            *) sed 's/^/    /' "$file"; played=$((played + 1)) ;;
        esac
    done
}

skip() { isWanted "$1" && echo "$1 is skipped: $2"; }

played=0
failures=0
check python python3 python/changefeed_client.py
if command -v node >/dev/null && node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; then
    check javascript node javascript/changefeed-client.mjs
else
    skip javascript "node 20 is not installed"
fi
printf 'const one: number = 1;\n' >"$results/probe.ts"
if command -v node >/dev/null && node --experimental-strip-types "$results/probe.ts" 2>/dev/null; then
    check typescript node --no-warnings --experimental-strip-types typescript/changefeed-client.ts
elif command -v node >/dev/null && command -v tsc >/dev/null; then
    # The compiled client takes its command line from the JavaScript one, beside it.
    mkdir "$results/compiled"
    cp -r javascript "$results/compiled"
    echo '{"type":"module"}' >"$results/compiled/package.json"
    if tsc --strict --target es2022 --module es2022 --moduleResolution node --lib es2022,dom,dom.iterable \
        --typeRoots "$results/none" --outDir "$results/compiled/typescript" typescript/changefeed-client.ts; then
        check typescript node "$results/compiled/typescript/changefeed-client.js"
    else
        failures=$((failures + 1))
    fi
else
    skip typescript "neither a node that takes types (22.6) nor tsc is installed"
fi
if command -v dart >/dev/null; then
    check dart dart run dart/changefeed_client.dart
else
    skip dart "dart is not installed"
fi
echo "$((played - failures)) of $played as they should be"
[ "$failures" -eq 0 ] && [ "$played" -gt 0 ]
