/* Makes calls of a process to the file system fail, or kills the process at one of them. The environment says which:
 *
 * FAULT_CALLS  names of calls with a comma before and after each, such as ,write,rename,
 * FAULT_PATH   only calls for files whose path has this in it
 * FAULT_FROM   the number of the first call that fails, from 1 on
 * FAULT_COUNT  how many calls fail from there on
 * FAULT_ERROR  errno of calls that fail; 0 kills the process instead
 * FAULT_TOTAL  a file that gets the number of calls that fit, at the end of the process
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static const char *names, *place;
static long from, count;
static int error;

static long number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void begin(void) {
    names = getenv("FAULT_CALLS");
    place = getenv("FAULT_PATH");
    from = number("FAULT_FROM", 0);
    count = number("FAULT_COUNT", 1);
    error = (int)number("FAULT_ERROR", EIO);
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_TOTAL");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld", atomic_load(&calls));
        fclose(file);
    }
}

/* Whether a call has to fail. */
static int fails(const char *call, const char *path) {
    char wanted[32];
    snprintf(wanted, sizeof wanted, ",%s,", call);
    if (!names || !strstr(names, wanted) || (place && !strstr(path, place))) return 0;
    long at = atomic_fetch_add(&calls, 1) + 1;
    if (!from || at < from || at >= from + count) return 0;
    if (error == 0) kill(getpid(), SIGKILL);
    errno = error;
    return 1;
}

static int fails_at(const char *call, int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return fails(call, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OF_PATH(call, name, parameters, path, ...) \
    int name parameters { return fails(call, path) ? -1 : REAL(name)(__VA_ARGS__); }
#define OF_FILE(type, call, name, parameters, file, ...) \
    type name parameters { return fails_at(call, file) ? -1 : REAL(name)(__VA_ARGS__); }

OF_FILE(ssize_t, "write", write, (int f, const void *b, size_t n), f, f, b, n)
OF_FILE(ssize_t, "write", writev, (int f, const struct iovec *v, int n), f, f, v, n)
OF_FILE(ssize_t, "write", pwrite, (int f, const void *b, size_t n, off_t o), f, f, b, n, o)
OF_FILE(ssize_t, "write", pwrite64, (int f, const void *b, size_t n, off64_t o), f, f, b, n, o)
OF_FILE(int, "truncate", ftruncate, (int f, off_t n), f, f, n)
OF_FILE(int, "truncate", ftruncate64, (int f, off64_t n), f, f, n)
OF_FILE(int, "sync", fsync, (int f), f, f)
OF_FILE(int, "sync", fdatasync, (int f), f, f)
OF_FILE(int, "lock", flock, (int f, int o), f, f, o)
OF_PATH("rename", rename, (const char *a, const char *b), a, a, b)
OF_PATH("link", link, (const char *a, const char *b), a, a, b)
OF_PATH("link", linkat, (int d, const char *a, int e, const char *b, int o), a, d, a, e, b, o)
OF_PATH("unlink", unlink, (const char *p), p, p)
OF_PATH("unlink", rmdir, (const char *p), p, p)
OF_PATH("mkdir", mkdir, (const char *p, mode_t m), p, p, m)

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        if ((flags & O_CREAT) && fails("create", path)) return -1; \
        return REAL(name)(path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
