"""What clients ask, as odata-query reads it, against the catalogue's answers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from prip_core.catalogue import Catalogue
from tests.differential.products import Facts
from tests.differential.questions import Asked, Question, expected
from tests.differential.second_opinion import second_opinion


@pytest.mark.parametrize(
    "text",
    [
        "Name eq 'S2' or Name eq 'S2B*' and Online eq false",
        "not contains(Name,'S2') and Online",
        "not (contains(Name,'S2') and Online)",
        "not contains(Name,'S2') or not Online and ContentLength gt 5",
        "ContentLength add 2 mul 3 eq 9",
        "(ContentLength add 2) mul 3 eq 9",
        "ContentLength sub 2 sub 1 eq 0",
        "ContentLength div 2 mul 2 eq 10",
        "12 mod 7 mul 2 lt ContentLength",
        "- ContentLength lt -10",
        "-(ContentLength sub 20) gt 0",
        "ContentLength div 4 eq 2",
        "ContentLength div 4.0 eq 2.75",
        "ContentLength in (1,2,3)",
        "Name in ('S2','S2B*','''')",
        "contains(Name,'''')",
        "startswith(tolower(Name),'s2a_msi') eq true",
        "false eq endswith(Name,'.tar')",
        "length(Name) gt 30 and indexof(Name,'x') eq 0",
        "substring(Name,1,2) eq '2A'",
        "startswith(concat(concat(Name,'-'),ContentType),'S2-app')",
        "year(PublicationDate) eq 2026 and hour(OriginDate) le 12",
        "PublicationDate sub OriginDate gt duration'P1DT1H'",
        "OriginDate add duration'PT1S' eq 2026-03-01T12:00:01Z",
        "date(OriginDate) eq 2026-03-01 and time(OriginDate) ge 12:00:00",
        "ContentDate/Start ge 2026-03-01T12:00:00.000Z and ContentDate/End le 2026-03-01T23:59:59.999Z",
        "2026-03-01T13:00:00+01:00 eq OriginDate",
        "Attributes/any(a:a/Name eq 'orbitNumber' and a/Value eq 12)",
        "Attributes/OData.CSC.StringAttribute/any(a:a/Name eq 'platformShortName' and a/Value in ('SENTINEL-1','A'))",
        "Attributes/any(att:att/Name eq 'cloudCover' and att/OData.CSC.DoubleAttribute/Value le 12.00)",
        "Attributes/all(a:a/Name ne 'orbitNumber')",
        "Attributes/any() and not Checksum/any(c:c/Algorithm eq 'BLAKE3')",
        "Checksum/all(c:c/Algorithm eq 'MD5' or c/ChecksumDate lt 2026-01-01T00:00:00Z)",
        "Collection/Name eq 'SENTINEL-2' and cloudCover lt 20",
        "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((170 -20,-170 -20,-170 20,170 20,170 -20))')",
        "OData.CSC.Intersects(location=Footprint,area=geography'SRID=4326;POINT(10 45)')",
        "geo.intersects(Footprint,geography'SRID=4326;POLYGON((0 0,40 0,40 40,0 40,0 0),(9 9,9 30,30 30,30 9,9 9))')",
        "OData.CSC.Disjoints(area=geography'SRID=4326;MULTIPOLYGON(((0 0,9 0,9 9,0 0)),((20 0,29 0,29 9,20 0)))')",
        "Id ge 80000000-0000-0000-0000-000000000000",
    ],
)
def test_what_clients_ask_is_answered_as_odata_query_reads_it(
    text: str, catalogue: Catalogue, products: Sequence[Facts]
) -> None:
    question = Question(second_opinion(text), text, [("Name", True)], "Name desc", list_evicted=True)
    wanted = expected(question, products)
    assert Asked(question, catalogue).at_once() == wanted
    assert wanted, "a filter that finds nothing shows nothing"
