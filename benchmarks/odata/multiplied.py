"""A catalogue on PostgreSQL that is larger than there is time to import: what was imported, several times over.

Each copy is later by as long as the whole took, and is found by Ids and names of its own; its text is still that of the
first. Values of attributes are shared by all copies: the dictionary is as large as it was, its values have more
products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.odata.scenes import STEP
from prip_core.catalogue.attributes import Kind

MOST_IMPORTED = 1_000_000
"""Products; a larger catalogue on PostgreSQL repeats these, and what is asked for exists among them."""

Run = Callable[..., Sequence[tuple[Any, ...]]]
"""Carries out a statement with its parameters."""

_MILLISECONDS = STEP.total_seconds() * 1000
_DATES = (
    "publication_date",
    "modification_date",
    "eviction_date",
    "deletion_date",
    "origin_date",
    "content_start",
    "content_end",
    "date",
)
_CHANGED = {
    "seq": "seq + {rows}",
    "change_seq": "change_seq + {rows}",
    # The byte of the version, which says 4 in all that were imported.
    "id": "set_byte(id, 6, {copy})",
    # Where the centre stands.
    "name": "overlay(name PLACING 'C{copy:03d}' FROM 21 FOR 4)",
    **{date: date + " + {later}" for date in _DATES},
}
_COPIED = {
    "product": {},
    "document": {},
    "checksum": {"value": "set_byte(value, 0, (get_byte(value, 0) + {copy}) % 256)"},
    "attribute_number": {"whole": f"CASE kind WHEN {int(Kind.DATE)} THEN whole + {{later}} ELSE whole END"},
}


def multiply(run: Run, rows: int, times: int) -> None:
    """Make a catalogue so many times as large.

    :param run: in one transaction: then a server with ``wal_level = minimal`` writes each row once.
    :param rows: how many products it has.
    """
    for table, changed in _COPIED.items():
        indexes = run("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (table,))
        columns = _columns(run, table)
        run(f"ALTER TABLE {table} RENAME TO imported")
        run(f"CREATE TABLE {table} (LIKE imported INCLUDING DEFAULTS INCLUDING STORAGE)")
        for copy in range(times):
            run(_copy(table, columns, {**_CHANGED, **changed} if copy else {}, _Copy(rows, copy)))
        run("DROP TABLE imported")
        for (index,) in indexes:
            run(index)
    more = rows * (times - 1)
    run(f"UPDATE attribute_value SET count = count * {times}, last_seq = last_seq + {more}")
    run(
        f"UPDATE publication_clock SET last_seq = last_seq + {more}, last_change_seq = last_change_seq + {more}, "
        f"last_date = last_date + {_later(more)}, products = products * {times}, online = online * {times}"
    )


class _Copy(NamedTuple):
    rows: int
    number: int


def _copy(table: str, columns: Sequence[str], changed: Mapping[str, str], copy: _Copy) -> str:
    """The statement that writes a copy of what was imported; the first one is unchanged."""
    more = copy.rows * copy.number
    how = {"rows": more, "later": _later(more), "copy": copy.number}
    terms = ", ".join(changed.get(column, f'"{column}"').format(**how) for column in columns)
    return f"INSERT INTO {table} SELECT {terms} FROM imported"


def _later(rows: int) -> int:
    return round(rows * _MILLISECONDS)


def _columns(run: Run, table: str) -> Sequence[str]:
    """In the order of the table."""
    found = run(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s "
        "ORDER BY ordinal_position",
        (table,),
    )
    return [name for (name,) in found]
