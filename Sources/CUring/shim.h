#define _GNU_SOURCE
#include <liburing.h>
