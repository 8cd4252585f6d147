"""Checksums as PostgreSQL keeps them: all as bytes, since a column has one type, and told apart by their length."""

from __future__ import annotations

from prip_core.catalogue.checksum_rows import packed_digest

_FILLER = b"\xff"
"""No text in UTF-8 has such a byte."""

TEXT = (
    "CASE octet_length(c.value) & 1 WHEN 0 THEN encode(c.value, 'hex') "
    "ELSE convert_from(trim('\\xff'::bytea FROM c.value), 'UTF8') END COLLATE \"C\""
)
"""The SQL of what :func:`stored_text` says, of ``checksum AS c``."""


def stored_digest(value: str) -> bytes:
    """An even number of bytes in lower-case hexadecimal digits as they are; other texts filled up to an odd number."""
    packed = packed_digest(value)
    if isinstance(packed, bytes) and len(packed) % 2 == 0:
        return packed
    text = value.encode()
    return text + (_FILLER if len(text) % 2 == 0 else 2 * _FILLER)


def stored_text(stored: bytes) -> str:
    """The text that :func:`stored_digest` was given."""
    return stored.hex() if len(stored) % 2 == 0 else stored.rstrip(_FILLER).decode()
