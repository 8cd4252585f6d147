"""Filters that are refused: with which status, and what the client is told."""

import pytest

from prip_core.errors import BadQuery, PripError, UnsupportedQuery
from prip_core.odata.limits import DEEPEST, DEEPEST_CALLS, LONGEST_FILTER, MOST_SIGNS, MOST_TERMS, MOST_VALUES
from prip_core.odata.parse import parse_filter


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ('""', "is empty"),
        ("Name eq 'a' orb eq 2", "character 13: found orb, expected .*, and, or, the end"),
        ("Name eq 'a' andName eq 'b'", "character 13: found andName"),
        ("Name eqq 'a'", "character 6: found eqq, expected .*a comparison"),
        ("Name eq", "character 8: found the end, expected a property"),
        ("Name eq 'a", "character 9: the text ' has no closing quote"),
        ('Name eq "a"', 'character 9: found "'),
        ("Name = 'a'", "character 6: found =, expected .*a comparison"),
        ("(Name eq 'a'", r"character 13: found the end, expected '\)', and, or|expected and, or, '\)'|expected '\)'"),
        ("Name eq 'a')", r"character 12: found \)"),
        ("()", r"character 2: found \), expected a property"),
        ("and Name eq 'a'", "character 5: found Name, expected .*a comparison"),
        ("Name eq and", "character 9: a product has no property 'and'"),
        ("Size eq Name", "character 1: a product has no property 'Size'"),
        ("Name eq 'a' and", "character 16: found the end"),
        ("Name eq 'a' Name eq 'b'", "character 13: found Name, expected .*, and, or, the end"),
        ("Name eq 'a' eq 'b'", "character 16: a condition can be compared by eq and ne with true and false"),
        ("(Name eq 'a') gt true", "a condition can be compared by eq and ne"),
        ("a eq 1 orb eq 2", "found orb"),
        ("Size gt 5", "character 1: a product has no property 'Size'; .* ContentLength"),
        ("Name eq 'a' and name eq 'b'", "character 17: a product has no property 'name'"),
        ("ContentDate gt 2020-01-01", "ContentDate cannot be filtered"),
        ("Name", "character 1: Name is neither true nor false"),
        ("not Name eq 'a'", "character 5: Name is neither true nor false; .*brackets"),
        ("'a'", "character 1: 'a' alone is no condition"),
        ("5 and true", "character 1: '5' alone is no condition"),
        ("Name eq 5", "character 9: Name is compared with 5, expected a 'text'"),
        ("Name eq 2020-01-01", "expected a 'text'"),
        ("Name eq true", "expected a 'text'"),
        ("ContentLength eq '5'", "ContentLength is compared with '5', expected a number"),
        ("ContentLength eq 2020-01-01", "expected a number"),
        ("ContentLength eq 5x", "character 18: found 5x"),
        ("ContentLength eq 1.2.3", "character 18: found 1.2.3"),
        ("ContentLength eq 1e99999999999999999999", "expected a number of a readable size"),
        ("PublicationDate gt 5", "character 20: PublicationDate is compared with 5, expected a date"),
        ("PublicationDate gt 'yesterday'", "compared with 'yesterday', expected a date such as 2025"),
        ("PublicationDate gt 2020-13-01T00:00:00Z", "a date that exists .month"),
        ("PublicationDate gt 2021-02-29", "a date that exists .day"),
        ("PublicationDate gt 2020-01-01T24:30:00Z", "a date that exists .hour"),
        ("PublicationDate gt 2020-01-01T00:00:61Z", "a date that exists .second"),
        ("PublicationDate gt 0000-01-01", "a date that exists .year"),
        ("PublicationDate gt '2021-02-30T00:00:00Z'", "a date that exists"),
        ("PublicationDate gt datetime'soon'", "compared with soon, expected a date"),
        ("PublicationDate gt 2020-01-01T25", "character 20: found 2020-01-01T25"),
        ("PublicationDate gt 2020-1-1", "character 20: found 2020-1-1"),
        ("PublicationDate gt 2020-01-01T00:00:00.Z", "character 20: found 2020-01-01T00:00:00.Z"),
        ("PublicationDate gt ٢٠٢٠-01-01", "character 20: found"),
        ("Id eq 'abc'", "Id is compared with 'abc', expected an Id"),
        ("Id eq '3d40010af2204667-9d38-1083994e5e48-----'", "expected an Id"),
        ("Id eq '3d40010a-f220-4667-9d38-1083994e5e4g'", "expected an Id"),
        ("Id eq 3d40010a-f220-4667-9d38-1083994e5e4", "found 3d40010a-f220"),
        ("Id eq 5", "expected an Id"),
        ("Online eq 'true'", "Online is compared with 'true', expected true or false"),
        ("Online eq 1", "expected true or false"),
        ("Online gt true", "Online can be compared by eq and ne only"),
        ("ProductionType eq 'sometimes'", "expected one of 'systematic_production', 'on_demand_default'"),
        ("ProductionType eq 3", "expected one of"),
        ("ProductionType eq 0.5", "expected one of"),
        ("contains(Name)", "contains takes a property and a text"),
        ("contains(Name,5)", "character 15: contains is given 5, expected a 'text'"),
        ("contains(5,Name)", "contains is given 5, expected a 'text'"),
        ("contains(Name,null)", "contains takes .*, null is no text"),
        ("contains(Name,area='a')", "contains takes a property and a text"),
        ("contains(Name,Name eq 'a')", "this is a condition, a value was expected"),
        ("contains(Name,'a','b')", "contains takes a property and a text"),
        ("contains()", "contains takes a property and a text"),
        ("contains(Size,'a')", "no property 'Size'"),
        ("contains(ContentLength,'a')", "contains takes a text, ContentLength is a whole number"),
        ("contains(Id,'a')", "contains takes a text, Id is an Id"),
        ("Attributes/some(a:true)", "character 1: there is no some of a collection, there are any and all"),
        ("any(a:true)", "'' is no collection of a product"),
        ("Attributes/all()", "Attributes/all takes a condition"),
        ("contains(Name,'a') gt true", "by eq and ne with true and false"),
        ("contains(Name,'a') eq 'true'", "by eq and ne with true and false"),
        (
            "contians(Name,'a')",
            "no function contians; did you mean contains.; there are contains, startswith, endswith",
        ),
        ("Name eq 'a\x00b'", "null character"),
        ("Name\xa0eq 'a'", "character 5"),
        ("Name eq 'a'; drop table product", "character 12: found ;"),
    ],
)
def test_bad_filters(text: str, sentence: str) -> None:
    with pytest.raises(BadQuery, match=sentence):
        parse_filter(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Attributes/$count gt 3", r"Attributes/\$count is not served"),
        ("ProductionType has OData.CSC.ProductionType'x'", "character 16: has is not served"),
        ("cast(Name,Edm.String) eq 'x'", r"cast\(\) is not served"),
        ("isof(Name,Edm.String)", r"isof\(\) is not served"),
        ("matchesPattern(Name,'x')", r"matchesPattern\(\) is not served"),
        ("geo.distance(Footprint,geography'SRID=4326;POINT(1 2)') lt 5", r"geo.distance\(\) is not served"),
        ("geo.length(Footprint) gt 1", r"geo.length\(\) is not served"),
        ("Footprint eq geography'SRID=4326;POINT(1 2)'", "Footprint can be compared with null alone"),
        ("'a' lt GeoFootprint", "GeoFootprint can be compared with null alone"),
        ("Name in (ContentType)", "character 10: a list behind in that holds anything but literals"),
        ("contains(Name,'a') eq Online", "comparing a condition with anything but true, false and null"),
        ("contains(Name,'a') eq contains(Name,'b')", "comparing a condition with anything but"),
        ("orbitNumber eq relativeOrbitNumber", "comparing two values of attributes"),
        ("length(orbitNumber) eq length(relativeOrbitNumber)", "comparing the values of two attributes"),
        ("ContentLength gt orbitNumber", "comparing the attribute orbitNumber with anything but literals"),
        ("Attributes/any(a:a/Value eq a/Value)", "comparing two values of attributes"),
        ("Attributes/any(a:a/Value eq orbitNumber)", "comparing two values of attributes"),
        ("Attributes/any(a:length(a/Value) eq length(tileId))", "comparing the values of two attributes"),
        ("Attributes/any(a:a/Value eq Name)", "compares an element with the product itself"),
        ("Attributes/any(a:contains(Name,a/Value))", "compares an element with the product itself"),
        ("Attributes/any(a:Checksum/any(c:c/Value eq a/Value))", "a/Value belongs to another element than c"),
        ("Name eq @name", r"character 9: parameter aliases \(@name\) are not served"),
        ("Name in ['a']", "arrays and objects"),
        ("Attributes('tileId')/Value eq 'x'", "paths behind brackets"),
        ("$root/Products eq 1", "these roots of paths"),
    ],
)
def test_filters_that_are_not_served(text: str, sentence: str) -> None:
    with pytest.raises(UnsupportedQuery, match=sentence):
        parse_filter(text)


