// The files of sql/, embedded byte for byte.
#ifndef CCHANGEFEEDSQL_H
#define CCHANGEFEEDSQL_H

#include <stddef.h>

typedef struct {
    const char *path;
    const unsigned char *bytes;
    size_t length;
} changefeed_sql_file;

/// Every embedded file; `count` receives how many there are.
const changefeed_sql_file *changefeed_sql_files(ptrdiff_t *count);

#endif
