#!/usr/bin/env bash
# Writes the list of the console's files that the binary carries (the compiler embeds their bytes).
# Run it after adding, renaming or removing a file in Sources/ChangeFeedConsole/Web/; AssetTests compare the folder with what the binary carries.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/embed.sh
web=Sources/ChangeFeedConsole/Web
mapfile -t files < <(cd "$web" && find . -type f | sed 's|^\./||' | LC_ALL=C sort)
embed_files embed-console.sh "$web" ../ChangeFeedConsole/Web CConsoleAssets console_asset assets console_assets "${files[@]}" \
    > Sources/CConsoleAssets/embedded.c
