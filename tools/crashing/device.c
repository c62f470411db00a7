// A disk with a write cache, put under User Mode Linux by LD_PRELOAD: what was written since the last flush is noted, with what
// stood there before, so that a power cut can take it away again (disk.py).
//
// CRASH_DISK is the image, CRASH_LOG the file of notes. A note, in the host's byte order:
//
//     offset  size  field
//          0     8  offset in the image
//          8     8  length n
//         16     n  what stood there before
//     16 + n     n  what was written
//
// A flush empties the file. A write is noted before it is made; the notes go before User Mode Linux hears that it was flushed.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

static struct stat image;
static int notes = -1;
// The kernel of User Mode Linux is one thread of this host, and the only one that writes to a hostfs.
static struct {
    uint64_t offset, length;
    char bytes[2 * CHUNK];
} note;

__attribute__((constructor)) static void begin(void) {
    const char *disk = getenv("CRASH_DISK"), *log = getenv("CRASH_LOG");
    if (disk && log && stat(disk, &image) == 0)
        notes = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_disk(int descriptor) {
    struct stat status;
    return notes >= 0 && fstat(descriptor, &status) == 0 && status.st_ino == image.st_ino && status.st_dev == image.st_dev;
}

static void all_or_abort(ssize_t done, size_t length) {
    if (done != (ssize_t)length)
        abort();
}

/// Notes that `length` bytes at `offset` become `bytes`.
static void take_note(int descriptor, const char *bytes, size_t length, off64_t offset) {
    for (size_t at = 0; at < length; at += CHUNK) {
        size_t part = length - at < CHUNK ? length - at : CHUNK;
        note.offset = offset + at;
        note.length = part;
        all_or_abort(syscall(SYS_pread64, descriptor, note.bytes, part, offset + at), part);
        memcpy(note.bytes + part, bytes + at, part);
        all_or_abort(syscall(SYS_write, notes, &note, 16 + 2 * part), 16 + 2 * part);
    }
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
    if (is_disk(descriptor))
        take_note(descriptor, bytes, length, offset);
    return syscall(SYS_pwrite64, descriptor, bytes, length, offset);
}

static int flush(int descriptor, long call) {
    int result = syscall(call, descriptor);
    if (result == 0 && is_disk(descriptor))
        all_or_abort(syscall(SYS_ftruncate, notes, 0), 0);
    return result;
}

int fsync(int descriptor) { return flush(descriptor, SYS_fsync); }

int fdatasync(int descriptor) { return flush(descriptor, SYS_fdatasync); }
