"""Checksums as bytes: nothing is lost, whatever a delivery calls a checksum."""

from __future__ import annotations

import pytest

from prip_core.catalogue.databases import database_at
from prip_core.catalogue.postgres.checksums import TEXT, stored_digest, stored_text

VALUES = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "ff" * 32,
    "D41D8CD98F00B204E9800998ECF8427E",
    "a1b2c3",  # three bytes
    "a1b",
    "1B2M2Y8AsgTpgAmY7PhCfg==",
    "größe",
    "groß",
    "",
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_as_it_was(value: str) -> None:
    assert stored_text(stored_digest(value)) == value


def test_different_values_are_kept_differently() -> None:
    assert len({stored_digest(value) for value in VALUES}) == len(VALUES)


def test_hexadecimal_digits_take_half_their_room() -> None:
    assert len(stored_digest("ff" * 32)) == 32


def test_the_server_reads_the_same_text(postgres_url: str) -> None:
    database = database_at(postgres_url)
    rows = database.rows_of(
        f"SELECT {TEXT} FROM unnest(?::bytea[]) WITH ORDINALITY AS c (value, place) ORDER BY place",
        (list(map(stored_digest, VALUES)),),
    )
    assert [text for (text,) in rows] == VALUES
    database.close()
