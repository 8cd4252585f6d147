from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from prip_core.odata.links import next_link
from prip_core.odata.options import decode_query, parse_collection_options

ROOT = "https://prip.example/odata/v1"
PAGE = 1000


def link_from(raw: str, rows: int = 20, last_seq: int = 77) -> str:
    pairs = decode_query(raw)
    return next_link(ROOT, pairs, parse_collection_options(pairs, PAGE), rows, last_seq)


def test_a_link_repeats_the_question_and_advances() -> None:
    assert link_from("$filter=Name eq 'a%2Bb%26c'&$top=20&$count=True&session=secret&$skip=40") == (
        "https://prip.example/odata/v1/Products?%24filter=Name%20eq%20%27a%2Bb%26c%27&%24count=True"
        "&%24top=20&%24skip=60&%24skiptoken=Nzc"
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
    assert followed == replace(asked, skip=asked.skip + 20, skip_token=77)
    again = link_from(urlsplit(link_from(raw)).query, rows=3, last_seq=99)
    assert parse_collection_options(decode_query(urlsplit(again).query), PAGE) == replace(
        asked, skip=asked.skip + 23, skip_token=99
    )


@pytest.mark.parametrize(
    "raw", ["$orderby=Name&$top=20", "$orderby=PublicationDate,Name", "$orderby=EvictionDate desc"]
)
def test_other_orders_have_no_token(raw: str) -> None:
    asked = parse_collection_options(decode_query(raw), PAGE)
    link = link_from(raw)
    assert "skiptoken" not in link
    assert parse_collection_options(decode_query(urlsplit(link).query), PAGE) == replace(asked, skip=20)
