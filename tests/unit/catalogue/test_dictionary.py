"""What a filter's terms about attributes mean, by the dictionary of this moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome
from prip_core.catalogue.sources import span
from prip_core.catalogue.terms import Numbered, Posted, Ranged, Spread, merged
from prip_core.model import Attribute
from prip_core.odata.ast import And, AnyOf, Constant, Node, Not, Or
from prip_core.odata.parse import parse_filter

Resolve = Callable[[str], Node]


@pytest.fixture
def resolve(catalogue: Catalogue, publish: Callable[..., PublishOutcome]) -> Resolve:
    """Five products: ``n`` 0 to 4, ``kind`` a or b, ``cloud`` indexed, ``mixed`` a number or a text."""
    for number in range(5):
        publish(
            attributes=(
                Attribute(name="n", value=number),
                Attribute(name="kind", value="ab"[number % 2]),
                Attribute(name="cloud", value=number / 2),
                Attribute(name="mixed", value="40" if number == 3 else number),
            ),
            indexed=("cloud", "mixed"),
        )

    def resolve(text: str) -> Node:
        return catalogue._database.searching().dictionary.resolved(parse_filter(text), 0)

    return resolve


def posted(node: Node) -> tuple[int, int, int]:
    assert isinstance(node, Posted)
    return node.count, node.first_seq, node.last_seq


@pytest.mark.parametrize(
    "text, count, first, last",
    [
        ("kind eq 'a'", 3, 1, 5),
        ("kind eq 'b'", 2, 2, 4),
        ("kind in ('a','b')", 5, 1, 5),
        ("n eq 2", 1, 3, 3),
        ("n ge 3", 2, 4, 5),
        ("Attributes/any(a:a/Name ne 'cloud' and a/Value eq 1)", 2, 2, 2),
        ("Attributes/any(a:a/Name eq 'n' and a/Value eq 1 or a/Name eq 'kind' and a/Value eq 'b')", 3, 2, 4),
        ("contains(kind,'a')", 3, 1, 5),
    ],
)
def test_values_are_counted_and_located(resolve: Resolve, text: str, count: int, first: int, last: int) -> None:
    assert posted(resolve(text)) == (count, first, last)


@pytest.mark.parametrize(
    "text",
    ["absent eq 1", "kind eq 'c'", "n gt 4", "kind eq 3", "Attributes/any(a:a/Name eq 'kind' and a/Name eq 'n')"],
)
def test_what_no_product_has_is_false(resolve: Resolve, text: str) -> None:
    assert resolve(text) == Constant(False)


def test_ranges_of_indexed_names_stay_ranges(resolve: Resolve) -> None:
    node = resolve("cloud gt 0.5")
    assert isinstance(node, Ranged)
    assert [kind for kind, _ in node.by_kind] == [1, 2]


def test_doubles_and_dates_are_found_where_they_are_kept(resolve: Resolve, url: str) -> None:
    """PostgreSQL keeps them in the index of numbers alone; there may be whole numbers of the name in the dictionary."""
    kept = Numbered if url.startswith("postgresql") else Posted
    assert isinstance(resolve("cloud eq 0.5"), kept)
    assert isinstance(resolve("cloud ne 0.5"), kept)
    assert isinstance(resolve("cloud ne null"), kept)
    assert resolve("cloud eq 0.75") == Constant(False)


def test_numbers_of_any_name_are_looked_for_in_both_places(resolve: Resolve, url: str) -> None:
    node = resolve("Attributes/any(a:a/Value eq 2)")
    if url.startswith("postgresql"):
        assert isinstance(node, Or)
        node, numbered = node.operands
        assert isinstance(numbered, Numbered)
        assert posted(node) == (2, 3, 3)
    else:
        assert posted(node) == (3, 3, 5)


def test_texts_among_the_numbers_are_not_forgotten(resolve: Resolve) -> None:
    """Compared as the text that was written: '40' is behind '20'."""
    node = resolve("mixed gt 20")
    assert isinstance(node, Or)
    ranged, text = node.operands
    assert isinstance(ranged, Ranged)
    assert posted(text) == (1, 4, 4)


def test_many_values_stay_a_question(resolve: Resolve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prip_core.catalogue.dictionary._MOST_VALUES", 2)
    assert isinstance(resolve("n ge 2"), Spread)
    assert isinstance(resolve("n ge 3"), Posted)


def test_any_attribute_at_all_is_no_question_of_the_dictionary(resolve: Resolve) -> None:
    assert resolve("Attributes/any()") == AnyOf(
        AnyOf.__dataclass_fields__ and resolve("Attributes/any()").collection, None
    )


def test_terms_are_found_wherever_they_stand(resolve: Resolve) -> None:
    node = resolve("not (kind eq 'a' or Name eq 'x' and n eq 4) and absent eq 1")
    assert isinstance(node, And)
    negated, absent = node.operands
    assert absent == Constant(False)
    assert isinstance(negated, Not)


def test_ranges_of_one_name_become_one(resolve: Resolve) -> None:
    both = resolve("cloud gt 0.5 and cloud le 1.5 and kind eq 'a'")
    assert isinstance(both, And)
    kind, cloud = merged(both.operands)
    assert isinstance(kind, Posted)
    assert isinstance(cloud, Ranged)
    assert [len(terms) for _, terms in cloud.by_kind] == [2, 2]


def test_the_span_of_a_filter(resolve: Resolve) -> None:
    def ends(text: str) -> tuple[int, int | None]:
        window = span(resolve(text))
        return window.first, window.last

    assert ends("n eq 2") == (3, 3)
    assert ends("n eq 2 or n eq 4") == (3, 5)
    assert ends("kind eq 'b' and n ge 3") == (4, 4)
    assert ends("n eq 2 or Name eq 'x'") == (1, None)
    assert ends("not (n eq 2)") == (1, None)


def test_a_value_that_comes_later_is_found(resolve: Resolve, publish: Callable[..., PublishOutcome]) -> None:
    assert resolve("later eq 1") == Constant(False)
    publish(attributes=(Attribute(name="later", value=1), Attribute(name="kind", value="a")))
    assert posted(resolve("later eq 1")) == (1, 6, 6)
    assert posted(resolve("kind eq 'a'")) == (4, 1, 6)


def test_dates_are_compared_as_dates(
    resolve: Resolve, publish: Callable[..., PublishOutcome], catalogue: Catalogue, url: str
) -> None:
    moment = catalogue.clock.status().now
    publish(
        attributes=(Attribute(name="made", value=moment), Attribute(name="until", value=moment + timedelta(days=1)))
    )
    questions = [f"made eq {moment.isoformat().replace('+00:00', 'Z')}", "year(made) eq 2026"]
    for question in questions:
        node = resolve(question)
        if url.startswith("postgresql"):
            assert isinstance(node, Numbered)
        else:
            assert posted(node) == (1, 6, 6)
    assert resolve("year(made) eq 2025") == Constant(False)
