#!/usr/bin/env bash
# Builds the release binary and prints where it is. Dockerfile, demo and docs/operating.md use this one line.
#
#   scripts/build.sh [--static]     --static: with Swift's libraries in the binary, for machines without Swift
set -euo pipefail
cd "$(dirname "$0")/.."
flags=()
case "${1-}" in
    '') ;;
    --static) flags=(--static-swift-stdlib) ;;
    *) echo "usage: scripts/build.sh [--static]" >&2; exit 64 ;;
esac
# The commit that `changefeed --version` names; CHANGEFEED_COMMIT may give it where there is no git.
if [ -z "${CHANGEFEED_COMMIT+set}" ] && commit=$(git rev-parse --short=12 HEAD 2>/dev/null); then
    [ -z "$(git status --porcelain --untracked-files=no)" ] || commit+=-dirty
    export CHANGEFEED_COMMIT=$commit
fi
swift build -c release --product changefeed "${flags[@]}" >&2
echo "$(swift build -c release --show-bin-path "${flags[@]}")/changefeed"
