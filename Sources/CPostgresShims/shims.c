#define _GNU_SOURCE
#include "CPostgresShims.h"

#include <features.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

void cps_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int cps_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cps_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cps_eventfd_ring(int fd) {
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one);
    (void)written;
}

void cps_eventfd_drain(int fd) {
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got;
}

static int control(int epoll, int operation, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(epoll, operation, fd, &event);
}

int cps_epoll_add(int epoll, int fd, uint32_t events) { return control(epoll, EPOLL_CTL_ADD, fd, events); }

int cps_epoll_modify(int epoll, int fd, uint32_t events) { return control(epoll, EPOLL_CTL_MOD, fd, events); }

int cps_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0); }

int cps_epoll_wait(int epoll, cps_event *events, int capacity, int timeout_milliseconds) {
    struct epoll_event ready[64];
    if (capacity > 64) capacity = 64;
    int count = epoll_wait(epoll, ready, capacity, timeout_milliseconds);
    for (int i = 0; i < count; i++) {
        events[i].fd = ready[i].data.fd;
        events[i].events = ready[i].events;
    }
    return count;
}

void cps_trim_heap(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
