"""Functions, arithmetic and comparisons of what they give: trees and refusals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from prip_core.errors import BadQuery, UnsupportedQuery
from prip_core.odata import ast
from prip_core.odata.ast import (
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Function,
    In,
    IsNotTrue,
    IsNull,
    Matching,
    Node,
    Not,
    Operator,
    Or,
    PropertyValue,
    Scalar,
    Sign,
    TextMatch,
    Value,
)
from prip_core.odata.edm import PATHS, Primitive
from prip_core.odata.parse import parse_filter
from prip_core.times import to_milliseconds

DAY_MS = 86_400_000
NAME, LENGTH, ORIGIN, PUBLISHED, MODIFIED, KIND = (
    PropertyValue(PATHS[path])
    for path in ("Name", "ContentLength", "OriginDate", "PublicationDate", "ModificationDate", "ProductionType")
)


def literal(value: Value, type_: Primitive | None = None) -> ast.Literal:
    natural = {str: Primitive.TEXT, bool: Primitive.BOOLEAN, int: Primitive.INT64, float: Primitive.DOUBLE}
    return ast.Literal(type_ or natural[type(value)], value)


def call(function: str, *arguments: Scalar, gives: Primitive = Primitive.TEXT) -> Call:
    return Call(Function(function), arguments, gives)


def compare(left: Scalar, operator: str, right: Scalar) -> Comparison:
    return Comparison(left, Operator(operator), right)


def date(*parts: int) -> ast.Literal:
    return literal(to_milliseconds(datetime(*parts, tzinfo=UTC)), Primitive.DATE)  # type: ignore[arg-type,misc]


INT, TEXT, DATE, DAY, DOUBLE = Primitive.INT64, Primitive.TEXT, Primitive.DATE, Primitive.DAY, Primitive.DOUBLE
DURATION, TIME = Primitive.DURATION, Primitive.TIME_OF_DAY


@pytest.mark.parametrize(
    ("text", "scalar"),
    [
        ("concat(Name,'.zip')", call("concat", NAME, literal(".zip"))),
        ("concat(concat(Name,'a'),ContentType)", None),
        ("indexof(Name,'x')", call("indexof", NAME, literal("x"), gives=INT)),
        ("length(Name)", call("length", NAME, gives=INT)),
        ("LENGTH( Name )", call("length", NAME, gives=INT)),
        ("length('abc')", call("length", literal("abc"), gives=INT)),
        ("substring(Name,1)", call("substring", NAME, literal(1))),
        ("substring(Name,-3,length(Name) sub 1)", None),
        ("tolower(Name)", call("tolower", NAME)),
        ("toupper(trim(Name))", call("toupper", call("trim", NAME))),
        ("year(PublicationDate)", call("year", PUBLISHED, gives=INT)),
        ("month(2020-02-03)", call("month", date(2020, 2, 3), gives=INT)),
        ("day(date(PublicationDate))", call("day", call("date", PUBLISHED, gives=DAY), gives=INT)),
        ("hour('2020-02-03T04:05:06Z')", call("hour", date(2020, 2, 3, 4, 5, 6), gives=INT)),
        ("minute(time(PublicationDate))", call("minute", call("time", PUBLISHED, gives=TIME), gives=INT)),
        ("second(04:05:06)", call("second", literal(14_706_000, TIME), gives=INT)),
        ("fractionalseconds(PublicationDate)", call("fractionalseconds", PUBLISHED, gives=DOUBLE)),
        ("totaloffsetminutes(PublicationDate)", call("totaloffsetminutes", PUBLISHED, gives=INT)),
        (
            "totalseconds(PublicationDate sub OriginDate)",
            call("totalseconds", Arithmetic(Sign.SUB, PUBLISHED, ORIGIN, DURATION), gives=DOUBLE),
        ),
        ("totalseconds(duration'PT5S')", call("totalseconds", literal(5000, DURATION), gives=DOUBLE)),
        ("now()", call("now", gives=DATE)),
        ("date(now())", call("date", call("now", gives=DATE), gives=DAY)),
        ("round(ContentLength divby 3)", None),
        ("round(ContentLength)", LENGTH),
        ("floor(2.5)", call("floor", literal(2.5), gives=DOUBLE)),
        ("ceiling(-2)", literal(-2)),
        ("ContentLength add 5", Arithmetic(Sign.ADD, LENGTH, literal(5), INT)),
        ("ContentLength add 5.0", Arithmetic(Sign.ADD, LENGTH, literal(5.0), DOUBLE)),
        ("ContentLength div 1024", Arithmetic(Sign.DIV, LENGTH, literal(1024), INT)),
        ("ContentLength divby 1024", Arithmetic(Sign.DIVBY, LENGTH, literal(1024), DOUBLE)),
        ("ContentLength MOD 2", Arithmetic(Sign.MOD, LENGTH, literal(2), INT)),
        ("-ContentLength", Arithmetic(Sign.SUB, literal(0), LENGTH, INT)),
        ("- (ContentLength)", Arithmetic(Sign.SUB, literal(0), LENGTH, INT)),
        (
            "-(ContentLength divby 2)",
            Arithmetic(Sign.SUB, literal(0.0), Arithmetic(Sign.DIVBY, LENGTH, literal(2), DOUBLE), DOUBLE),
        ),
        (
            "1 add ContentLength mul 2 sub 3",
            Arithmetic(
                Sign.SUB,
                Arithmetic(Sign.ADD, literal(1), Arithmetic(Sign.MUL, LENGTH, literal(2), INT), INT),
                literal(3),
                INT,
            ),
        ),
        (
            "(1 add ContentLength) mul 2",
            Arithmetic(Sign.MUL, Arithmetic(Sign.ADD, literal(1), LENGTH, INT), literal(2), INT),
        ),
        (
            "ContentLength sub 3 sub 2",
            Arithmetic(Sign.SUB, Arithmetic(Sign.SUB, LENGTH, literal(3), INT), literal(2), INT),
        ),
        ("PublicationDate sub 2020-01-01", Arithmetic(Sign.SUB, PUBLISHED, date(2020, 1, 1), DURATION)),
        (
            "PublicationDate add duration'P1DT1S'",
            Arithmetic(Sign.ADD, PUBLISHED, literal(DAY_MS + 1000, DURATION), DATE),
        ),
        ("duration'-PT0.5S' add PublicationDate", Arithmetic(Sign.ADD, literal(-500, DURATION), PUBLISHED, DATE)),
        (
            "date(PublicationDate) sub date(OriginDate)",
            Arithmetic(Sign.SUB, call("date", PUBLISHED, gives=DAY), call("date", ORIGIN, gives=DAY), DURATION),
        ),
        ("-duration'P1D'", Arithmetic(Sign.SUB, literal(0, DURATION), literal(DAY_MS, DURATION), DURATION)),
        ("duration'P1D' mul 2", Arithmetic(Sign.MUL, literal(DAY_MS, DURATION), literal(2), DURATION)),
        ("2.5 mul duration'P1D'", Arithmetic(Sign.MUL, literal(2.5), literal(DAY_MS, DURATION), DURATION)),
        ("duration'P1D' div 2", Arithmetic(Sign.DIV, literal(DAY_MS, DURATION), literal(2), DURATION)),
        (
            "duration'PT1H1M' add duration'P1D'",
            Arithmetic(Sign.ADD, literal(3_660_000, DURATION), literal(DAY_MS, DURATION), DURATION),
        ),
    ],
)
def test_what_has_a_value(text: str, scalar: Scalar | None) -> None:
    found = parse_filter(f"{text} ne null")
    if scalar is None or not isinstance(found, Not):
        assert isinstance(found, Not | Constant)
    else:
        assert found == Not(IsNull(scalar))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("ModificationDate gt PublicationDate", compare(MODIFIED, "gt", PUBLISHED)),
        ("Name eq ContentType", compare(NAME, "eq", PropertyValue(PATHS["ContentType"]))),
        ("length(Name) lt ContentLength", compare(call("length", NAME, gives=INT), "lt", LENGTH)),
        ("now() gt PublicationDate", compare(call("now", gives=DATE), "gt", PUBLISHED)),
        ("5 lt length(Name)", compare(call("length", NAME, gives=INT), "gt", literal(5))),
        ("length(Name) gt 5.5", compare(call("length", NAME, gives=INT), "gt", literal(5))),
        ("length(Name) eq 5.5", Constant(False)),
        ("ContentLength divby 2 eq 1", compare(Arithmetic(Sign.DIVBY, LENGTH, literal(2), DOUBLE), "eq", literal(1.0))),
        ("ContentLength divby 2 eq NaN", Constant(False)),
        ("ContentLength divby 2 ne NaN", Constant(True)),
        ("ContentLength lt INF", compare(LENGTH, "le", literal(2**63 - 1))),
        ("ContentLength lt -INF", compare(LENGTH, "le", literal(-(2**63)))),
        (
            "date(PublicationDate) eq 2020-01-01",
            compare(call("date", PUBLISHED, gives=DAY), "eq", literal(date(2020, 1, 1).value, DAY)),
        ),
        (
            "time(PublicationDate) ge 12:00:00.5",
            compare(call("time", PUBLISHED, gives=TIME), "ge", literal(43_200_500, TIME)),
        ),
        (
            "time(PublicationDate) ge '12:00'",
            compare(call("time", PUBLISHED, gives=TIME), "ge", literal(43_200_000, TIME)),
        ),
        (
            "time(PublicationDate) ge 00:00:00.0005",
            compare(call("time", PUBLISHED, gives=TIME), "gt", literal(0, TIME)),
        ),
        (
            "PublicationDate sub OriginDate gt 'PT0.0005S'",
            compare(Arithmetic(Sign.SUB, PUBLISHED, ORIGIN, DURATION), "gt", literal(0, DURATION)),
        ),
        (
            "PublicationDate sub OriginDate lt duration'P999999999999D'",
            compare(Arithmetic(Sign.SUB, PUBLISHED, ORIGIN, DURATION), "le", literal(2**63 - 1, DURATION)),
        ),
        ("PublicationDate ge mindatetime()", compare(PUBLISHED, "ge", date(1, 1, 1))),
        ("PublicationDate lt maxdatetime()", compare(PUBLISHED, "lt", literal(253_402_300_799_999, DATE))),
        ("Name in ('a','b','a')", In(NAME, ("a", "b"))),
        ("Name in ('a')", compare(NAME, "eq", literal("a"))),
        ("Name IN ( 'a' , )", compare(NAME, "eq", literal("a"))),
        ("(Name) in (('a'),'b')", In(NAME, ("a", "b"))),
        ("not Name in ('a')", Not(compare(NAME, "eq", literal("a")))),
        ("ContentLength in (1,1.5,-2)", In(LENGTH, (1, -2))),
        ("ContentLength in (1.5)", Constant(False)),
        (
            "(ContentLength divby 2) in (NaN,1)",
            compare(Arithmetic(Sign.DIVBY, LENGTH, literal(2), DOUBLE), "eq", literal(1.0)),
        ),
        ("ProductionType in ('on-demand:default',0)", In(KIND, (1, 0))),
        (
            "ProductionType in (null,0)",
            Or((Comparison(KIND, Operator.EQ, ast.Literal(KIND.property.type, 0)), IsNull(KIND))),
        ),  # type: ignore[arg-type]
        ("Name in (null)", Or((Constant(False), IsNull(NAME)))),
        ("null in (null,'a')", Constant(True)),
        ("null in ('a')", Constant(False)),
        ("'a' in ('b','a')", Constant(True)),
        ("2 in (1,2.0)", Constant(True)),
        ("2 in (1,'a')", None),
        ("contains('abc','b')", Constant(True)),
        ("startswith('abc','b')", Constant(False)),
        ("contains('abc',Name)", TextMatch(literal("abc"), Matching.CONTAINS, NAME)),
        ("contains(Name,tolower(Name))", TextMatch(NAME, Matching.CONTAINS, call("tolower", NAME))),
        ("Name eq 'a' eq true", compare(NAME, "eq", literal("a"))),
        ("true ne (Name eq 'a')", Not(compare(NAME, "eq", literal("a")))),
        ("Name eq 'a' eq null", Not(Or((compare(NAME, "eq", literal("a")), Not(compare(NAME, "eq", literal("a"))))))),
        ("null add ContentLength eq null", Constant(True)),
        ("length(null) gt 5", Constant(False)),
        ("concat(Name,null) ne null", Constant(False)),
    ],
)
def test_comparisons(text: str, tree: Node | None) -> None:
    if tree is None:
        with pytest.raises(BadQuery, match="expected a number"):
            parse_filter(text)
    else:
        assert parse_filter(text) == tree


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("1 eq 1.0", True),
        ("1 gt 1", False),
        ("1 ge 1", True),
        ("9007199254740993 eq 9007199254740992.0", False),
        ("1e400 lt INF", True),
        ("NaN eq NaN", False),
        ("NaN ne 1", True),
        ("NaN lt 1", False),
        ("'a' lt 'b'", True),
        ("'a' le 'Z'", False),
        ("true eq True", True),
        ("true ne false", True),
        ("null eq null", True),
        ("null ne null", False),
        ("null ge null", False),
        ("null eq 1", False),
        ("1 ne null", True),
        ("2020-01-01 eq 2020-01-01T00:00:00Z", True),
        ("2020-01-01 eq '2020-01-01T01:00:00+01:00'", True),
        ("'2020-01-01' lt 2020-01-02", True),
        ("12:00 lt 12:00:01", True),
        ("duration'PT60S' eq duration'PT1M'", True),
        ("mindatetime() lt maxdatetime()", True),
        ("guid'3d40010a-f220-4667-9d38-1083994e5e48' eq '3D40010A-f220-4667-9d38-1083994e5e48'", True),
        ("OData.CSC.ProductionType'systematic_production' eq 0", True),
        ("-5 eq - 5", True),
    ],
)
def test_literals_are_compared_at_once(text: str, truth: bool) -> None:
    assert parse_filter(text) == Constant(truth)


def test_a_condition_that_may_be_null_is_compared_as_null() -> None:
    match = "contains(ProductionType,'x')"  # it is none of the names: no text match is left
    assert parse_filter(f"{match} eq true") == Constant(False)
    area = "OData.CSC.Intersects(area=geography'SRID=4326;POINT(1 2)')"
    tree = parse_filter(area)
    assert parse_filter(f"{area} eq true") == Not(IsNotTrue(tree))
    assert parse_filter(f"{area} eq false") == Not(IsNotTrue(Not(tree)))
    assert parse_filter(f"{area} ne true") == IsNotTrue(tree)
    assert parse_filter(f"false ne {area}") == IsNotTrue(Not(tree))
    assert parse_filter(f"{area} ne null") == Or((Not(IsNotTrue(tree)), Not(IsNotTrue(Not(tree)))))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("length(Name,'a') eq 1", r"character 1: length\(\) takes 1 argument, without names"),
        ("substring(Name) eq 'a'", r"substring\(\) takes 2 or 3 arguments"),
        ("now(1) eq null", r"now\(\) takes 0 arguments"),
        ("length(text='a') eq 1", "without names"),
        ("length(5) eq 1", r"character 8: length\(\) is given 5, expected a 'text'"),
        ("length(ContentLength) eq 1", r"length\(\) takes a text, ContentLength is a whole number"),
        ("year(Name) eq 1", r"year\(\) takes a date, Name is a text"),
        ("year('soon') eq 1", "expected a date such as"),
        ("substring(Name,1.5) eq 'a'", "expected a whole number"),
        ("substring(Name,'1') eq 'a'", "expected a whole number"),
        ("round(Name) eq 1", r"round\(\) takes a number, Name is a text"),
        ("round('1') eq 1", "expected a number"),
        ("tolower(Name) eq 5", r"tolower\(\) is compared with 5, expected a 'text'"),
        ("year(PublicationDate)", r"year\(\) is neither true nor false"),
        ("length(area=geography'POINT(1 2)') eq 1", "without names"),
        ("length(geography'POINT(1 2)') eq 1", "an area stands in OData.CSC.Intersects"),
        ("lenght(Name) eq 1", "no function lenght; did you mean length?"),
        ("OData.CSC.Overlaps(area=geography'POINT(1 2)')", "no function OData.CSC.Overlaps"),
        ("Name gt ContentLength", "Name is a text, ContentLength is a whole number: they cannot be compared"),
        ("Online gt Online", "compared by eq and ne only"),
        ("true gt false", "compared by eq and ne only"),
        ("5 eq 'a'", "a literal is compared with 'a', expected a number"),
        ("Name add 5 eq 1", "add cannot stand between Name, a text, and a literal, a whole number"),
        ("PublicationDate add OriginDate gt now()", "add cannot stand between PublicationDate, a date, and OriginDate"),
        ("PublicationDate mul 2 gt now()", "mul cannot stand between"),
        ("duration'P1D' mod 2 eq null", "mod cannot stand between"),
        ("-Name eq 'a'", "a minus stands before Name, which is a text"),
        ("-'a' eq 'a'", "a minus stands before a literal, which is a text"),
        ("ContentLength add 5", "the result of arithmetic is neither true nor false"),
        ("-ContentLength", "the result of arithmetic is neither true nor false"),
        ("ContentLength mul 1e19 gt 5", "expected nought or a number between 1e-18 and 1e18"),
        ("ContentLength mul 1e-19 gt 5", "expected nought or a number between"),
        ("ContentLength mul INF gt 5", "expected nought or a number between"),
        ("ContentLength mul NaN gt 5", "nothing is equal to NaN"),
        ("ContentLength add (Name eq 'a') gt 5", "this is a condition, a value was expected"),
        ("Name in ('a',5)", "Name is compared with 5, expected a 'text'"),
        ("area='a'", "found =|area= names an argument"),
        ("time(PublicationDate) gt 24:00", "a time of day that exists"),
        ("time(PublicationDate) gt 'noon'", "a time of day such as 07:06:20.464"),
        ("PublicationDate sub OriginDate gt duration'1 day'", "a duration such as duration'P1DT12H30M5.5S'"),
        ("PublicationDate sub OriginDate gt duration'P'", "a duration such as"),
        ("PublicationDate sub OriginDate gt duration'P1DT'", "a duration such as"),
        ("PublicationDate sub OriginDate gt duration'P1Y'", "a duration such as"),
        (
            "Attributes/any(a:a/Value eq date(PublicationDate))",
            "Value is the value of an attribute, which is never a date",
        ),
        ("Attributes/any(a:a/Value eq Id)", "which is never an Id"),
    ],
)
def test_bad_scalars(text: str, sentence: str) -> None:
    with pytest.raises((BadQuery, UnsupportedQuery), match=sentence):
        parse_filter(text)
