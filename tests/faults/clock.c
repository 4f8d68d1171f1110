/* A clock that is set forward or back at some instant: what settimeofday does to
   programs. The monotonic clock goes on, as it does then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static double from = 1e300, by = 0; /* seconds since 1970, and seconds */

void shift_clock(double at, double seconds) {
    from = at;
    by = seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (failed || clock != CLOCK_REALTIME)
        return failed;
    if ((double)now->tv_sec + 1e-9 * (double)now->tv_nsec >= from)
        now->tv_sec += (time_t)by;
    return failed;
}

time_t time(time_t *there) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (there)
        *there = now.tv_sec;
    return now.tv_sec;
}
