"""Who belongs to whom: products state the name of their parent without the suffix that it is delivered with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from prip_core.catalogue.database import Database, Row
from prip_core.catalogue.documents import Documents
from prip_core.times import parse_utc


def stems(name: str) -> Sequence[str]:
    """What the children of a product may call it: its delivered name, cut at any of its dots or not at all."""
    return [name, *(name[:place] for place, sign in enumerate(name) if sign == "." and place)]


def is_published(database: Database, parent: str) -> bool:
    """Whether a product has ever been published that children may call so.

    :param parent: its name without suffix.
    """
    condition, values = found_by(parent)
    return bool(database.rows_of(f"SELECT 1 FROM product AS p WHERE {condition} LIMIT 1", values))  # noqa: S608


def found_by(parent: str) -> tuple[str, Sequence[str]]:
    """The condition on ``product AS p`` that children may call it so: one range of the index of names."""
    # "/" follows the dot that a suffix begins with.
    condition = "p.name >= ? AND p.name < ? AND (p.name = ? OR p.name >= ?)"
    return condition, (parent, f"{parent}/", parent, f"{parent}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReport:
    """A quality report that was published, about another product.

    :param check: what was checked, as the report says (``checkName``).
    :param status: what came of it (``qualityStatus``).
    :param date: when it was made (``processingDate``), UTC.
    """

    id: UUID
    name: str
    online: bool
    check: str | None
    status: str | None
    date: datetime | None


class Relatives:
    """Reads products by what they belong to. Everything here may raise ``CatalogueUnavailable``."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._database = database
        self._documents = documents

    def is_published(self, parent: str) -> bool:
        """Whether a product has ever been published that children may call so.

        :param parent: its name without suffix.
        """
        return is_published(self._database, parent)

    def reports_about(self, name: str, types: Collection[str]) -> Sequence[KnownReport]:
        """The quality reports about a product, in order of publication, online or not.

        :param name: the product's, with its suffix.
        :param types: codes of the product types that are reports.
        """
        names, codes = stems(name), sorted(types)
        rows = self._database.rows_of(
            "SELECT p.id, p.name, p.online, d.dictionary, d.content "  # noqa: S608  # places
            "FROM product AS p JOIN document AS d ON d.seq = p.seq "
            f"WHERE p.parent IN ({_places(names)}) AND p.product_type IN ({_places(codes)}) ORDER BY p.seq",
            [*names, *codes],
        )
        return [self._report(row) for row in rows]

    def _report(self, row: Row) -> KnownReport:
        uuid, name, online, dictionary, content = row
        stated = _values(self._documents.unpack(dictionary, content)[1])
        check, status, date = (stated.get(each) for each in ("checkName", "qualityStatus", "processingDate"))
        return KnownReport(
            id=UUID(bytes=uuid),
            name=name,
            online=bool(online),
            check=check if isinstance(check, str) else None,
            status=status if isinstance(status, str) else None,
            date=parse_utc(date) if isinstance(date, str) else None,
        )


def _values(attributes: bytes | None) -> Mapping[str, Any]:
    return {each["Name"]: each["Value"] for each in orjson.loads(attributes)} if attributes else {}


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values)) or "NULL"
