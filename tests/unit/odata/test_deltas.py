"""Moments that delta links remember, and entries of what is gone."""

import base64
import json
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import pytest

from prip_core.errors import BadQuery, UnsupportedQuery
from prip_core.odata.ast import And, Call, Comparison, Function, IsNull, Literal, Node, Not, Operator, PropertyValue
from prip_core.odata.deltas import Moment, can_be_tracked, read_moment, removed_text, write_moment
from prip_core.odata.edm import PATHS, Primitive
from prip_core.odata.links import delta_link
from prip_core.odata.options import Listing, Query, decode_query, parse_collection_options, parse_delta_options
from prip_core.odata.tokens import write_token

MOMENT = Moment(origin="here", since=2**40, known=7)
ID = UUID("3d40010a-f220-4667-9d38-1083994e5e48")


@pytest.mark.parametrize(
    "raw", ["", "$filter=Name eq 'é%26'&$expand=Attributes&$select=Name&$top=5", "custom=1&$orderby=Name&$count=true"]
)
def test_a_link_remembers_the_question_and_the_moment(raw: str) -> None:
    pairs = decode_query(raw)
    link = delta_link("https://prip.example/odata/v1", pairs, MOMENT)
    assert link.startswith("https://prip.example/odata/v1/Products?")
    query, moment = parse_delta_options(decode_query(urlsplit(link).query), 1000)
    asked = parse_collection_options(pairs, 1000)
    assert moment == MOMENT
    assert (query.filter, query.expand, query.select, query.top) == (
        asked.filter,
        asked.expand,
        asked.select,
        asked.top,
    )
    assert (query.order, query.count) == ((), False)


@pytest.mark.parametrize(
    "members",
    [[], ["x"], ["x", 1], [1, 2, 3], ["x", 1, 2, 3], ["x", 1, "2"], ["x", 1.0, 2], ["x", True, 2], ["x", None, 2]],
)
def test_tokens_of_other_shapes_are_refused(members: list[object]) -> None:
    with pytest.raises(BadQuery, match=r"\$deltatoken is none of this service"):
        read_moment(write_token(members, ""), "")


@pytest.mark.parametrize("text", ["", "12", "é", "A" * 9000, base64.urlsafe_b64encode(orjson.dumps({})).decode()])
def test_texts_that_are_no_tokens_are_refused(text: str) -> None:
    with pytest.raises(BadQuery, match=r"\$deltatoken is none of this service"):
        read_moment(text, "")


def test_a_token_serves_its_own_filter_only() -> None:
    assert read_moment(write_moment(MOMENT, "Online"), "Online") == MOMENT
    with pytest.raises(BadQuery, match="belongs to another"):
        read_moment(write_moment(MOMENT, "Online"), "not Online")


@pytest.mark.parametrize("option", ["$skip=1", "$orderby=Name", "$count=true", "$skiptoken=x"])
def test_a_link_is_followed_as_it_stands(option: str) -> None:
    token = write_moment(MOMENT, "")
    with pytest.raises(BadQuery, match="cannot be asked of a delta link"):
        parse_delta_options(decode_query(f"$deltatoken={token}&{option}"), 10)


def test_changes_are_told_of_products_alone() -> None:
    with pytest.raises(UnsupportedQuery, match="Products alone"):
        parse_collection_options([("$deltatoken", write_moment(MOMENT, ""))], 10, Listing.DELETED_PRODUCTS)


def test_a_page_of_changes_is_never_empty() -> None:
    query, _ = parse_delta_options([("$deltatoken", write_moment(MOMENT, "")), ("$top", "0")], 10)
    assert query == Query(top=1)


@pytest.mark.parametrize(("gone", "reason"), [(True, "deleted"), (False, "changed")])
def test_the_entry_of_what_is_gone(gone: bool, reason: str) -> None:
    assert json.loads(removed_text(ID, gone=gone)) == {
        "@odata.context": "$metadata#Products/$deletedEntity",
        "@odata.id": f"Products({ID})",
        "id": f"Products({ID})",
        "reason": reason,
        "@removed": {"reason": reason},
        "Id": str(ID),
    }


_NOW = Call(Function.NOW, (), Primitive.DATE)
_EVICTION = PropertyValue(PATHS["EvictionDate"])


@pytest.mark.parametrize(
    ("condition", "tracked"),
    [
        (None, True),
        (IsNull(_EVICTION), True),
        (Comparison(_EVICTION, Operator.GT, Literal(Primitive.DATE, 0)), True),
        (Comparison(_EVICTION, Operator.GT, _NOW), False),
        (
            And(
                (
                    IsNull(_EVICTION),
                    Not(
                        Comparison(
                            Call(Function.YEAR, (_NOW,), Primitive.INT64), Operator.EQ, Literal(Primitive.INT64, 1)
                        )
                    ),
                )
            ),
            False,
        ),
    ],
)
def test_a_list_that_time_alone_changes_is_not_tracked(condition: Node | None, tracked: bool) -> None:
    assert can_be_tracked(condition) is tracked
