/* A slow disk without a slow disk: fsync and fdatasync wait SLOW_DISK_US microseconds longer. For benchmarks only. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *wish = getenv("SLOW_DISK_US");
    if (wish) usleep((useconds_t)atoi(wish));
    return real(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
