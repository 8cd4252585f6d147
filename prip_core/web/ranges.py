"""The part of a file that a client asks for (RFC 9110, clause 14): one byte range, or all of it."""

from __future__ import annotations

from dataclasses import dataclass


class UnsatisfiableRange(Exception):
    """The range begins behind the end of the file.

    :param length: bytes of the file.
    """

    def __init__(self, length: int) -> None:
        super().__init__(f"the range begins behind the last of {length} bytes")
        self.length = length


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes ``[start, stop)`` of a file of ``length`` bytes."""

    start: int
    stop: int
    length: int

    @property
    def size(self) -> int:
        """Bytes in it."""
        return self.stop - self.start

    def __str__(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.length}"


def read_range(header: str | None, length: int) -> ByteRange | None:
    """The range that a ``Range`` header asks for; ``None`` means the whole file.

    A malformed header, another unit and more than one range are ignored, as the standard allows.

    :raises UnsatisfiableRange: it begins behind the end.
    """
    unit, _, specification = (header or "").partition("=")
    first, dash, last = (part.strip() for part in specification.partition("-"))
    if unit.strip().lower() != "bytes" or not dash or not (first or last):
        return None
    if not all(_is_number(part) for part in (first, last) if part):
        return None
    if not first:
        return _suffix(int(last), length)
    return _from(int(first), int(last) if last else None, length)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _suffix(size: int, length: int) -> ByteRange | None:
    if size == 0:
        raise UnsatisfiableRange(length)
    return ByteRange(max(0, length - size), length, length) if length else None


def _from(start: int, last: int | None, length: int) -> ByteRange | None:
    if last is not None and last < start:
        return None
    if start >= length:
        raise UnsatisfiableRange(length)
    return ByteRange(start, length if last is None else min(last + 1, length), length)
