// Linux system calls that the Swift Glibc module does not show, because they need _GNU_SOURCE.
#pragma once
#include "poller.h"

#include <stdint.h>
#include <sys/socket.h>

/// Names the calling thread, at most 15 bytes, as `top -H` and `perf` show it.
void weir_set_thread_name(const char *name);

/// Accepts a connection whose socket does not block and is closed on exec; -1 and errno otherwise.
int weir_accept(int listener, struct sockaddr *address, socklen_t *length);

/// A descriptor that another thread can make readable, to wake one that polls.
int weir_eventfd(void);

/// Lets malloc keep up to `byte_count` bytes that are free, instead of giving them back to the
/// kernel and faulting them in again with the next query or flush.
void weir_keep_free_memory(int byte_count);

/// Gives the memory that malloc holds free back to the kernel.
void weir_release_free_memory(void);

/// open(2), which Swift cannot call because it takes a variable number of arguments.
int weir_open(const char *path, int flags, unsigned mode);
