/* Greets by name. The bindings to `hello.wit` are generated. */

#include "bindings/hello.h"
#include <stdlib.h>
#include <string.h>

void exports_hello_greet(hello_string_t *name, hello_greeting_t *ret) {
    static const char before[] = "Hello, ", nobody[] = "World", after[] = "!";
    const void *whom = name ? name->ptr : (const void *)nobody;
    size_t length = name ? name->len : strlen(nobody);
    /* The host frees it when it has read it. */
    ret->greeting.len = strlen(before) + length + strlen(after);
    ret->greeting.ptr = malloc(ret->greeting.len);
    if (!ret->greeting.ptr) abort();
    uint8_t *at = ret->greeting.ptr;
    memcpy(at, before, strlen(before));
    memcpy(at += strlen(before), whom, length);
    memcpy(at += length, after, strlen(after));
    if (name) hello_string_free(name);
}
