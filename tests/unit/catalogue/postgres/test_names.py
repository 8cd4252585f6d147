"""Names by their trigrams: the rarest of a text's, and how many names hold it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from prip_core.catalogue import PublishOutcome
from prip_core.catalogue.databases import database_at
from prip_core.catalogue.postgres.names import Names, grams


def test_trigrams_are_those_of_words_in_lower_case() -> None:
    assert grams("S2B_OPER.tar") == ["s2b", "ope", "per", "tar"]
    assert grams("_._a_b2_") == []


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


def test_the_rarest_are_asked_for_first(url: str, publish: Callable[..., PublishOutcome]) -> None:
    for number in range(20):
        publish(name=f"S2B_OPER_MSI_L2A_{number:02}.tar")
    publish(name="S2B_OPER_XYZ_L2A.tar")
    database = database_at(url)
    names = Names(database)
    assert names.rarest("OPER_XYZ")[0] == "xyz"
    assert names.rarest("__") == []
    assert names.sample().guess("OPER_MSI") == 20
    assert names.sample().guess("absent") <= 1
    database.close()


def test_an_empty_catalogue_has_an_empty_sample(url: str) -> None:
    database = database_at(url)
    assert Names(database).sample().guess("S2B") == 0
    assert Names(database).rarest("S2B") == ["s2b"]
    database.close()
