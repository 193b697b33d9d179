#include "loading.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

bool cse_load(const char *const *libraries, const cse_symbol *symbols, size_t count, char *reason, size_t size) {
    void *library = NULL;
    const char *name = NULL;
    for (size_t i = 0; libraries[i] && !library; i++) {
        name = libraries[i];
        library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    }
    if (!library) {
        snprintf(reason, size, "%s cannot be loaded", libraries[0]);
        return false;
    }
    // It stays loaded: its threads run for as long as the process.
    for (size_t i = 0; i < count; i++) {
        *symbols[i].place = dlsym(library, symbols[i].name);
        if (!*symbols[i].place) {
            snprintf(reason, size, "%s has no function %s", name, symbols[i].name);
            return false;
        }
    }
    return true;
}

void cse_explain(char *reason, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, CSE_REASON_LENGTH, format, arguments);
    va_end(arguments);
}
