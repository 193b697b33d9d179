#pragma once
#include <stddef.h>

/// docs/openapi.json, byte for byte.
const unsigned char *openapi_document(ptrdiff_t *length);
