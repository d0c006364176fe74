/* Counts the calls of malloc and its kin in a process that loads this library first (LD_PRELOAD).
   Calls that OpenBLAS and Open MPI make for themselves are not counted. */
#ifndef PORTOLAN_ALLOCATION_COUNTER_H
#define PORTOLAN_ALLOCATION_COUNTER_H

/* Starts to count, from zero. */
void portolan_start_counting_allocations(void);
/* Ends the count and gives the number of calls since its start. */
long portolan_stop_counting_allocations(void);

#endif
