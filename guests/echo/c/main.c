/* Returns its parameters, an object or an array, and writes to both streams. It is a JSON action, whose
   text it returns as it came. The bindings to `echo.wit` are generated.

   The two lines are what OpenWhisk's own test of an echo action looks for. */

#include "bindings/echo.h"
#include <stdio.h>

bool exports_wow_action_handler_run(exports_wow_action_handler_json_t *parameters,
                                    exports_wow_action_handler_json_t *ret,
                                    exports_wow_action_handler_json_t *err) {
    (void)err;
    puts("hello stdout");
    fputs("hello stderr\n", stderr);
    /* Nobody ends the program, so nobody else writes what it holds. */
    fflush(stdout);
    *ret = *parameters;
    return true;
}
