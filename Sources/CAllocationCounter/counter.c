#define _GNU_SOURCE
#include "allocation_counter.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The C library's own functions, under the names that it keeps for replacements like this one. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

enum { most_ranges = 64 };

static atomic_int is_counting;
static atomic_long count;
static struct { uintptr_t begin, end; } foreign[most_ranges];
static int foreign_count;

static int add_range(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size;
  (void)unused;
  const char *name = info->dlpi_name;
  int is_foreign = strstr(name, "openblas") || strstr(name, "libblas") || strstr(name, "libmpi") ||
                   strstr(name, "open-pal") || strstr(name, "open-rte") || strstr(name, "openmpi") ||
                   strstr(name, "pmix") || strstr(name, "libucp") || strstr(name, "libucs") ||
                   strstr(name, "libuct") || strstr(name, "libfabric") || strstr(name, "hwloc") ||
                   strstr(name, "libevent");
  if (!is_foreign) return 0;
  for (int i = 0; i < info->dlpi_phnum && foreign_count < most_ranges; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    foreign[foreign_count].begin = info->dlpi_addr + part->p_vaddr;
    foreign[foreign_count].end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
    foreign_count++;
  }
  return 0;
}

void portolan_start_counting_allocations(void) {
  foreign_count = 0;
  dl_iterate_phdr(add_range, NULL);
  atomic_store(&count, 0);
  atomic_store(&is_counting, 1);
}

long portolan_stop_counting_allocations(void) {
  atomic_store(&is_counting, 0);
  return atomic_load(&count);
}

static inline void note(void *caller) {
  if (!atomic_load_explicit(&is_counting, memory_order_relaxed)) return;
  uintptr_t address = (uintptr_t)caller;
  for (int i = 0; i < foreign_count; i++)
    if (address >= foreign[i].begin && address < foreign[i].end) return;
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
  note(__builtin_return_address(0));
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  note(__builtin_return_address(0));
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  note(__builtin_return_address(0));
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  note(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  note(__builtin_return_address(0));
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *block = memory;
  return 0;
}
