// The C call of the tests' helpers that Swift cannot import, since glibc declares it under _GNU_SOURCE only.
#ifndef CTESTING_SHIMS_H
#define CTESTING_SHIMS_H

#include <spawn.h>

#include "CTestingKafka.h"

/// Has a child close every file descriptor from `first` on.
/// Returns: 0, or an errno.
int cts_close_from(posix_spawn_file_actions_t *actions, int first);

#endif
