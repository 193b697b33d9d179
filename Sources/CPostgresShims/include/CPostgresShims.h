// The few C calls that Swift cannot import as they are: epoll's packed event and a variadic-free surface.
#ifndef CPOSTGRES_SHIMS_H
#define CPOSTGRES_SHIMS_H

#include <stdint.h>

typedef struct {
    int32_t fd;
    uint32_t events;
} cps_event;

// EPOLLIN, EPOLLOUT, EPOLLERR and EPOLLHUP, EPOLLRDHUP, EPOLLET.
static const uint32_t CPS_READABLE = 1;
static const uint32_t CPS_WRITABLE = 4;
static const uint32_t CPS_BROKEN = 8 | 16;
static const uint32_t CPS_PEER_CLOSED = 0x2000;
static const uint32_t CPS_EDGES = 1u << 31;

void cps_thread_name(const char *name);
int cps_epoll_create(void);
int cps_eventfd(void);
void cps_eventfd_ring(int fd);
void cps_eventfd_drain(int fd);
int cps_epoll_add(int epoll, int fd, uint32_t events);
int cps_epoll_modify(int epoll, int fd, uint32_t events);
int cps_epoll_remove(int epoll, int fd);
int cps_epoll_wait(int epoll, cps_event *events, int capacity, int timeout_milliseconds);
// Gives the kernel back what the allocator holds and nothing uses; where the C library cannot, nothing.
void cps_trim_heap(void);

#endif
