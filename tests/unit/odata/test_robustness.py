"""Any text is answered by a tree or a refusal; any tree that is written out is read back; a second parser agrees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odata_query import ast as other
from odata_query.grammar import ODataLexer, ODataParser

from prip_core.errors import BadQuery, UnsupportedQuery
from prip_core.odata.ast import (
    And,
    AnyOf,
    Arithmetic,
    AttributeValue,
    Call,
    Collection,
    Comparison,
    Constant,
    ElementValue,
    Function,
    In,
    IsNull,
    Literal,
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
from prip_core.odata.edm import ATTRIBUTE, PATHS, PRODUCTION_TYPE, Primitive, Property
from prip_core.odata.limits import LONGEST_FILTER
from prip_core.odata.parse import parse_filter
from prip_core.times import format_utc, from_milliseconds, to_milliseconds

FRAGMENTS = [
    *(
        "(",
        ")",
        " ",
        "'",
        '"',
        ",",
        "/",
        ":",
        "=",
        ".",
        "-",
        "+",
        "\t",
        "\x00",
        "é",
        "٣",
        "not ",
        "and",
        " or ",
        " eq ",
    ),
    *("Name", "ContentDate/Start", "Online", "Attributes", "/any(", "contains(", "OData.CSC.Intersects(", "geography'"),
    *("'a'", "null", "true", "1", "-1.5e3", "1e999999999", "2020-01-01", "2020-01-01T00:00:00.1Z", "T24:00", " in ("),
    *("3d40010a-f220-4667-9d38-1083994e5e48", "ProductionType", "tolower(", " add ", "(((((((((", "not not not not "),
    *(
        "a:",
        "any(a:a/Value",
        "all(x:",
        "POLYGON((0 0,1 0,1 1,0 0))'",
        "SRID=4326;",
        "area=",
        "Footprint",
        "orbitNumber",
    ),
    *("now()", "duration'PT1S'", " mod ", "-(", " has ", "INF", "NaN", "12:00", "@p", "[", "$it/", "/$count", "Edm."),
]
SIGNIFICANT = st.characters(exclude_characters="\x00", exclude_categories=("Cs",))
INT64 = st.integers(-(2**63), 2**63 - 1)
MILLISECONDS = st.integers(to_milliseconds(datetime(1000, 1, 1, tzinfo=UTC)), 253402300799999)


def _answer(text: str) -> Node | str:
    """The tree, or the sentence of the refusal."""
    try:
        return parse_filter(text)
    except (BadQuery, UnsupportedQuery) as refusal:
        return str(refusal)


def _is_answered(text: str) -> bool:
    answer = _answer(text)
    return answer.startswith("$filter") if isinstance(answer, str) else isinstance(answer, Node)


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    assert _is_answered(text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
def test_any_mixture_of_fragments_is_answered(text: str) -> None:
    assert _is_answered(text)


@given(st.sampled_from(FRAGMENTS), st.integers(1, 3000), st.sampled_from(FRAGMENTS), st.sampled_from(FRAGMENTS))
def test_any_repetition_is_answered(before: str, times: int, middle: str, after: str) -> None:
    assert _is_answered((before * times + middle + after * times)[:LONGEST_FILTER])


def _values(declared: Property) -> st.SearchStrategy[Value]:
    match declared.type:
        case Primitive.TEXT:
            return st.text(SIGNIFICANT)
        case Primitive.GUID:
            return st.uuids()
        case Primitive.INT64:
            return INT64
        case Primitive.DATE:
            return MILLISECONDS
        case Primitive.BOOLEAN:
            return st.booleans()
        case _:
            return st.integers(0, 2)


def _comparisons(declared: Property) -> st.SearchStrategy[Node]:
    equality = [Operator.EQ, Operator.NE] if declared.type is Primitive.BOOLEAN else list(Operator)
    literals = st.builds(Literal, st.just(declared.type), _values(declared))
    return st.builds(Comparison, st.just(PropertyValue(declared)), st.sampled_from(equality), literals)


TEXTS = st.sampled_from([PropertyValue(PATHS["Name"]), PropertyValue(PATHS["ContentType"])])
PARTS = st.builds(Literal, st.just(Primitive.TEXT), st.text(SIGNIFICANT, min_size=1))
MATCHINGS = st.sampled_from(Matching)
CASES = st.sampled_from([Function.TOLOWER, Function.TOUPPER, Function.TRIM])
SIGNS = st.sampled_from([sign for sign in Sign if sign is not Sign.DIVBY])
SMALL = st.builds(Literal, st.just(Primitive.INT64), st.integers(-(10**18), 10**18))
CONTENT_LENGTH = PropertyValue(PATHS["ContentLength"])
RECKONED = st.recursive(
    st.just(CONTENT_LENGTH) | st.just(Call(Function.LENGTH, (PropertyValue(PATHS["Name"]),), Primitive.INT64)),
    lambda inner: st.builds(Arithmetic, SIGNS, inner, inner | SMALL, st.just(Primitive.INT64)),
    max_leaves=4,
)
ATTRIBUTE_NAME = ElementValue(Collection.ATTRIBUTES, ATTRIBUTE.properties[0])
ELEMENT_TERMS: st.SearchStrategy[Node] = st.one_of(
    st.builds(
        Comparison,
        st.just(ATTRIBUTE_NAME),
        st.sampled_from(Operator),
        st.builds(Literal, st.just(Primitive.TEXT), st.text(SIGNIFICANT)),
    ),
    st.builds(TextMatch, st.just(AttributeValue(Primitive.TEXT)), MATCHINGS, PARTS),
)
ELEMENT_CONDITIONS = ELEMENT_TERMS | st.lists(ELEMENT_TERMS, min_size=2, max_size=3).map(lambda each: And(tuple(each)))
TERMS: st.SearchStrategy[Node] = st.one_of(
    *map(_comparisons, PATHS.values()),
    st.builds(TextMatch, TEXTS, st.sampled_from(Matching), PARTS),
    st.builds(IsNull, st.sampled_from(list(PATHS.values())).map(PropertyValue)),
    st.builds(Constant, st.booleans()),
    st.builds(
        In, st.just(PropertyValue(PATHS["Name"])), st.lists(st.text(SIGNIFICANT), min_size=2, unique=True).map(tuple)
    ),
    st.builds(Comparison, RECKONED, st.sampled_from(Operator), st.builds(Literal, st.just(Primitive.INT64), INT64)),
    st.builds(
        TextMatch, st.builds(Call, CASES, TEXTS.map(lambda text: (text,)), st.just(Primitive.TEXT)), MATCHINGS, PARTS
    ),
    st.builds(AnyOf, st.just(Collection.ATTRIBUTES), st.none() | ELEMENT_CONDITIONS),
)


def _joined(kind: type[And | Or], operands: list[Node]) -> Node:
    flat = [inner for each in operands for inner in (each.operands if isinstance(each, kind) else (each,))]
    return kind(tuple(flat))


TREES: st.SearchStrategy[Node] = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=4).map(lambda operands: _joined(And, operands)),
        st.lists(inner, min_size=2, max_size=4).map(lambda operands: _joined(Or, operands)),
    ),
    max_leaves=12,
)


def _scalar(scalar: Scalar) -> str:
    match scalar:
        case PropertyValue(declared):
            return declared.name
        case ElementValue(member=member):
            return f"a/{member.name}"
        case AttributeValue():
            return "a/Value"
        case Call(function=function, arguments=arguments):
            return f"{function}({','.join(map(_scalar, arguments))})"
        case Arithmetic(sign=sign, left=left, right=right):
            return f"({_scalar(left)} {sign} {_scalar(right)})"
        case Literal():
            return _literal(scalar)


def _literal(literal: Literal) -> str:
    value = literal.value
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if literal.type is Primitive.DATE:
        return format_utc(from_milliseconds(int(value)))  # type: ignore[arg-type]
    if literal.type is PRODUCTION_TYPE:
        return f"'{PRODUCTION_TYPE.members[int(value)][0]}'"  # type: ignore[arg-type]
    return str(value).lower()


def _written(node: Node) -> str:  # noqa: C901 - one case for each kind of node
    """The filter that a tree stands for, with brackets only where precedence asks for them."""
    match node:
        case Constant(value=value):
            return str(value).lower()
        case Comparison(left=left, operator=operator, right=right):
            return f"{_scalar(left)} {operator} {_scalar(right)}"
        case In(operand=operand, values=values):
            return f"{_scalar(operand)} in ({','.join(_literal(Literal(Primitive.TEXT, value)) for value in values)})"
        case IsNull(operand=operand):
            return f"{_scalar(operand)} eq null"
        case TextMatch(operand=operand, matching=matching, text=text):
            return f"{matching}({_scalar(operand)},{_scalar(text)})"
        case AnyOf(collection=collection, condition=None):
            return f"{collection}/any()"
        case AnyOf(collection=collection, condition=condition):
            return f"{collection}/any(a:{_written(condition)})"
        case Not(operand=inner):
            return f"not ({_written(inner)})"
        case And(operands=operands):
            return " and ".join(f"({_written(each)})" if isinstance(each, Or) else _written(each) for each in operands)
        case Or(operands=operands):
            return " or ".join(_written(each) for each in operands)
        case _:
            raise AssertionError(f"{type(node)} is not made here")


@settings(max_examples=300)
@given(TREES)
def test_a_tree_that_is_written_out_is_read_back(tree: Node) -> None:
    assert parse_filter(_written(tree)) == tree


def _outline(node: Node) -> str:
    """A tree without its values' types: what two parsers can be compared by."""
    match node:
        case Comparison(left=left, operator=operator, right=right):
            return f"({operator} {_scalar_outline(left)} {_scalar_outline(right)})"
        case IsNull(operand=operand):
            return f"(eq {_scalar_outline(operand)} null)"
        case In(operand=operand, values=values):
            texts = " ".join(_literal(Literal(Primitive.TEXT, each)) for each in values)
            return f"(in {_scalar_outline(operand)} {texts})"
        case TextMatch(operand=operand, matching=matching, text=text):
            return f"({matching} {_scalar_outline(operand)} {_scalar_outline(text)})"
        case Not(operand=inner):
            return f"(not {_outline(inner)})"
        case And() | Or():
            return _nested(type(node).__name__.lower(), _operands(node, type(node)))
        case _:
            raise AssertionError(f"{type(node)} is not compared here")


