/* A wall clock that a test puts wrong: real time and as many seconds as the file says that CHAOS_CLOCK_FILE names (eight bytes,
   as this machine writes a signed number). Which file, is looked up at each question: a process that was forked gets one of its
   own. What measures how long something takes (CLOCK_MONOTONIC) goes on as it was. Loaded before libc (LD_PRELOAD). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char named[512];
static const volatile long long *wrong_by;
static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;

static void look(const char *path) {
    if (pthread_mutex_trylock(&looking)) return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *found = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *wrong_by, PROT_READ, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    /* The one before stays mapped: somebody may be reading it. */
    wrong_by = found == MAP_FAILED ? NULL : found;
    strncpy(named, path, sizeof named - 1);
    pthread_mutex_unlock(&looking);
}

static long long offset(void) {
    const char *path = getenv("CHAOS_CLOCK_FILE");
    if (!path || !*path) return 0;
    if (strncmp(path, named, sizeof named - 1)) look(path);
    return wrong_by ? *wrong_by : 0;
}

int clock_gettime(clockid_t which, struct timespec *at) {
    int failed = (int)syscall(SYS_clock_gettime, which, at);
    if (!failed && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE || which == CLOCK_TAI)) at->tv_sec += offset();
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *at, int base) {
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, at) ? base : 0;
}
