/* Adds two numbers. The bindings to `add.wit` are generated. */

#include "bindings/add.h"
#include <inttypes.h>
#include <stdio.h>

bool exports_add_add(int64_t a, int64_t b, add_total_t *ret, add_string_t *err) {
    if (!__builtin_add_overflow(a, b, &ret->sum)) return true;
    /* Two numbers of 20 digits at most, and the words. */
    char words[96];
    snprintf(words, sizeof words,
             "the sum of %" PRId64 " and %" PRId64 " does not fit in 64 bits", a, b);
    add_string_dup(err, words);
    return false;
}
