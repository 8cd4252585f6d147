"""Links that give an object without credentials for a while."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

_LONGEST = timedelta(days=7)  # no server takes more for a signature of version 4


def link_seconds(lifetime: timedelta) -> int:
    """How long a link may be good for."""
    return max(1, int(min(lifetime, _LONGEST).total_seconds()))


def content_disposition(filename: str) -> str:
    """``Content-Disposition``: save it, under this name."""
    plain = "".join(sign if " " <= sign <= "~" and sign not in '"\\' else "_" for sign in filename)
    extended = "" if plain == filename else f"; filename*=UTF-8''{quote(filename, safe='')}"
    return f'attachment; filename="{plain}"{extended}'
