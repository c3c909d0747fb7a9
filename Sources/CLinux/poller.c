#include "poller.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>

enum { CHANGES_MAX = 256 };

int weir_poller_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int weir_poller_add(int poller, int descriptor, uint32_t number) {
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u32 = number};
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

int weir_poller_wait(int poller, uint32_t *numbers, uint32_t *changes, int capacity,
                     int64_t timeout) {
    struct epoll_event events[CHANGES_MAX];
    struct timespec span = {timeout / 1000000000, timeout % 1000000000};
    int limit = capacity < CHANGES_MAX ? capacity : CHANGES_MAX;
    int count = epoll_pwait2(poller, events, limit, &span, NULL);
    if (count < 0) return errno == EINTR ? 0 : -1;
    for (int index = 0; index < count; index++) {
        uint32_t happened = events[index].events;
        uint32_t failed = happened & (EPOLLERR | EPOLLHUP | EPOLLRDHUP);
        numbers[index] = events[index].data.u32;
        changes[index] = (happened & EPOLLIN || failed ? WEIR_READABLE : 0) |
                         (happened & EPOLLOUT || failed ? WEIR_WRITABLE : 0);
    }
    return count;
}
