#include "COpenAPIDocument.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char document[] = {
#embed "../../docs/openapi.json"
};

const unsigned char *openapi_document(ptrdiff_t *length) {
    *length = sizeof document;
    return document;
}
