#include "kernels.h"

#include <string.h>

ptrdiff_t weir_find_bytes(
    const uint8_t *text, size_t count, const uint8_t *part, size_t part_count) {
    if (part_count == 0) return 0;
    if (count < part_count) return -1;
    const uint8_t *place = memmem(text, count, part, part_count);
    return place == NULL ? -1 : place - text;
}
