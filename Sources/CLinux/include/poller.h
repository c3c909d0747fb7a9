// epoll, which the Swift Glibc module does not show.
#pragma once
#include <stdint.h>

enum { WEIR_READABLE = 1, WEIR_WRITABLE = 2 };

/// A new epoll instance; -1 and errno otherwise.
int weir_poller_create(void);

/// Watches a descriptor for changes in both directions (edge-triggered) under a number of ours.
int weir_poller_add(int poller, int descriptor, uint32_t number);

/// Waits for changes, at most `timeout` nanoseconds, and returns how many there are.
///
/// Each is written as the descriptor's number and what it has become (WEIR_READABLE, _WRITABLE;
/// both where it failed or was closed). An interrupted wait counts as none.
int weir_poller_wait(int poller, uint32_t *numbers, uint32_t *changes, int capacity,
                     int64_t timeout);