def _scalar_outline(scalar: Scalar) -> str:
    match scalar:
        case Call(function=function, arguments=arguments):
            return f"({function} {' '.join(map(_scalar_outline, arguments))})"
        case Arithmetic(sign=sign, left=left, right=right):
            return f"({sign} {_scalar_outline(left)} {_scalar_outline(right)})"
        case _:
            return _scalar(scalar)


def _operands(node: Node, kind: type[And | Or]) -> list[str]:
    if isinstance(node, kind):
        return [outline for each in node.operands for outline in _operands(each, kind)]
    return [_outline(node)]


def _nested(joint: str, operands: list[str]) -> str:
    return f"({joint} {' '.join(operands)})"


def _second_opinion(text: str) -> str:
    return _other_outline(ODataParser().parse(ODataLexer().tokenize(text)))


def _other_operands(node: other._Node, kind: type[other._Node]) -> list[str]:
    if isinstance(node, other.BoolOp) and isinstance(node.op, kind):
        return _other_operands(node.left, kind) + _other_operands(node.right, kind)
    return [_other_outline(node)]


def _other_outline(node: other._Node) -> str:  # noqa: C901 - one case for each kind of node
    match node:
        case other.BoolOp(op=op):
            return _nested(type(op).__name__.lower(), _other_operands(node, type(op)))
        case other.UnaryOp(operand=operand):
            return f"(not {_other_outline(operand)})"
        case other.Compare(comparator=comparator, left=left, right=right):
            operator = {"NotEq": "ne", "LtE": "le", "GtE": "ge"}.get(type(comparator).__name__)
            return f"({operator or type(comparator).__name__.lower()} {_other_outline(left)} {_other_outline(right)})"
        case other.BinOp(op=op, left=left, right=right):
            sign = type(op).__name__.lower().replace("mult", "mul")
            return f"({sign} {_other_outline(left)} {_other_outline(right)})"
        case other.List(val=values):
            return " ".join(map(_other_outline, values))
        case other.Call(func=func, args=args):
            return f"({func.name} {' '.join(map(_other_outline, args))})"
        case other.Attribute(owner=owner, attr=attr):
            return f"{_other_outline(owner)}/{attr}"
        case other.Identifier(name=name):
            return name
        case other.String(val=text):
            return "'" + text.replace("'", "''") + "'"
        case other.Null():
            return "null"
        case _:
            return str(node.val)


