"""``Content-Disposition``: what a client is to do with a file, and under which name it is to save it."""

from __future__ import annotations

from urllib.parse import quote


def disposition(kind: str, name: str) -> str:
    """The header's value, with every name; signs that a header cannot have are there in UTF-8 as well.

    :param kind: ``attachment`` or ``inline``.
    """
    plain = "".join(character if " " <= character <= "~" and character not in '"\\' else "_" for character in name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{kind}; filename="{plain}"{extended}'
