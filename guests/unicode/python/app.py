"""Puts a snowman between two delimiters: text that is not ASCII, in, out and in the log.

It answers as OpenWhisk's own test of Unicode wants it.
"""

from wow_action import Error


def main(parameters):
    delimiter = parameters.get("delimiter")
    if delimiter is None:
        raise Error("there is no delimiter")
    winter = f"{delimiter} ☃ {delimiter}"
    print(winter)
    return {"winter": winter}
