/* A program as for any other machine: reads JSON, prints JSON, exits. It looks for its
   few parameters as text: what it shows is the program, not a JSON library. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char input[1 << 16];

/* The string of a key without escapes, or NULL. */
static char *string(const char *key) {
    char pattern[32];
    snprintf(pattern, sizeof pattern, "\"%s\":\"", key);
    char *start = strstr(input, pattern);
    if (!start) return NULL;
    start += strlen(pattern);
    size_t length = strcspn(start, "\"");
    char *value = malloc(length + 1);
    memcpy(value, start, length);
    value[length] = '\0';
    return value;
}

int main(int argc, char **argv) {
    size_t length = fread(input, 1, sizeof input - 1, stdin);
    input[length] = '\0';
    char *words;
    if ((words = string("fail"))) {
        printf("[\"not the result\"]\n");
        fprintf(stderr, "first\n%s\n", words);
        return 1;
    }
    if ((words = string("panic"))) {
        fprintf(stderr, "%s\n", words);
        abort();
    }
    if ((words = string("print"))) {
        printf("%s\n", words);
        return 0;
    }
    char *bytes = strstr(input, "\"bytes\":");
    if (bytes) {
        for (long left = atol(bytes + strlen("\"bytes\":")); left > 0; left--) putchar('x');
        putchar('\n');
    }
    fprintf(stderr, "greeting\n");
    printf("about to greet\n");
    const char *name = string("name");
    const char *same = argc < 2 || !strcmp(argv[1], input) ? "true" : "false";
    printf("{\"greeting\":\"Hello, %s!\",\"same\":%s}\n", name ? name : "World", same);
    if (strstr(input, "\"exit\":true")) exit(0);
    return 0;
}
