// TCP sockets, addresses, names, and waiting for descriptors.
#include "retry.h"
#include "CPlatform.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t load_high_first(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | bytes[i];
    return value;
}

static void store_high_first(uint64_t value, uint8_t *bytes) {
    for (int i = 7; i >= 0; i--, value >>= 8) bytes[i] = (uint8_t)value;
}

static int from_system(const struct sockaddr_storage *from, fr_address *address) {
    memset(address, 0, sizeof *address);
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)from;
        address->family = 4;
        address->port = ntohs(four->sin_port);
        address->low = ntohl(four->sin_addr.s_addr);
        return 0;
    }
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
        address->family = 6;
        address->port = ntohs(six->sin6_port);
        address->high = load_high_first(six->sin6_addr.s6_addr);
        address->low = load_high_first(six->sin6_addr.s6_addr + 8);
        address->scope = six->sin6_scope_id;
        return 0;
    }
    return -EAFNOSUPPORT;
}

static socklen_t to_system(const fr_address *address, struct sockaddr_storage *result) {
    memset(result, 0, sizeof *result);
    if (address->family == 4) {
        struct sockaddr_in *four = (struct sockaddr_in *)result;
        four->sin_family = AF_INET;
        four->sin_port = htons(address->port);
        four->sin_addr.s_addr = htonl((uint32_t)address->low);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)result;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(address->port);
    six->sin6_scope_id = address->scope;
    store_high_first(address->high, six->sin6_addr.s6_addr);
    store_high_first(address->low, six->sin6_addr.s6_addr + 8);
    return sizeof *six;
}

static int32_t look_up(const char *name, int flags, fr_address *addresses, int32_t capacity) {
    struct addrinfo hints = {.ai_flags = flags, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int code = getaddrinfo(name, NULL, &hints, &found);
    if (code != 0) return -1000 + code;  // EAI codes are negative
    int32_t count = 0;
    for (struct addrinfo *next = found; next && count < capacity; next = next->ai_next) {
        struct sockaddr_storage storage = {0};
        memcpy(&storage, next->ai_addr, next->ai_addrlen);
        if (from_system(&storage, &addresses[count]) == 0) count++;
    }
    freeaddrinfo(found);
    return count;
}

// AI_NUMERICHOST rather than inet_pton, for the scope in fe80::1%eth0; inet_pton first, for it refuses 192.168.1.
int32_t fr_parse_address(const char *text, fr_address *address) {
    struct in_addr four;
    if (inet_pton(AF_INET, text, &four) == 1) {
        memset(address, 0, sizeof *address);
        address->family = 4;
        address->low = ntohl(four.s_addr);
        return 0;
    }
    if (!strchr(text, ':')) return -EINVAL;
    return look_up(text, AI_NUMERICHOST, address, 1) == 1 ? 0 : -EINVAL;
}

int32_t fr_format_address(const fr_address *address, char *buffer, size_t count) {
    struct sockaddr_storage storage;
    socklen_t length = to_system(address, &storage);
    if (getnameinfo((struct sockaddr *)&storage, length, buffer, (socklen_t)count, NULL, 0, NI_NUMERICHOST) != 0)
        return -EINVAL;
    return (int32_t)strlen(buffer);
}

int32_t fr_resolve_host(const char *name, fr_address *addresses, int32_t capacity) {
    return look_up(name, 0, addresses, capacity);
}

const char *fr_resolve_words(int32_t code) { return gai_strerror(code + 1000); }

static int32_t failed(int descriptor) {
    int error = errno;
    close(descriptor);
    return -error;
}

int32_t fr_listen(const fr_address *address, int32_t dual, int32_t backlog) {
    struct sockaddr_storage storage;
    socklen_t length = to_system(address, &storage);
    int descriptor = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    int on = 1, only_six = !dual;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (storage.ss_family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_six, sizeof only_six);
    if (bind(descriptor, (struct sockaddr *)&storage, length) < 0) return failed(descriptor);
    if (listen(descriptor, backlog) < 0) return failed(descriptor);
    return descriptor;
}

int32_t fr_accept(int32_t descriptor, fr_address *peer) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    int found = RETRY(accept4(descriptor, (struct sockaddr *)&storage, &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (found >= 0) from_system(&storage, peer);
    return found;
}

int32_t fr_connect(const fr_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = to_system(address, &storage);
    int descriptor = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    // Interrupted, it goes on by itself like EINPROGRESS; poll tells when.
    if (connect(descriptor, (struct sockaddr *)&storage, length) < 0 && errno != EINPROGRESS && errno != EINTR)
        return failed(descriptor);
    return descriptor;
}

int32_t fr_socket_error(int32_t descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
    return -error;
}

int32_t fr_socket_pair(int32_t *first, int32_t *second) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) return -errno;
    *first = pair[0];
    *second = pair[1];
    return 0;
}

