#!/usr/bin/env bash
# Writes the list of the console's files that the binary carries (the compiler embeds their bytes).
# Run it after adding, renaming or removing a file in Sources/ChangeFeedConsole/Web/; AssetTests compare the folder with what the binary carries.
set -euo pipefail
cd "$(dirname "$0")/.."
out=Sources/CConsoleAssets/embedded.c
web=Sources/ChangeFeedConsole/Web
files=$(cd "$web" && find . -type f | sed 's|^\./||' | LC_ALL=C sort)
{
    echo '// Written by scripts/embed-console.sh: one entry per file of Sources/ChangeFeedConsole/Web/.'
    echo '#include "CConsoleAssets.h"'
    echo
    echo '#pragma clang diagnostic ignored "-Wc23-extensions"'
    for file in $files; do
        echo
        echo "static const unsigned char ${file//[^a-zA-Z0-9]/_}[] = {"
        echo "#embed \"../ChangeFeedConsole/Web/$file\""
        echo '};'
    done
    echo
    echo 'static const console_asset assets[] = {'
    for file in $files; do
        name=${file//[^a-zA-Z0-9]/_}
        echo "    {\"$file\", $name, sizeof $name},"
    done
    echo '};'
    echo
    echo 'const console_asset *console_assets(ptrdiff_t *count) {'
    echo '    *count = sizeof assets / sizeof assets[0];'
    echo '    return assets;'
    echo '}'
} > "$out"
