/* Hashes a text with BLAKE3, then its hash, and so on: work for the processor and nothing else. The
   bindings to `hash.wit` are generated. */

#include "bindings/hash.h"
#include "blake3.h"

bool exports_hash_hash(uint32_t iterations, hash_string_t *input, hash_digest_t *ret,
                       hash_string_t *err) {
    static const char digits[] = "0123456789abcdef";
    if (!iterations) {
        hash_string_dup(err, "no iteration makes no hash");
        return false;
    }
    uint8_t hash[32];
    blake3(input ? input->ptr : (const uint8_t *)"", input ? input->len : 0, hash);
    for (uint32_t i = 1; i < iterations; i++) blake3(hash, sizeof hash, hash);
    char hex[64];
    for (int i = 0; i < 64; i++) hex[i] = digits[i % 2 ? hash[i / 2] & 15 : hash[i / 2] >> 4];
    hash_string_dup_n(&ret->hash, hex, sizeof hex);
    if (input) hash_string_free(input);
    return true;
}
