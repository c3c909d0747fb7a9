// liburing.h names cpu_set_t, which <sched.h> shows only under _GNU_SOURCE. Defining that here
// would change fd_set and make this module clash with Swift's Glibc, so the type is included by
// itself.
#include <sched.h>
#ifndef CPU_SETSIZE
#include <bits/cpu-set.h>
#endif
#include <liburing.h>
