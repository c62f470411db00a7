// EINTR in one place: a call that a signal interrupted before it did anything is made again; other errors become
// -errno.
#ifndef RETRY_H
#define RETRY_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>

#define RETRY(call)                                  \
    ({                                               \
        __typeof__(call) retry_result;               \
        do {                                         \
            retry_result = (call);                   \
        } while (retry_result < 0 && errno == EINTR); \
        retry_result < 0 ? -errno : retry_result;    \
    })
#endif
