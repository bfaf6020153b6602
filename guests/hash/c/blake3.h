/* The hash function BLAKE3, as its paper has it, without keys: 32 bytes of any number of bytes. */

#include <stddef.h>
#include <stdint.h>

void blake3(const uint8_t *bytes, size_t length, uint8_t hash[32]);
