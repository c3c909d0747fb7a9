#include "linux.h"

#include <pthread.h>

void weir_set_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }
