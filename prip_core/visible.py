"""Text of others, on its way to a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """Text with the signs spelled out that move a cursor, break a line, turn a line around or are not to be seen.

    Names of delivered files may have any: whoever looks at a list or a log must see what there is.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
