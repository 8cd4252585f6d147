"""Filters mean the same to odata-query, another reader of the language, wherever it reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from odata_query.exceptions import ODataException

from tests.differential.generator import Filters
from tests.differential.pen import Pen
from tests.differential.products import Facts, Scope
from tests.differential.second_opinion import second_opinion

FILTERS = 3000
SOME = 150
"""Products that tell two readings apart as well as all of them."""

GAPS = {
    "INF is a name to it": r"\bINF\b",
    "one value between brackets: ('a',) is wanted, though OData has ('a')": r"\bin \([^,]*\)",
    "any and all are words of their own wherever they begin": r"\banyValue\b",
    "divby is unknown": r"\bdivby\b",
    "members of enumerations are unknown": r"OData\.CSC\.ProductionType'",
    "geography'…' of capital letters alone, blanks around = and named arguments after blanks": r"geography|area",
}
"""What odata-query 0.10.0 cannot read, and how filters with it look."""


def test_generated_filters_mean_to_odata_query_what_they_are_meant_to(products: Sequence[Facts]) -> None:
    filters, pen = Filters(Random(11), products), Pen(Random(12), plain=True)
    unread = []
    for _ in range(FILTERS):
        condition = filters.filter()
        text = condition.text(pen)
        if "INF" in text:
            continue
        try:
            theirs = second_opinion(text)
        except ODataException:
            unread.append(text)
            continue
        for facts in products[:SOME]:
            assert theirs.value(Scope(facts)) == condition.value(Scope(facts)), text
    assert [text for text in unread if not any(re.search(pattern, text) for pattern in GAPS.values())] == []
    assert len(unread) < FILTERS * 0.2