int32_t fr_local_address(int32_t descriptor, fr_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    return from_system(&storage, address);
}

int32_t fr_peer_address(int32_t descriptor, fr_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    if (getpeername(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    return from_system(&storage, address);
}

int32_t fr_no_delay(int32_t descriptor) {
    int on = 1;
    return setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ? -errno : 0;
}

int32_t fr_quick_ack(int32_t descriptor) {
    int on = 1;
    return setsockopt(descriptor, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on) < 0 ? -errno : 0;
}

int32_t fr_buffer_sizes(int32_t descriptor, int32_t send_bytes, int32_t receive_bytes) {
    if (send_bytes > 0 && setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes) < 0)
        return -errno;
    if (receive_bytes > 0 && setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes) < 0)
        return -errno;
    return 0;
}

int32_t fr_shutdown(int32_t descriptor, int32_t sending_only) {
    return shutdown(descriptor, sending_only ? SHUT_WR : SHUT_RDWR) < 0 ? -errno : 0;
}

int64_t fr_receive(int32_t descriptor, void *buffer, size_t count) {
    return RETRY(recv(descriptor, buffer, count, MSG_DONTWAIT));
}

int64_t fr_send(int32_t descriptor, const fr_piece *pieces, int32_t count) {
    // A piece is an iovec under a name that Swift may see.
    _Static_assert(sizeof(fr_piece) == sizeof(struct iovec), "piece and iovec");
    struct msghdr message = {0};
    message.msg_iov = (struct iovec *)pieces;
    message.msg_iovlen = (size_t)(count < IOV_MAX ? count : IOV_MAX);
    return RETRY(sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int32_t fr_poll(fr_watched *watched, int32_t count, int64_t deadline_ns) {
    struct pollfd few[8];
    struct pollfd many[count > 8 ? count : 1];
    struct pollfd *entries = count > 8 ? many : few;
    for (int32_t i = 0; i < count; i++) {
        entries[i].fd = watched[i].descriptor;
        entries[i].events = (short)((watched[i].wanted & FR_POLL_READ ? POLLIN : 0)
                                    | (watched[i].wanted & FR_POLL_WRITE ? POLLOUT : 0)
                                    | (watched[i].wanted & FR_POLL_HANGUP ? POLLRDHUP : 0));
        entries[i].revents = 0;
    }
    int result;
    do {
        struct timespec left = {0}, *wait = NULL;
        if (deadline_ns >= 0) {
            int64_t now = fr_monotonic_ns();
            int64_t rest = deadline_ns > now ? deadline_ns - now : 0;
            left.tv_sec = rest / 1000000000;
            left.tv_nsec = rest % 1000000000;
            wait = &left;
        }
        result = ppoll(entries, (nfds_t)count, wait, NULL);
    } while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    for (int32_t i = 0; i < count; i++) {
        short events = entries[i].revents;
        watched[i].found = (events & POLLIN ? FR_POLL_READ : 0) | (events & POLLOUT ? FR_POLL_WRITE : 0)
                           | (events & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL) ? FR_POLL_HANGUP : 0);
    }
    return result;
}

int32_t fr_event_descriptor(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int32_t fr_pipe(int32_t *reading, int32_t *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}
