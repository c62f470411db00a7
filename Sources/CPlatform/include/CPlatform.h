// The system calls that Swift can't reach well: hidden by Glibc's module map, macros, variadic, or with structs worth
// flattening. Every function returns its result, or -errno. EINTR is answered here, in `retry.h`, and nowhere else.
#ifndef CPLATFORM_H
#define CPLATFORM_H
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// ---- Errors

/// ENOENT's "ENOENT" and "No such file or directory"; NULL when the number is unknown.
const char *_Nullable fr_errno_name(int32_t code);
const char *_Nullable fr_errno_words(int32_t code);

// ---- Files

enum {
    FR_OPEN_READ = 1, FR_OPEN_WRITE = 2, FR_OPEN_APPEND = 4, FR_OPEN_CREATE = 8, FR_OPEN_EXCLUSIVE = 16,
    FR_OPEN_FOLDER = 32, FR_OPEN_NO_LINK = 64, FR_OPEN_UNCACHED = 128, FR_OPEN_NONBLOCKING = 256
};
enum { FR_KIND_OTHER = 0, FR_KIND_FILE = 1, FR_KIND_FOLDER = 2, FR_KIND_LINK = 3, FR_KIND_UNKNOWN = 4 };

typedef struct {
    uint64_t device, inode;
    int64_t size_bytes, modification_ns;
    uint32_t kind, permissions, user_id, group_id, link_count;
} fr_status;

int32_t fr_open(int32_t folder, const char *path, int32_t options, uint32_t permissions);
int32_t fr_close(int32_t descriptor);
int32_t fr_duplicate(int32_t descriptor, int32_t at_least);
int64_t fr_pread(int32_t descriptor, void *buffer, size_t count, int64_t offset);
int64_t fr_pwrite(int32_t descriptor, const void *bytes, size_t count, int64_t offset);
int64_t fr_read(int32_t descriptor, void *buffer, size_t count);
int64_t fr_write(int32_t descriptor, const void *bytes, size_t count);
int32_t fr_synchronize(int32_t descriptor, int32_t data_only);
/// Begins to write bytes of the file out, and doesn't wait for it; nothing is promised.
void fr_start_writing(int32_t descriptor, int64_t offset, int64_t count);
int32_t fr_set_modification(int32_t descriptor, int64_t modification_ns);
int32_t fr_status_of(int32_t descriptor, fr_status *status);
int32_t fr_status_at(int32_t folder, const char *path, int32_t follow_link, fr_status *status);
int32_t fr_rename(const char *from, const char *to);
int32_t fr_link(const char *existing, const char *name);
int32_t fr_unlink(const char *path);
int32_t fr_remove_folder(const char *path);
int32_t fr_make_folder(const char *path, uint32_t permissions);
int32_t fr_change_owner(int32_t descriptor, uint32_t user, uint32_t group);
/// Directory entries as the kernel gives them (struct linux_dirent64); 0 at the end.
int64_t fr_folder_entries(int32_t descriptor, void *buffer, size_t count);
/// realpath; the length of what was written to `buffer`.
int64_t fr_resolve(const char *path, char *buffer, size_t count);
int64_t fr_current_folder(char *buffer, size_t count);

typedef struct {
    uint64_t free_bytes, total_bytes, free_inodes, total_inodes;
    int32_t is_network, is_read_only;
} fr_file_system;
int32_t fr_file_system_of(const char *path, fr_file_system *result);

// ---- Locks: they belong to the open file (OFD)

enum { FR_LOCK_NONE = 0, FR_LOCK_SHARED = 1, FR_LOCK_EXCLUSIVE = 2 };
int32_t fr_lock(int32_t descriptor, int32_t kind, int64_t start, int64_t length, int32_t wait);
/// 1 when another open file's lock stands in the way, else 0.
int32_t fr_is_locked(int32_t descriptor, int32_t kind, int64_t start, int64_t length);

// ---- Memory

/// Maps read-only and private, or, for a table between processes, writable and shared.
int32_t fr_map(int32_t descriptor, size_t count, int32_t shared, void *_Nullable *_Nonnull address);
void fr_unmap(void *address, size_t count);
int32_t fr_memory_file(const char *name, int64_t size_bytes);
int32_t fr_random(void *buffer, size_t count);
uint32_t fr_crc32c(uint32_t seed, const void *bytes, size_t count);
uint32_t fr_crc32c_portable(uint32_t seed, const void *bytes, size_t count);

// ---- Time

int64_t fr_monotonic_ns(void);
void fr_wall_clock(int64_t *seconds, int32_t *nanoseconds);
typedef struct { int32_t year, month, day, hour, minute, second, offset_seconds; } fr_local_time;
void fr_local(int64_t seconds, fr_local_time *result);

// ---- Sockets

/// An IPv4 (`family` 4, the address in the low 32 bits) or IPv6 address, numbers in host order.
typedef struct {
    uint64_t high, low;
    uint32_t scope;
    uint16_t port;
    uint8_t family;
} fr_address;

