"""Which trigrams of a pattern are asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome
from prip_core.catalogue.sqlite.trigrams import Trigrams

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def asked(catalogue: Catalogue, text: str) -> list[str]:
    question = Trigrams(catalogue._database).question(text)
    assert question is not None
    return question.split(" AND ")


@pytest.mark.parametrize("text", ["", "ab", "a\0bcd"])
def test_what_the_index_cannot_answer(catalogue: Catalogue, text: str) -> None:
    assert Trigrams(catalogue._database).question(text) is None


@pytest.mark.parametrize(
    "text, grams",
    [
        ("abc", ['"abc"']),
        ("abcd", ['"abc"', '"bcd"']),
        ('a"b', ['"a""b"']),
        ("aaaaa", ['"aaa"']),
        ("é\U0001f6f0x", ['"é\U0001f6f0x"']),
    ],
)
def test_short_patterns_ask_for_all(catalogue: Catalogue, text: str, grams: list[str]) -> None:
    assert asked(catalogue, text) == grams


def test_long_patterns_ask_for_the_rarest(catalogue: Catalogue, publish: Callable[..., PublishOutcome]) -> None:
    for number in range(5):
        publish(name=f"S2B_OPER_MSI_L2A_TL_{number}.tar")
    grams = asked(catalogue, "S2B_OPER_MSI_L2A_TL_T32TQM")
    assert len(grams) == 5
    assert not any(gram.strip('"') in "S2B_OPER_MSI_L2A_TL_0.tar" for gram in grams)
