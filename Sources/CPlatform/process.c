// Processes, signals, users, and what a program knows of its surroundings.
#include "retry.h"
#include "CPlatform.h"
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void fr_ignore_signal(int32_t number) { signal(number, SIG_IGN); }

static void set_of(const int32_t *signals, int32_t count, sigset_t *set) {
    sigemptyset(set);
    for (int32_t i = 0; i < count; i++) sigaddset(set, signals[i]);
}

int32_t fr_block_signals(const int32_t *signals, int32_t count) {
    sigset_t set;
    set_of(signals, count, &set);
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int32_t fr_signal_descriptor(const int32_t *signals, int32_t count) {
    sigset_t set;
    set_of(signals, count, &set);
    int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int32_t fr_next_signal(int32_t descriptor) {
    struct signalfd_siginfo info;
    ssize_t result = RETRY(read(descriptor, &info, sizeof info));
    return result < 0 ? (int32_t)result : (int32_t)info.ssi_signo;
}

// Sources and targets may overlap, so the sources are first copied out of the way; the copies are close-on-exec.
int32_t fr_spawn(
    const char *program, char *const *arguments, char *const *environment, const int32_t *inherited, const int32_t *as,
    int32_t count, int32_t *process_id, int32_t *process_descriptor) {
    int32_t highest = 3;  // all numbers in the child lie below
    for (int32_t i = 0; i < count; i++)
        if (as[i] >= highest) highest = as[i] + 1;
    int copies[count > 0 ? count : 1];
    int32_t copied = 0, result = 0;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (; copied < count && result == 0; copied++) {
        int source = inherited[copied] >= 0 ? fcntl(inherited[copied], F_DUPFD_CLOEXEC, highest)
                                            : open("/dev/null", O_RDWR | O_CLOEXEC);
        if (source >= 0 && source < highest) {
            int moved = fcntl(source, F_DUPFD_CLOEXEC, highest);
            int error = errno;
            close(source);
            source = moved;
            errno = error;
        }
        if (source < 0) {
            result = -errno;
            break;
        }
        copies[copied] = source;
        result = -posix_spawn_file_actions_adddup2(&actions, source, as[copied]);
    }
    // What we got without close-on-exec from whoever started us must not be passed on either.
    for (int32_t number = 3; number < highest && result == 0; number++) {
        int32_t wanted = 0;
        for (int32_t i = 0; i < count; i++) wanted |= as[i] == number;
        if (!wanted) result = -posix_spawn_file_actions_addclose(&actions, number);
    }
    if (result == 0) result = -posix_spawn_file_actions_addclosefrom_np(&actions, highest);
    if (result == 0) {
        // Whoever started us may have ignored it, and we with him: then the kernel reaps, and nobody learns how a child ended.
        signal(SIGCHLD, SIG_DFL);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        pid_t child = 0;
        result = -posix_spawn(&child, program, &actions, &attributes, arguments, environment);
        if (result == 0) {
            // By number: older glibc headers lack the wrapper, and seccomp filters sometimes the call (ENOSYS, EPERM).
            // Nobody has reaped the child yet, so the number can't be another process's.
            long descriptor = syscall(SYS_pidfd_open, child, 0);
            if (descriptor < 0) {
                result = -errno;
                kill(child, SIGKILL);
                RETRY(waitpid(child, NULL, 0));
            } else {
                *process_id = child;
                *process_descriptor = (int32_t)descriptor;
            }
        }
    }
    for (int32_t i = 0; i < copied; i++) close(copies[i]);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

int32_t fr_kill(int32_t process_descriptor, int32_t number) {
    return syscall(SYS_pidfd_send_signal, process_descriptor, number, NULL, 0) < 0 ? -errno : 0;
}

int32_t fr_reap(int32_t process_id, int32_t wait, int32_t *code, int32_t *number) {
    int status = 0;
    pid_t found = RETRY(waitpid(process_id, &status, wait ? 0 : WNOHANG));
    if (found <= 0) return found;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    *number = WIFSIGNALED(status) ? WTERMSIG(status) : -1;
    return 1;
}

const char *fr_signal_name(int32_t number) { return sigabbrev_np(number); }
int32_t fr_process_id(void) { return getpid(); }

// A group of thousands of members is long; pages that aren't touched cost nothing.
static const size_t longest_entry = 1 << 20;

int32_t fr_user_named(const char *name, fr_user *user) {
    char *buffer = malloc(longest_entry);
    if (!buffer) return -ENOMEM;
    struct passwd entry, *found = NULL;
    int error = getpwnam_r(name, &entry, buffer, longest_entry, &found);
    if (found) *user = (fr_user){found->pw_uid, found->pw_gid};
    free(buffer);
    return found ? 0 : error ? -error : -ENOENT;
}

int32_t fr_group_named(const char *name, uint32_t *group_id) {
    char *buffer = malloc(longest_entry);
    if (!buffer) return -ENOMEM;
    struct group entry, *found = NULL;
    int error = getgrnam_r(name, &entry, buffer, longest_entry, &found);
    if (found) *group_id = found->gr_gid;
    free(buffer);
    return found ? 0 : error ? -error : -ENOENT;
}

// Groups while still root, the user last; then proof that there is no way back.
int32_t fr_drop_privileges(const char *user_name, uint32_t user_id, uint32_t group_id) {
    if (initgroups(user_name, group_id) < 0) return -errno;
    if (setresgid(group_id, group_id, group_id) < 0) return -errno;
    if (setresuid(user_id, user_id, user_id) < 0) return -errno;
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    if (getresuid(&real, &effective, &saved) < 0 || getresgid(&real_group, &effective_group, &saved_group) < 0)
        return -errno;
    if (real != user_id || effective != user_id || saved != user_id) return -EPERM;
    if (real_group != group_id || effective_group != group_id || saved_group != group_id) return -EPERM;
    if (user_id != 0 && setuid(0) == 0) return -EPERM;
    return 0;
}

uint32_t fr_effective_user(void) { return geteuid(); }

char **fr_environment(void) { return environ; }
const char *fr_environment_value(const char *name) { return getenv(name); }
int32_t fr_is_terminal(int32_t descriptor) { return isatty(descriptor); }

int32_t fr_terminal_columns(int32_t descriptor) {
    struct winsize size = {0};
    return ioctl(descriptor, TIOCGWINSZ, &size) < 0 ? -errno : size.ws_col;
}

int64_t fr_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    if (limit.rlim_cur != limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    }
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

// Those that this process may use, which in a container are often fewer than the machine has.
int32_t fr_core_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

void fr_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void fr_exit(int32_t code) { exit(code); }
