import sys

from wow_action import Error


def main(parameters):
    name = parameters.get("name", "World")
    if not name:
        raise Error("nobody to greet")
    print(f"greeting {name}", file=sys.stderr)
    return {"greeting": f"Hello, {name}!"}
