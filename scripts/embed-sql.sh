#!/usr/bin/env bash
# Writes the list of the files of sql/ that the binary carries (the compiler embeds their bytes).
# Run it after adding, renaming or removing a file in sql/; SQLScriptTests compare the folder with what the binary carries, byte by byte.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/embed.sh
mapfile -t files < <(cd sql && find . -name '*.sql' ! -path ./schema.sql | sed 's|^\./||' | LC_ALL=C sort)
embed_files embed-sql.sh sql ../../sql CChangeFeedSQL changefeed_sql_file files changefeed_sql_files "${files[@]}" \
    > Sources/CChangeFeedSQL/embedded.c
