#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/requirements.sh
swift build --build-tests
exec swift test --skip-build
