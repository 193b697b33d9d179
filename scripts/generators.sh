#!/usr/bin/env bash
# Makes clients out of docs/openapi.json with generators that app developers use, and uses them against a running service.
#
#   scripts/generators.sh URL KEY [DOCUMENT]
#
# KEY is an API key of a user who reads res.partner and sale.order of a scratch database that URL serves, made from
# Tests/Fixtures/odoo.sql, whose log holds events of both. DOCUMENT is docs/openapi.json by default.
# The generators (scripts/generators/requirements.txt) are installed from PyPI into CHANGEFEED_CACHE: by default
# /var/cache/odoo-changefeed for root, else ~/.cache/odoo-changefeed. Exit code 69: they are not to be had here.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: scripts/generators.sh URL KEY [DOCUMENT]" >&2; exit 64; }
url=$1 key=$2
here=$(cd "$(dirname "$0")" && pwd)
document=$(realpath "${3:-$here/../docs/openapi.json}")
if [ "$(id -u)" = 0 ]; then cache=/var/cache/odoo-changefeed; else cache=${XDG_CACHE_HOME:-$HOME/.cache}/odoo-changefeed; fi
cache=${CHANGEFEED_CACHE:-$cache}
unavailable() { echo "the generators are not to be had here: $*" >&2; exit 69; }

python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    unavailable "Python 3.10 with venv is missing (apt-get install python3-venv)"
# A folder for each list of versions and each Python: what another run installs stays what it is.
release=$(python3 -c 'import sys; print(*sys.version_info[:2], sep=".")')
folder=$cache/generators-$(sha256sum "$here/generators/requirements.txt" | cut -c 1-12)-$release
if [ ! -e "$folder/complete" ]; then
    mkdir -p "$cache"
    exec 9>"$cache/generators.lock"
    flock 9
    if [ ! -e "$folder/complete" ]; then
        rm -rf "$folder"
        python3 -m venv "$folder" || unavailable "python3 -m venv failed"
        "$folder/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 20 --only-binary=:all: \
            -r "$here/generators/requirements.txt" >&2 || unavailable "PyPI does not give them"
        touch "$folder/complete"
    fi
    exec 9>&-
fi
PATH=$folder/bin:$PATH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
openapi-python-client generate --path "$document" --output-path first --meta none >first.log 2>&1 || { cat first.log; exit 1; }
# It leaves out what it does not understand, says so, and ends with 0.
if grep -i warning first.log; then cat first.log; exit 1; fi
openapi-generator-cli generate -i "$document" -g python -o second --package-name second >second.log 2>&1 || { cat second.log; exit 1; }
datamodel-codegen --input "$document" --input-file-type openapi --output models.py --output-model-type pydantic_v2.BaseModel \
    --formatters builtin >models.log 2>&1 || { cat models.log; exit 1; }
PYTHONPATH=$work:$work/second python3 "$here/generators/use.py" "$document" "$url" "$key"
