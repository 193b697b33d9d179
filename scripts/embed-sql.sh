#!/usr/bin/env bash
# Writes the list of the files of sql/ that the binary carries (the compiler embeds their bytes).
# Run it after adding, renaming or removing a file in sql/; SQLScriptTests compare the folder with what the binary carries, byte by byte.
set -euo pipefail
cd "$(dirname "$0")/.."
out=Sources/CChangeFeedSQL/embedded.c
files=$(cd sql && find . -name '*.sql' ! -path ./schema.sql | sed 's|^\./||' | LC_ALL=C sort)
{
    echo '// Written by scripts/embed-sql.sh: one entry per file of sql/.'
    echo '#include "CChangeFeedSQL.h"'
    echo
    echo '#pragma clang diagnostic ignored "-Wc23-extensions"'
    for file in $files; do
        echo
        echo "static const unsigned char ${file//[^a-zA-Z0-9]/_}[] = {"
        echo "#embed \"../../sql/$file\""
        echo '};'
    done
    echo
    echo 'static const changefeed_sql_file files[] = {'
    for file in $files; do
        name=${file//[^a-zA-Z0-9]/_}
        echo "    {\"$file\", $name, sizeof $name},"
    done
    echo '};'
    echo
    echo 'const changefeed_sql_file *changefeed_sql_files(ptrdiff_t *count) {'
    echo '    *count = sizeof files / sizeof files[0];'
    echo '    return files;'
    echo '}'
} > "$out"
