#include "build_information.h"

const char *portolan_commit(void) { return PORTOLAN_COMMIT; }
