#ifndef CSE_LOADING_H
#define CSE_LOADING_H

#include "include/CStreamEngines.h"

/// A function of a library, by name, and the place for its address.
typedef struct {
    const char *name;
    void **place;
} cse_symbol;

/// Loads the first library of a list that is there, and finds its functions. Returns false, with the reason.
bool cse_load(const char *const *libraries, const cse_symbol *symbols, size_t count, char *reason, size_t size);

/// Copies the reason of a failure.
void cse_explain(char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
