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
swift build -c release --product changefeed "${flags[@]}" >&2
echo "$(swift build -c release --show-bin-path "${flags[@]}")/changefeed"
