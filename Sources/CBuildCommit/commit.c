#include "CBuildCommit.h"

// Package.swift defines CHANGEFEED_COMMIT from the environment: hexadecimal digits, and "-dirty" after them if files differed.
#define AS_WRITTEN(text) #text
#define TEXT(macro) AS_WRITTEN(macro)

const char *changefeed_commit(void) {
#ifdef CHANGEFEED_COMMIT
    return TEXT(CHANGEFEED_COMMIT);
#else
    return "";
#endif
}
