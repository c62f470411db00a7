// Files, folders, watches and locks.
#include "retry.h"
#include "CPlatform.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

const char *fr_errno_name(int32_t code) { return strerrorname_np(code); }
const char *fr_errno_words(int32_t code) { return strerrordesc_np(code); }

static int open_flags(int32_t options) {
    int flags = O_CLOEXEC | O_NOCTTY;
    if (options & FR_OPEN_WRITE) flags |= options & FR_OPEN_READ ? O_RDWR : O_WRONLY;
    if (options & FR_OPEN_APPEND) flags |= O_APPEND;
    if (options & FR_OPEN_CREATE) flags |= O_CREAT;
    if (options & FR_OPEN_EXCLUSIVE) flags |= O_EXCL;
    if (options & FR_OPEN_FOLDER) flags |= O_DIRECTORY;
    if (options & FR_OPEN_NO_LINK) flags |= O_NOFOLLOW;
    if (options & FR_OPEN_UNCACHED) flags |= O_DIRECT;
    if (options & FR_OPEN_NONBLOCKING) flags |= O_NONBLOCK;
    return flags;
}

int32_t fr_open(int32_t folder, const char *path, int32_t options, uint32_t permissions) {
    return RETRY(openat(folder < 0 ? AT_FDCWD : folder, path, open_flags(options), (mode_t)permissions));
}

// Linux has closed the descriptor even when it says EINTR: never again.
int32_t fr_close(int32_t descriptor) { return close(descriptor) < 0 && errno != EINTR ? -errno : 0; }

int32_t fr_duplicate(int32_t descriptor, int32_t at_least) {
    return RETRY(fcntl(descriptor, F_DUPFD_CLOEXEC, at_least));
}

int64_t fr_pread(int32_t descriptor, void *buffer, size_t count, int64_t offset) {
    return RETRY(pread(descriptor, buffer, count, offset));
}

int64_t fr_pwrite(int32_t descriptor, const void *bytes, size_t count, int64_t offset) {
    return RETRY(pwrite(descriptor, bytes, count, offset));
}

int64_t fr_read(int32_t descriptor, void *buffer, size_t count) { return RETRY(read(descriptor, buffer, count)); }
int64_t fr_write(int32_t descriptor, const void *bytes, size_t count) { return RETRY(write(descriptor, bytes, count)); }

// EINTR is passed on: whether an interrupted fsync may be made again is not ours to decide, a failed one may not.
int32_t fr_synchronize(int32_t descriptor, int32_t data_only) {
    return (data_only ? fdatasync(descriptor) : fsync(descriptor)) < 0 ? -errno : 0;
}

void fr_start_writing(int32_t descriptor, int64_t offset, int64_t count) {
    // A hint: a file system that doesn't know it writes when it is told to synchronize.
    (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

int32_t fr_set_modification(int32_t descriptor, int64_t modification_ns) {
    const int64_t second = 1000000000;
    int64_t rest = modification_ns % second;
    if (rest < 0) rest += second;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (modification_ns - rest) / second, .tv_nsec = rest}};
    return RETRY(futimens(descriptor, times));
}

static void fill(const struct stat *from, fr_status *status) {
    status->device = from->st_dev;
    status->inode = from->st_ino;
    status->size_bytes = from->st_size;
    status->modification_ns = (int64_t)((uint64_t)from->st_mtim.tv_sec * 1000000000u + (uint64_t)from->st_mtim.tv_nsec);
    status->kind = S_ISREG(from->st_mode)   ? FR_KIND_FILE
                   : S_ISDIR(from->st_mode) ? FR_KIND_FOLDER
                   : S_ISLNK(from->st_mode) ? FR_KIND_LINK
                                            : FR_KIND_OTHER;
    status->permissions = from->st_mode & 07777;
    status->user_id = from->st_uid;
    status->group_id = from->st_gid;
    status->link_count = (uint32_t)from->st_nlink;
}

int32_t fr_status_of(int32_t descriptor, fr_status *status) {
    struct stat found;
    int result = RETRY(fstat(descriptor, &found));
    if (result == 0) fill(&found, status);
    return result;
}

