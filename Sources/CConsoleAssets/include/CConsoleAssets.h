// The files of Sources/ChangeFeedConsole/Web/, embedded byte for byte.
#ifndef CCONSOLEASSETS_H
#define CCONSOLEASSETS_H

#include <stddef.h>

typedef struct {
    const char *path;
    const unsigned char *bytes;
    size_t length;
} console_asset;

/// Every embedded file; `count` receives how many there are.
const console_asset *console_assets(ptrdiff_t *count);

#endif
