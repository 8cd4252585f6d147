"""Random filters mean on either database what they mean in plain Python: which products, in which order, how many."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from random import Random

import pytest

from prip_core.catalogue import Catalogue
from tests.differential.products import Facts
from tests.differential.questions import Answer, Question, random_question, smallest

PART = 200
"""Filters of one test: what one process works off at a time."""

PARTS = 1000 if os.environ.get("PRIP_SOAK") else 100 if os.environ.get("PRIP_REQUIRE_SERVICES") else 20
FIRST = int(os.environ.get("PRIP_SEED", "0"))
"""Another seed asks other questions."""

LIMITS: Sequence[Mapping[str, int]] = (
    {},
    {"ways.MOST_TO_SORT": 0, "ways._FEW": 0},
    {"ways.MOST_TO_SORT": 60, "ways._FEW": 3, "dictionary._MOST_VALUES": 5},
)
"""A few products are found in few ways; with these numbers of rows in the place of thousands they are found in all."""


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(FIRST, FIRST + PARTS))
def test_catalogues_find_what_plain_python_finds(
    seed: int, catalogues: Mapping[str, Catalogue], products: Sequence[Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LIMITS[seed % len(LIMITS)].items():
        monkeypatch.setattr(f"prip_core.catalogue.{name}", value)
    chance = Random(seed)
    for number in range(PART):
        question = random_question(chance, products)
        answer = Answer(question, products)
        for database, catalogue in catalogues.items():
            told = answer.difference(catalogue, Random(number))
            if told is not None:
                small = _told(smallest(question, catalogue, products), catalogue, products)
                where = f"seed {seed}, question {number}, {database}"
                pytest.fail(f"{where}: {told}\n{question.options}\n{small}", pytrace=False)


def _told(question: Question, catalogue: Catalogue, products: Sequence[Facts]) -> str:
    told = Answer(question, products).difference(catalogue, Random(0))
    return f"smallest: {question.text}\n{told}\n{question.condition}"
