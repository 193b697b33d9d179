// The commit of which this is a build.
#ifndef CBUILDCOMMIT_H
#define CBUILDCOMMIT_H

// As scripts/build.sh names it (CHANGEFEED_COMMIT); empty in a plain build.
const char *changefeed_commit(void);

#endif
