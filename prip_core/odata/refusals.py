"""Sentences about a place in a filter."""

from __future__ import annotations

from prip_core.errors import BadQuery, UnsupportedQuery


def bad(position: int, sentence: str, option: str = "$filter") -> BadQuery:
    """What is wrong at a character (counted from 1) of an option."""
    return BadQuery(f"{option} at character {position}: {sentence}")


def unsupported(position: int, sentence: str, option: str = "$filter") -> UnsupportedQuery:
    """What is not served at a character (counted from 1) of an option."""
    return UnsupportedQuery(f"{option} at character {position}: {sentence}")
