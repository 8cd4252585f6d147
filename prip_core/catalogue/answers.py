"""What an answer about a product is joined from: the columns that are read, and a row of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple
from uuid import UUID

import orjson

from prip_core.catalogue.database import Row
from prip_core.catalogue.documents import Documents
from prip_core.catalogue.fragments import Fragment


class ProductRow(NamedTuple):
    """What the answer about a product is joined from; a tuple, because a page makes a thousand of them.

    :param fixed: text of its members that never change, UTF-8.
    :param attributes: text of its ``Attributes``, ``None`` when it has none or they were not asked for.
    :param eviction_ms: EvictionDate, milliseconds since 1970-01-01 UTC.
    :param modification_ms: ModificationDate, milliseconds since 1970-01-01 UTC.
    :param id_bytes: its Id, the 16 bytes of the UUID.
    :param quicklooks: file names of its pictures, where they were asked for.
    :param deletion_ms: when it left the list, milliseconds since 1970-01-01 UTC; ``None`` while it is listed.
    :param deletion_cause: why it left the list, as far as that is known.
    """

    seq: int
    fixed: bytes
    attributes: bytes | None
    online: bool
    eviction_ms: int
    modification_ms: int
    id_bytes: bytes
    quicklooks: tuple[str, ...] = ()
    deletion_ms: int | None = None
    deletion_cause: str | None = None

    @property
    def id(self) -> UUID:
        """Its Id. Few answers need more of it than stands in ``fixed``."""
        return UUID(bytes=self.id_bytes)


_COLUMNS = (
    "p.seq, d.dictionary, d.content, p.online, p.eviction_date, p.modification_date, p.id, p.deletion_date, "
    "p.deletion_cause"
)


class Answers:
    """Reads rows of answers.

    :param expand: names of the navigations whose entities are wanted.
    """

    def __init__(self, documents: Documents, expand: frozenset[str]) -> None:
        self._documents = documents
        self._attributes = "Attributes" in expand
        self._quicklooks = bool(expand & {"Quicklooks", "Assets"})

    def columns(self, more: Iterable[str] = ()) -> Fragment:
        """Begins a question for products (``product AS p``); ``more`` columns stand behind those of the answer."""
        pictures = "d.quicklooks" if self._quicklooks else "NULL"
        names = ", ".join((_COLUMNS, pictures, *more))
        return Fragment(f"SELECT {names} FROM product AS p JOIN document AS d ON d.seq = p.seq")  # noqa: S608  # constants

    def row(self, row: Row) -> ProductRow:
        """From the columns to what they say."""
        seq, dictionary, content, online, eviction, modification, uuid, deletion, cause, pictures, *_ = row
        fixed, attributes = self._documents.unpack(dictionary, content)
        return ProductRow(
            seq,
            fixed,
            attributes if self._attributes else None,
            bool(online),
            eviction,
            modification,
            uuid,
            _file_names(pictures) if pictures else (),
            deletion,
            cause,
        )


ANSWER_COLUMNS = _COLUMNS.count(",") + 2
"""How many columns :meth:`Answers.columns` begins with."""


def _file_names(keys: str) -> tuple[str, ...]:
    names: Sequence[str] = orjson.loads(keys)
    return tuple(PurePosixPath(name).name for name in names)
