"""Opaque texts that clients carry from one answer to the next question: readable by this service, for one question."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import orjson

from prip_core.errors import BadQuery

_DIGEST_BYTES = 6
_INT64 = range(-(2**63), 2**63)


def write_token(members: Sequence[object], question: str) -> str:
    """The token that holds these members.

    :param question: what was asked, as text. The token can be used with the same question alone.
    """
    return _encoded([_digest(question), *members])


def read_token(option: str, text: str, question: str) -> list[Any]:
    """The members of a token, whatever their types.

    :param option: that it came with, for errors.
    :raises BadQuery: this service did not write it, or for another question.
    """
    try:
        members = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise foreign(option) from error
    if not isinstance(members, list) or not members or _encoded(members) != text:
        raise foreign(option)
    digest, *rest = members
    if digest != _digest(question):
        raise BadQuery(f"{option} belongs to another $filter or $orderby; follow the link of the answer as it stands")
    return rest


def is_number(member: object) -> bool:
    """The member is a whole number of 64 bits, as ``seq`` and ``change_seq`` are."""
    return type(member) is int and member in _INT64


def foreign(option: str) -> BadQuery:
    """The error about a token that this service did not write."""
    return BadQuery(f"{option} is none of this service; follow the link of the answer as it stands")


def _digest(question: str) -> str:
    return blake2b(question.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def _encoded(members: Sequence[object]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(members)).decode().rstrip("=")
