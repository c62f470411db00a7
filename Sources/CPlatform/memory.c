// Mappings, shared memory, randomness, clocks.
#include "retry.h"
#include "CPlatform.h"
#include <malloc.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int32_t fr_map(int32_t descriptor, size_t count, int32_t shared, void **address) {
    int protection = shared ? PROT_READ | PROT_WRITE : PROT_READ;
    void *found = mmap(NULL, count, protection, shared ? MAP_SHARED : MAP_PRIVATE, descriptor, 0);
    if (found == MAP_FAILED) return -errno;
    *address = found;
    return 0;
}

void fr_unmap(void *address, size_t count) { munmap(address, count); }

int32_t fr_memory_file(const char *name, int64_t size_bytes) {
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    if (descriptor < 0) return -errno;
    int result = RETRY(ftruncate(descriptor, size_bytes));
    if (result < 0) {
        close(descriptor);
        return result;
    }
    return descriptor;
}

int32_t fr_random(void *buffer, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t result = RETRY(getrandom((char *)buffer + done, count - done, 0));
        if (result < 0) return (int32_t)result;
        done += (size_t)result;
    }
    return 0;
}

int64_t fr_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void fr_wall_clock(int64_t *seconds, int32_t *nanoseconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *seconds = now.tv_sec;
    *nanoseconds = (int32_t)now.tv_nsec;
}

void fr_local(int64_t seconds, fr_local_time *result) {
    time_t time = seconds;
    struct tm broken = {0};
    tzset();  // localtime_r need not
    localtime_r(&time, &broken);
    *result = (fr_local_time){
        broken.tm_year + 1900, broken.tm_mon + 1, broken.tm_mday, broken.tm_hour, broken.tm_min, broken.tm_sec,
        (int32_t)broken.tm_gmtoff};
}

void fr_limit_memory_arenas(int32_t count) { mallopt(M_ARENA_MAX, count); }