@pytest.mark.parametrize(
    "text",
    [
        "contains(Name,'S2A') and PublicationDate gt 2020-05-15T00:00:00.000Z",
        "ContentDate/Start gt 2019-05-15T00:00:00.000Z and not (startswith(Name,'x'))",
        "Name eq 'a' or Name eq 'b' and Name eq 'c' or Name eq 'd'",
        "(Name eq 'a' or Name eq 'b') and (Name eq 'c' or Name eq 'd')",
        "Name eq 'a' and (Name eq 'b' and Name eq 'c')",
        "not contains(Name,'a') and Online eq true",
        "not (Name eq 'a' and Online eq false) or ContentLength le 5",
        "Id eq 3d40010a-f220-4667-9d38-1083994e5e48 or EvictionDate eq null",
        "Name ne 'it''s' and endswith(Name, '.tar') and ContentLength ge 0",
        "Name in ('a','b') or not (Name in ('c','d','e'))",
        "length(Name) add 3 mul 2 sub 1 gt 5 and tolower(Name) eq 'x'",
        "(length(Name) add 3) mul (2 sub ContentLength) gt 5 or indexof(Name,'x') ge 1 mod 3",
        "ContentLength sub 3 sub 2 lt length(concat(Name,substring(ContentType,1,2)))",
        "year(PublicationDate) eq 2020 and contains(toupper(Name),trim(ContentType))",
        "ContentDate/End lt 2020-01-01T00:00:00.000Z or PublicationDate le 2021-12-31T23:59:59.999Z",
    ],
)
def test_a_second_parser_reads_the_same(text: str) -> None:
    assert _outline(parse_filter(text)) == _second_opinion(text)
