"""What changed since (OData 4.01 part 1, clause 11.3): the opaque text of a moment, and entries of what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson

from prip_core.odata.ast import Call, Function, Node
from prip_core.odata.parts import inside
from prip_core.odata.tokens import foreign, is_number, read_token, write_token

_OPTION = "$deltatoken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How far a client knows the list.

    :param origin: what tells the catalogue from others, which count otherwise.
    :param since: number of the last change that it knows of, as the publication clock counts them.
    :param known: no product behind this ``seq`` was ever shown to it.
    """

    origin: str
    since: int
    known: int


def write_moment(moment: Moment, question: str) -> str:
    """The token of a moment.

    :param question: the text of the filter. The token can be used with the same one alone.
    """
    return write_token([moment.origin, moment.since, moment.known], question)


def read_moment(text: str, question: str) -> Moment:
    """The moment of a token.

    :raises BadQuery: this service did not write it, or for another filter.
    """
    members = read_token(_OPTION, text, question)
    match members:
        case [str(origin), since, known] if is_number(since) and is_number(known):
            return Moment(origin=origin, since=since, known=known)
    raise foreign(_OPTION)


def removed_text(product: UUID, *, gone: bool) -> bytes:
    """The entry of a product that the list had and has no more, JSON: as OData 4.0 and as 4.01 write it.

    :param gone: it has left the list for good; otherwise it is there, but does not match any more.
    """
    reason = "deleted" if gone else "changed"
    address = f"Products({product})"
    return orjson.dumps(
        {
            "@odata.context": "$metadata#Products/$deletedEntity",
            "@odata.id": address,
            "id": address,
            "reason": reason,
            "@removed": {"reason": reason},
            "Id": product,
        }
    )


def can_be_tracked(condition: Node | None) -> bool:
    """Products come into and leave the list by their own changes alone, and not as time goes by (``now()``)."""
    if condition is None:
        return True
    return all(not isinstance(part, Call) or part.function is not Function.NOW for part in inside(condition))
