"""Makes a component of `main` in `app.py`: JSON in, JSON out, an `Error` is the action's own."""

import json
import os
import sys
import traceback

import componentize_py_types
from wit_world import exports


class Error(Exception):
    """The action's own error: a sentence, or any value that JSON knows."""

    def __init__(self, value):
        super().__init__(value)
        self.value = value


class Handler(exports.Handler):
    def run(self, parameters: str) -> str:
        try:
            result = app.main(json.loads(parameters))
            return written({} if result is None else result)
        except Error as error:
            raise refused(error.value)
        except (MemoryError, RecursionError):
            # The interpreter is at its end: a failure, not an answer.
            traceback.print_exc()
            sys.stdout.flush()
            os.abort()
        except SystemExit as end:
            leave(end.code)
        except Exception as error:
            # Nobody meant this one: it tells the developer where it was.
            traceback.print_exc()
            raise refused(f"{type(error).__name__}: {error}")
        finally:
            # The interpreter never ends, so nothing else writes what it holds.
            sys.stdout.flush()


def leave(code):
    """What the interpreter does at its own end, without a traceback."""
    if isinstance(code, str):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    os._exit(0 if code is None or code == 0 else 1)


def written(value) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def refused(value) -> componentize_py_types.Err:
    return componentize_py_types.Err(written(value))


# Last: the action imports `Error` from here.
import app  # noqa: E402
