"""The order of a page, and where it begins behind a position: at equal cost however far that is."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from prip_core.catalogue.database import Row
from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.scalars import NULLABLE_COLUMNS, column_of, stored
from prip_core.odata.ast import OrderBy, Value
from prip_core.odata.edm import Primitive
from prip_core.odata.options import Query
from prip_core.odata.positions import Position


class Keyset:
    """The keys of an order, ``seq`` as the last one.

    :param by_index: an index may be chosen for its order.
    """

    def __init__(self, dialect: Dialect, query: Query, *, by_index: bool) -> None:
        self._dialect = dialect
        self._query = query
        self._by_index = by_index
        self.keys = _keys(query.order)

    def order(self) -> Fragment:
        """The ORDER BY."""
        return Fragment(f"ORDER BY {', '.join(self._key(name, descending=down) for name, down in self.keys)}")

    def behind(self, position: Position) -> Fragment:
        """The condition that a product comes behind a position."""
        return enclosed(joined(" OR ", [enclosed(joined(" AND ", stage)) for stage in self.stages(position)]))

    def stages(self, position: Position) -> list[list[Fragment]]:
        """What comes behind a position in parts, the nearest first, each with the conditions that all hold there.

        First those equal to it in every key, with another ``seq``; then those equal in one key less, and so on. Each
        part is one range of the first key's index, however many products are equal to the position.
        """
        values = [*self._values(position), position.seq]
        stages: list[list[Fragment]] = []
        equal: list[Fragment] = []
        for (name, descending), value in zip(self.keys, values, strict=True):
            column = self._column(name)
            if (beyond := _beyond(name, column, value, descending=descending)) is not None:
                stages.append([*equal, beyond])
            equal.append(Fragment(f"{column} IS NULL") if value is None else Fragment(f"{column} = ?", (value,)))
        return stages[::-1]

    def _values(self, position: Position) -> Sequence[str | int | float | bytes | None]:
        kept = position.values[: len(self.keys) - 1]
        return [None if value is None else stored(value) for value in kept]

    def _key(self, name: str, *, descending: bool) -> str:
        nulls = (" NULLS LAST" if descending else " NULLS FIRST") if name in NULLABLE_COLUMNS else ""
        return f"{self._column(name)} {'DESC' if descending else 'ASC'}{nulls}"

    def _column(self, name: str) -> str:
        return f"p.{name}" if self._by_index else self._dialect.unindexed(name)


def position_columns(query: Query) -> list[str]:
    """The columns of the order's keys, from which :func:`position_of` is made."""
    return [] if query.in_publication_order else [f"p.{column_of(key)}" for key in query.order]


def position_of(query: Query, seq: int, values: Row) -> Position:
    """The position of a product.

    :param values: of the :func:`position_columns`.
    """
    return Position(values=tuple(map(_value, query.order, values)) if values else (), seq=seq)


def _value(key: OrderBy, value: str | int | float | bytes | None) -> Value | None:
    if isinstance(value, bytes | memoryview):
        return UUID(bytes=bytes(value))
    return bool(value) if key.property.type is Primitive.BOOLEAN else value


def _keys(order: Sequence[OrderBy]) -> Sequence[tuple[str, bool]]:
    """Columns and whether they descend; ``seq`` stands for PublicationDate, and ends it: no two products share it.

    It goes the way of the key before it, since that is how indexes hold equal values, read forwards or backwards.
    """
    keys: list[tuple[str, bool]] = []
    for key in order:
        name = column_of(key)
        if name == "publication_date":
            return [*keys, ("seq", key.descending)]
        keys.append((name, key.descending))
    return [*keys, ("seq", bool(keys) and keys[-1][1])]


def _beyond(name: str, column: str, value: str | int | float | bytes | None, *, descending: bool) -> Fragment | None:
    """A key comes behind a value; nulls come first, or last in descending order. ``None``: none does."""
    if value is None:
        return None if descending else Fragment(f"{column} IS NOT NULL")
    beyond = Fragment(f"{column} {'<' if descending else '>'} ?", (value,))
    if descending and name in NULLABLE_COLUMNS:
        return enclosed(beyond + Fragment(f"OR {column} IS NULL"))
    return beyond
