// Written by scripts/embed-console.sh: one entry per file of Sources/ChangeFeedConsole/Web/.
#include "CConsoleAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "../ChangeFeedConsole/Web/index.html"
};

static const console_asset assets[] = {
    {"index.html", index_html, sizeof index_html},
};

const console_asset *console_assets(ptrdiff_t *count) {
    *count = sizeof assets / sizeof assets[0];
    return assets;
}
