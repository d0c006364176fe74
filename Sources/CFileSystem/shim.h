#ifndef PORTOLAN_CFILESYSTEM_SHIM_H
#define PORTOLAN_CFILESYSTEM_SHIM_H

#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

// Linux's sync_file_range, which the C library declares only under a feature macro that Swift does
// not set; flag 2 is SYNC_FILE_RANGE_WRITE.
static inline long cfilesystem_start_writing(int descriptor, long long offset, long long count) {
#ifdef SYS_sync_file_range
  extern long syscall(long number, ...);
  return syscall(SYS_sync_file_range, descriptor, offset, count, 2);
#else
  return 0;
#endif
}

#endif