def test_a_text_does_not_make_a_filter_unsupported() -> None:
    with pytest.raises(BadQuery, match="found the end"):
        parse_filter("Name eq 'x in (y) /any( add '  and")


def _refused(text: str) -> str:
    with pytest.raises(PripError) as caught:
        parse_filter(text)
    assert type(caught.value) is BadQuery
    return str(caught.value)


def test_length_is_limited() -> None:
    text = "Name eq 'a'".ljust(LONGEST_FILTER)
    assert parse_filter(text)
    assert _refused(text + " ") == f"$filter has {LONGEST_FILTER + 1} characters; it may have {LONGEST_FILTER}"


def test_number_of_terms_is_limited() -> None:
    terms = ["Online"] * MOST_TERMS
    for joint in (" and ", " or "):
        assert parse_filter(joint.join(terms))
        assert _refused(joint.join([*terms, "true"])) == f"$filter has more than {MOST_TERMS} comparisons"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(", ")"),
        ("(Online and ", ")"),
        ("not ", ""),
        ("Attributes/any(a:", ")"),
        ("Attributes/any(a:not ", ")"),
    ],
)
def test_brackets_and_nots_are_limited(before: str, after: str) -> None:
    levels = DEEPEST // (before.count("(") + before.count("not"))
    assert parse_filter(before * levels + "Online" + after * levels)
    assert "more than 100 deep" in _refused(before * (levels + 1) + "Online" + after * (levels + 1))