int32_t fr_status_at(int32_t folder, const char *path, int32_t follow_link, fr_status *status) {
    struct stat found;
    int result = RETRY(fstatat(folder < 0 ? AT_FDCWD : folder, path, &found, follow_link ? 0 : AT_SYMLINK_NOFOLLOW));
    if (result == 0) fill(&found, status);
    return result;
}

int32_t fr_rename(const char *from, const char *to) { return RETRY(rename(from, to)); }
int32_t fr_link(const char *existing, const char *name) { return RETRY(link(existing, name)); }
int32_t fr_unlink(const char *path) { return RETRY(unlink(path)); }
int32_t fr_remove_folder(const char *path) { return RETRY(rmdir(path)); }
int32_t fr_make_folder(const char *path, uint32_t permissions) { return RETRY(mkdir(path, (mode_t)permissions)); }

int32_t fr_change_owner(int32_t descriptor, uint32_t user, uint32_t group) {
    return RETRY(fchown(descriptor, user, group));
}

int64_t fr_folder_entries(int32_t descriptor, void *buffer, size_t count) {
    return RETRY(getdents64(descriptor, buffer, count));
}

int64_t fr_resolve(const char *path, char *buffer, size_t count) {
    char *resolved = realpath(path, NULL);
    if (!resolved) return -errno;
    size_t length = strlen(resolved);
    if (length <= count) memcpy(buffer, resolved, length);
    free(resolved);
    return length <= count ? (int64_t)length : -ENAMETOOLONG;
}

int64_t fr_current_folder(char *buffer, size_t count) {
    return getcwd(buffer, count) ? (int64_t)strlen(buffer) : -errno;
}

#define GLUSTERFS_FUSE_MAGIC 0x65735546
#define CEPH_MAGIC 0x00c36400
#define CIFS_MAGIC 0xff534d42
#define SMB2_MAGIC 0xfe534d42

int32_t fr_file_system_of(const char *path, fr_file_system *result) {
    struct statfs found;
    int code = RETRY(statfs(path, &found));
    if (code < 0) return code;
    uint64_t block = found.f_frsize ? (uint64_t)found.f_frsize : (uint64_t)found.f_bsize;
    result->free_bytes = found.f_bavail * block;
    result->total_bytes = found.f_blocks * block;
    result->free_inodes = found.f_ffree;
    result->total_inodes = found.f_files;
    result->is_read_only = (found.f_flags & ST_RDONLY) != 0;
    switch ((uint32_t)found.f_type) {
    case NFS_SUPER_MAGIC: case SMB_SUPER_MAGIC: case CIFS_MAGIC: case SMB2_MAGIC: case GLUSTERFS_FUSE_MAGIC:
    case CEPH_MAGIC: case V9FS_MAGIC: case AFS_SUPER_MAGIC: result->is_network = 1; break;
    default: result->is_network = 0;
    }
    return 0;
}

int32_t fr_watch_descriptor(void) { return RETRY(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); }

int32_t fr_watch_add(int32_t descriptor, const char *path, uint32_t mask) {
    return RETRY(inotify_add_watch(descriptor, path, mask));
}

int32_t fr_watch_remove(int32_t descriptor, int32_t watch) { return RETRY(inotify_rm_watch(descriptor, watch)); }

static struct flock whole(int32_t kind, int64_t start, int64_t length) {
    struct flock lock = {0};
    lock.l_type = kind == FR_LOCK_EXCLUSIVE ? F_WRLCK : kind == FR_LOCK_SHARED ? F_RDLCK : F_UNLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    return lock;
}

int32_t fr_lock(int32_t descriptor, int32_t kind, int64_t start, int64_t length, int32_t wait) {
    struct flock lock = whole(kind, start, length);
    int result = RETRY(fcntl(descriptor, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock));
    return result == -EACCES ? -EAGAIN : result;
}

int32_t fr_is_locked(int32_t descriptor, int32_t kind, int64_t start, int64_t length) {
    struct flock lock = whole(kind, start, length);
    int result = RETRY(fcntl(descriptor, F_OFD_GETLK, &lock));
    return result < 0 ? result : lock.l_type != F_UNLCK;
}
