"""A catalogue on PostgreSQL that is larger than there is time to import: what was imported, several times over.

Each copy is later by as long as the whole took, and is found by Ids and names of its own; its text is still that of the
first. Values of attributes are shared by all copies: the dictionary is as large as it was, its values have more
products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.odata.scenes import STEP

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
_DATE_KIND = 4  # of prip_core.catalogue.attributes.Kind
_COPIED = {
    "product": {},
    "document": {},
    "checksum": {"value": "set_byte(value, 0, (get_byte(value, 0) + {copy}) % 256)"},
    "attribute_number": {"whole": f"CASE kind WHEN {_DATE_KIND} THEN whole + {{later}} ELSE whole END"},
}


def multiply(run: Run, rows: int, times: int) -> None:
    """Make a catalogue so many times as large.

    :param rows: how many products it has.
    """
    indexes = [_without_index(run, table) for table in _COPIED]
    for table, changed in _COPIED.items():
        # Nothing of it is written twice; a server that is killed loses it, and it is made anew.
        run(f"ALTER TABLE {table} SET UNLOGGED")
        columns = _columns(run, table)
        for copy in range(1, times):
            how = {"rows": rows * copy, "later": round(rows * copy * _MILLISECONDS), "copy": copy}
            terms = [{**_CHANGED, **changed}.get(column, f'"{column}"').format(**how) for column in columns]
            names = ", ".join(f'"{column}"' for column in columns)
            run(f"INSERT INTO {table} ({names}) SELECT {', '.join(terms)} FROM {table} WHERE seq <= {rows}")
    for statement in (each for made in indexes for each in made):
        run(statement)
    more = rows * (times - 1)
    run(f"UPDATE attribute_value SET count = count * {times}, last_seq = last_seq + {more}")
    later = round(more * _MILLISECONDS)
    run(
        f"UPDATE publication_clock SET last_seq = last_seq + {more}, last_change_seq = last_change_seq + {more}, "
        f"last_date = last_date + {later}, products = products * {times}, online = online * {times}"
    )


def _without_index(run: Run, table: str) -> Sequence[str]:
    """Take the indexes off a table; the statements that make them again."""
    made = [
        (name, text) for name, text in run("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", (table,))
    ]
    for (constraint,) in run(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'", (table,)
    ):
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
    for name, _ in made:
        run(f'DROP INDEX IF EXISTS "{name}"')
    return [text for _, text in made]


def _columns(run: Run, table: str) -> Sequence[str]:
    found = run(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", (table,)
    )
    return [name for (name,) in found]