def test_functions_are_limited() -> None:
    def calls(number: int) -> str:
        return "trim(" * number + "Name" + ")" * number + " eq 'a'"

    assert parse_filter(calls(DEEPEST_CALLS))
    assert "functions more than 10 deep" in _refused(calls(DEEPEST_CALLS + 1))
    assert "more than 100 deep" in _refused(calls(DEEPEST + 1))


def test_values_of_lists_are_limited() -> None:
    half = ",".join(["'a'"] * (MOST_VALUES // 2))
    assert parse_filter(f"Name in ({half}) or tileId in ({half})")
    text = f"Name in ({half}) or tileId in ({half},'a')"
    assert _refused(text) == f"$filter has {MOST_VALUES + 1} values in lists; it may have {MOST_VALUES}"


def test_arithmetic_is_limited() -> None:
    assert parse_filter(f"ContentLength{' add 1' * MOST_SIGNS} gt 5")
    text = f"ContentLength{' add 1' * MOST_SIGNS} gt -ContentLength"
    assert _refused(text) == f"$filter has {MOST_SIGNS + 1} arithmetic operators; it may have {MOST_SIGNS}"


def test_conditions_that_grow_when_they_are_taken_apart_are_limited() -> None:
    terms = " or ".join(f"a/Value eq {number}" for number in range(100))
    product = " and ".join(f"(a/Name eq '{number}' or ContentLength eq {number})" for number in range(3))
    assert "more than 400 comparisons" in _refused(f"Attributes/any(a:({terms}) and {product})")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 32_000,
        "(" * 15_990 + "Online" + ")" * 15_990,
        "not " * 7_990 + "Online",
        "- " * 15_000 + "1 eq 1",
        "-(" * 10_000 + "1" + ")" * 10_000 + " eq 1",
        "(" * 1_500 + "Online" + " eq true)" * 1_500,
        "((((" * 1_900 + "Size" + "))))" * 1_900 + " eq 'a'",
        "Online" + " eq true" * 3_900,
        "1" + " add 1" * 5_000 + " eq 1",
        "a." * 16_000,
        "a/" * 15_999 + "a",
        "geo." * 8_000,
        "'" * 31_999,
        "contains(" * 3_400,
        "trim(" * 5_000 + "Name" + ")" * 5_000 + " eq 'a'",
        "Attributes/any(a:" * 1_500 + "true" + ")" * 1_500,
        "a/any(a:" * 3_900,
        "Name in " + "(" * 31_000,
        "Name in ('a'" + ",'a'" * 7_000 + ")",
        "OData.CSC.Intersects(area=geography'POLYGON" + "(" * 31_000 + "'",
        "OData.CSC.Intersects(area=geography'MULTIPOLYGON" + "((" * 7_000 + "0 0" + "))" * 7_000 + "')",
        "OData.CSC.Intersects(area=geography'LINESTRING(" + "1 1," * 7_000 + "1 1)')",
        "1" * 31_000 + "x",
        "1" * 31_000,
        "2020-01-01T00:00:00." + "0" * 31_000,
        "Online or " * 3_190 + "Online",
    ],
)
def test_hostile_texts_are_refused_in_a_sentence(text: str) -> None:
    assert len(_refused(text)) < 600


@pytest.mark.parametrize(
    "text",
    [
        "{} eq Name",
        "Name eq {}",
        "{} sub Name eq 1",
        "Attributes/any(a:Checksum/any(c:a/{} eq 1))",
        "Attributes/any(a:a/{} eq 1)",
        "Attributes/any({}.x:true)",
        "Attributes/{}(a:true)",
        "{}/any()",
        "{}(Name) eq 1",
        "({}=1) eq 1",
        "OData.CSC.Intersects({}=geography'POINT(1 2)')",
        "OData.CSC.Intersects(area=geography'{}(1 2)')",
        "Name eq '{0}' and ContentLength eq '{0}'",
        "ContentLength eq {}",
        "ProductionType eq {}.Type'{}'",
    ],
)
def test_long_names_are_cut_in_sentences(text: str) -> None:
    with pytest.raises(PripError) as caught:
        parse_filter(text.format(*["x" * 10_000] * text.count("{")))
    assert len(str(caught.value)) < 900
