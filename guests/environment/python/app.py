"""Returns the environment variables that it sees."""

from os import environ

CONTEXT = ["api_host", "api_key", "namespace", "action_name", "action_version", "activation_id", "deadline"]


def main(parameters):
    """`names`: only these. `context`: only what OpenWhisk says, without the `__OW_` and in lower case."""
    if parameters.get("context"):
        return {name: environ.get(f"__OW_{name.upper()}") for name in CONTEXT}
    # `None` is a variable that is not there.
    return {name: environ.get(name) for name in parameters.get("names", list(environ))}
