#include "linux.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

void weir_set_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int weir_accept(int listener, struct sockaddr *address, socklen_t *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int weir_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void weir_keep_free_memory(int byte_count) {
    mallopt(M_TRIM_THRESHOLD, byte_count);
    mallopt(M_MMAP_THRESHOLD, byte_count / 4);
}

void weir_release_free_memory(void) { malloc_trim(0); }

int weir_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }
