"""Checksums as the catalogue keeps them: as bytes where that loses nothing, half the size of their text."""

from __future__ import annotations

import re

_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)


def packed_digest(value: str) -> str | bytes:
    """Lower-case hexadecimal digits as bytes; any other text as it is."""
    return bytes.fromhex(value) if _HEX.fullmatch(value) else value


def digest_text(stored: str | bytes) -> str:
    """The text that :func:`packed_digest` was given."""
    return stored.hex() if isinstance(stored, bytes) else stored