int32_t fr_parse_address(const char *text, fr_address *address);
/// Writes the address without port; the length.
int32_t fr_format_address(const fr_address *address, char *buffer, size_t count);
/// Up to `capacity` addresses of a name; their number. A failed look-up returns -1000 - EAI code.
int32_t fr_resolve_host(const char *name, fr_address *addresses, int32_t capacity);
const char *fr_resolve_words(int32_t code);

/// `dual`: an IPv6 socket that takes IPv4 too.
int32_t fr_listen(const fr_address *address, int32_t dual, int32_t backlog);
int32_t fr_accept(int32_t descriptor, fr_address *peer);
/// Starts to connect, non-blocking: the new descriptor.
int32_t fr_connect(const fr_address *address);
/// The pending error of a socket, as 0 or -errno.
int32_t fr_socket_error(int32_t descriptor);
int32_t fr_socket_pair(int32_t *first, int32_t *second);
int32_t fr_local_address(int32_t descriptor, fr_address *address);
int32_t fr_peer_address(int32_t descriptor, fr_address *address);
int32_t fr_no_delay(int32_t descriptor);
int32_t fr_quick_ack(int32_t descriptor);
int32_t fr_buffer_sizes(int32_t descriptor, int32_t send_bytes, int32_t receive_bytes);
int32_t fr_shutdown(int32_t descriptor, int32_t sending_only);
/// Without waiting; -EAGAIN when there is nothing.
int64_t fr_receive(int32_t descriptor, void *buffer, size_t count);
typedef struct { const void *_Nullable base; size_t count; } fr_piece;
int64_t fr_send(int32_t descriptor, const fr_piece *pieces, int32_t count);

// ---- Waiting

enum { FR_POLL_READ = 1, FR_POLL_WRITE = 2, FR_POLL_HANGUP = 4 };
typedef struct { int32_t descriptor, wanted, found; } fr_watched;
/// Waits until one is ready or the monotonic clock shows `deadline_ns` (negative: for ever); the number ready.
int32_t fr_poll(fr_watched *watched, int32_t count, int64_t deadline_ns);
int32_t fr_event_descriptor(void);
int32_t fr_pipe(int32_t *reading, int32_t *writing);

// ---- Watching folders (inotify); masks and events are the kernel's, as <sys/inotify.h> has them

int32_t fr_watch_descriptor(void);
/// Watches what `path` names; the watch's number. A file that is watched already keeps its number.
int32_t fr_watch_add(int32_t descriptor, const char *path, uint32_t mask);
int32_t fr_watch_remove(int32_t descriptor, int32_t watch);

// ---- Processes, signals, users

void fr_ignore_signal(int32_t signal);
int32_t fr_block_signals(const int32_t *signals, int32_t count);
int32_t fr_signal_descriptor(const int32_t *signals, int32_t count);
/// The next pending signal of a signal descriptor; -EAGAIN when there is none.
int32_t fr_next_signal(int32_t descriptor);
/// `inherited[i]` becomes descriptor `as[i]` in the child; -1 is /dev/null. All signals are unblocked and default
/// there. The child's descriptor is a pidfd, ours to close; where there is none for it, there is no child.
int32_t fr_spawn(
    const char *program, char *_Nullable const *_Nonnull arguments, char *_Nullable const *_Nonnull environment,
    const int32_t *inherited, const int32_t *as, int32_t count, int32_t *process_id,
    int32_t *process_descriptor);
int32_t fr_kill(int32_t process_descriptor, int32_t signal);
/// Reaps. 1 when it has ended (`code` or `signal` set, the other -1), 0 when it runs and `wait` is 0.
int32_t fr_reap(int32_t process_id, int32_t wait, int32_t *code, int32_t *signal);
const char *_Nullable fr_signal_name(int32_t signal);
int32_t fr_process_id(void);

typedef struct { uint32_t user_id, group_id; } fr_user;
int32_t fr_user_named(const char *name, fr_user *user);
int32_t fr_group_named(const char *name, uint32_t *group_id);
int32_t fr_drop_privileges(const char *user_name, uint32_t user_id, uint32_t group_id);
uint32_t fr_effective_user(void);

char *_Nullable *_Nullable fr_environment(void);
const char *_Nullable fr_environment_value(const char *name);
int32_t fr_is_terminal(int32_t descriptor);
int32_t fr_terminal_columns(int32_t descriptor);
/// Raises the soft limit of open descriptors to the hard one; the limit.
int64_t fr_raise_descriptor_limit(void);
int32_t fr_core_count(void);
/// Names the calling thread, by at most 15 bytes.
void fr_name_thread(const char *name);
void fr_limit_memory_arenas(int32_t count);
_Noreturn void fr_exit(int32_t code);

#pragma clang assume_nonnull end
#endif
