import base64
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import pytest

from prip_core.errors import BadQuery
from prip_core.odata.ast import OrderBy, Value
from prip_core.odata.edm import PATHS
from prip_core.odata.links import next_link
from prip_core.odata.options import decode_query, parse_collection_options
from prip_core.odata.positions import Position, read_position, write_position
from prip_core.odata.tokens import write_token

ROOT = "https://prip.example/odata/v1"
PAGE = 1000
TOKEN = write_position(Position(seq=77), "Name eq 'a+b&c'\n")


def link_from(raw: str, rows: int = 20, seq: int = 77) -> str:
    pairs = decode_query(raw)
    return next_link(ROOT, pairs, parse_collection_options(pairs, PAGE), rows, Position(seq=seq))


def test_a_link_repeats_the_question_and_advances() -> None:
    assert link_from("$filter=Name eq 'a%2Bb%26c'&$top=20&$count=True&session=secret&$skip=40") == (
        "https://prip.example/odata/v1/Products?%24filter=Name%20eq%20%27a%2Bb%26c%27&%24count=True"
        f"&%24top=20&%24skip=60&%24skiptoken={TOKEN}"
    )


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "$top=20",
        "$top=5000",
        "$skip=100",
        "$filter=contains(Name,'é+ %26''') and PublicationDate gt 2020-01-01T00:00:00%2B02:00",
        "$orderby=PublicationDate desc&$top=20",
        "$orderby=CreationDate",
        "$expand=Attributes&$expand=Attributes&$select=Name, ContentDate&$count=1&$format=json",
    ],
)
def test_a_link_is_read_back_as_the_same_question_further_on(raw: str) -> None:
    asked = parse_collection_options(decode_query(raw), PAGE)
    followed = parse_collection_options(decode_query(urlsplit(link_from(raw)).query), PAGE)
    assert followed == replace(asked, skip=asked.skip + 20, after=Position(seq=77))
    again = link_from(urlsplit(link_from(raw)).query, rows=3, seq=99)
    assert parse_collection_options(decode_query(urlsplit(again).query), PAGE) == replace(
        asked, skip=asked.skip + 23, after=Position(seq=99)
    )


@pytest.mark.parametrize(
    ("order", "values"),
    [
        ("Name", ("a'b\u00e9",)),
        ("PublicationDate,Name desc", (1_700_000_000_123, "x")),
        ("ModificationDate desc,Id", (None, UUID("00000000-0000-4000-8000-00000000000a"))),
        ("Online,ContentLength,ProductionType", (True, 2**62, 1)),
    ],
)
def test_a_link_goes_on_at_its_position_in_every_order(order: str, values: tuple[Value | None, ...]) -> None:
    pairs = decode_query(f"$orderby={order}&$top=20")
    asked = parse_collection_options(pairs, PAGE)
    position = Position(values=values, seq=2**40)
    link = next_link(ROOT, pairs, asked, 20, position)
    assert parse_collection_options(decode_query(urlsplit(link).query), PAGE) == replace(asked, skip=20, after=position)


def test_without_a_position_a_link_skips() -> None:
    pairs = decode_query("$orderby=Name")
    link = next_link(ROOT, pairs, parse_collection_options(pairs, PAGE), 3, None)
    assert link.endswith("%24orderby=Name&%24skip=3")


@pytest.mark.parametrize("other", ["$orderby=Name desc", "$orderby=Name,Id", "", "$orderby=Name&$filter=Online"])
def test_a_token_serves_its_own_question_only(other: str) -> None:
    pairs = decode_query("$orderby=Name")
    link = next_link(ROOT, pairs, parse_collection_options(pairs, PAGE), 3, Position(values=("a",), seq=3))
    token = dict(decode_query(urlsplit(link).query))["$skiptoken"]
    with pytest.raises(BadQuery, match="skiptoken"):
        parse_collection_options([*decode_query(other), ("$skiptoken", token)], PAGE)


@pytest.mark.parametrize(
    "members",
    [
        [],
        [1],
        [1, None],
        ["1", None],
        [1.5, None, "a"],
        [True, None, "a"],
        [None, None, "a"],
        [1, "2", "a"],
        [1, None, 5],
        [1, None, None],
        [1, None, "a", "b"],
        [1, None, "a\0"],
        [1, None, ["a"]],
    ],
)
def test_tokens_of_other_shapes_are_refused(members: list[object]) -> None:
    with pytest.raises(BadQuery, match=r"\$skiptoken is none of this service"):
        read_position(write_token(members, "question"), (OrderBy(PATHS["Name"]),), "question")


@pytest.mark.parametrize("members", [[], {}, "x", ["x"], ["x", 1, None, "a"]])
def test_forged_tokens_are_refused(members: object) -> None:
    token = base64.urlsafe_b64encode(orjson.dumps(members)).decode().rstrip("=")
    with pytest.raises(BadQuery, match=r"\$skiptoken"):
        read_position(token, (OrderBy(PATHS["Name"]),), "question")


def test_numbers_beyond_64_bits_are_refused() -> None:
    token = write_token([2**64 - 1, None], "question")
    with pytest.raises(BadQuery, match="none of this service"):
        read_position(token, (), "question")
