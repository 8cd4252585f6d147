"""Filters as odata-query reads them, brought to the expressions of these tests, which know what they mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from odata_query import ast as theirs
from odata_query.grammar import ODataLexer, ODataParser

from tests.differential.areas import HasFootprint
from tests.differential.conditions import (
    MATCHES,
    All,
    Among,
    Bare,
    Compared,
    Condition,
    Flag,
    Matched,
    Not,
    Quantified,
    Some,
    Truthful,
    ValueAmong,
    ValueCompared,
    ValueIsNull,
)  # fmt: skip
from tests.differential.literals import AttributeLiteral
from tests.differential.logic import FLIPPED, Kind
from tests.differential.pen import ALIASES, EPOCH, MEMBERS
from tests.differential.reading_areas import area
from tests.differential.scalars import (
    LITERALS,
    AttributeValue,
    Call,
    Fixed,
    Member,
    Moment,
    Null,
    Number,
    Opposite,
    Path,
    Reckoning,
    Scalar,
    Text,
)  # fmt: skip
from tests.differential.sources import PATHS

_NAMES = {old: new for new, olds in ALIASES.items() for old in olds}
_ORDERINGS = {
    theirs.Eq: "eq", theirs.NotEq: "ne", theirs.Gt: "gt", theirs.GtE: "ge", theirs.Lt: "lt", theirs.LtE: "le",
}  # fmt: skip
_SIGNS = {theirs.Add: "add", theirs.Sub: "sub", theirs.Mult: "mul", theirs.Div: "div", theirs.Mod: "mod"}
_MEMBER_KINDS = {"Name": Kind.TEXT, "ValueType": Kind.TEXT, "Algorithm": Kind.TEXT, "ChecksumDate": Kind.DATE}
_TEXT_FUNCTIONS = frozenset({"length", "indexof", "concat", "substring", "tolower", "toupper", "trim"})
_RESULTS = {
    **dict.fromkeys(("concat", "substring", "tolower", "toupper", "trim"), Kind.TEXT),
    **dict.fromkeys(("length", "indexof", "totaloffsetminutes"), Kind.WHOLE),
    **dict.fromkeys(("year", "month", "day", "hour", "minute", "second"), Kind.WHOLE),
    **dict.fromkeys(("fractionalseconds", "totalseconds"), Kind.REAL),
    **dict.fromkeys(("now", "mindatetime", "maxdatetime"), Kind.DATE),
    "date": Kind.DAY,
    "time": Kind.CLOCK,
}


def second_opinion(text: str) -> Condition:
    """What odata-query reads in a filter.

    :raises odata_query.exceptions.ODataException: it cannot read it.
    """
    return _Reader({}).condition(ODataParser().parse(ODataLexer().tokenize(text)))


class _Reader:
    """:param variables: a lambda's variable → whether it stands for an attribute."""

    def __init__(self, variables: dict[str, bool]) -> None:
        self._variables = variables

    def condition(self, node: theirs._Node) -> Condition:
        match node:
            case theirs.BoolOp(op=op, left=left, right=right):
                joined = All if isinstance(op, theirs.And) else Some
                return joined((self.condition(left), self.condition(right)))
            case theirs.UnaryOp(op=theirs.Not(), operand=operand):
                return Not(self.condition(operand))
            case theirs.Compare():
                return self._compare(node)
            case theirs.CollectionLambda():
                return self._quantified(node)
            case theirs.Call(func=theirs.Identifier(name=name)) if name in MATCHES:
                operand, part = (self.scalar(each, Kind.TEXT) for each in node.args)
                return self._about(Matched(name, operand, part), operand, part)
            case theirs.Call():
                return area(node)
            case _:
                flag = self.scalar(node, Kind.FLAG)
                return self._about(Flag(flag), flag)

    def _quantified(self, node: theirs.CollectionLambda) -> Condition:
        collection = _path(node.owner)[0]
        collection = _NAMES.get(collection, collection)
        if node.lambda_ is None:
            return Quantified(collection, "any", "x", None, closed=True)
        variable = node.lambda_.identifier.name
        inner = _Reader({**self._variables, variable: collection == "Attributes"}).condition(node.lambda_.expression)
        quantifier = "any" if isinstance(node.operator, theirs.Any) else "all"
        return Quantified(collection, quantifier, variable, inner, closed=False)

    def _about(self, term: Condition, *scalars: Scalar) -> Condition:
        """A term with the bare name of an attribute speaks of the attribute of that name."""
        names = {name for scalar in scalars for name in _bare_names(scalar)}
        if not names:
            return term
        (name,) = names
        name = "platformShortName" if name == "Collection/Name" else name
        return Bare(name, term, absent=isinstance(term, ValueIsNull) and term.ordering == "eq")

    def _compare(self, node: theirs.Compare) -> Condition:
        if isinstance(node.comparator, theirs.In):
            return self._among(node)
        ordering = _ORDERINGS[type(node.comparator)]
        sides = node.left, node.right
        if _is_condition(node.left) or _is_condition(node.right):
            condition, truth = sides if isinstance(node.right, theirs.Boolean | theirs.Null) else sides[::-1]
            return Truthful(self.condition(condition), ordering, truth.py_val)
        if not isinstance(node.right, theirs.Call) and _path(node.left) in (["Footprint"], ["GeoFootprint"]):
            return HasFootprint(ordering, _path(node.left)[0])
        if isinstance(node.left, theirs._Literal) and not isinstance(node.right, theirs._Literal):
            ordering, sides = FLIPPED[ordering], sides[::-1]
        left = self.scalar(sides[0], self._kind_of(sides[1]))
        if isinstance(left, AttributeValue) and isinstance(sides[1], theirs._Literal):
            return self._about(_valued(left, ordering, sides[1]), left)
        right = self.scalar(sides[1], left.kind)
        return self._about(Compared(left, ordering, right), left, right)

    def _among(self, node: theirs.Compare) -> Condition:
        operand = self.scalar(node.left, Kind.TEXT)
        literals = node.right.val
        if isinstance(operand, AttributeValue):
            return self._about(ValueAmong(operand, tuple(map(_attribute_literal, literals))), operand)
        values = tuple(self.scalar(literal, operand.kind) for literal in literals)
        return self._about(Among(operand, values), operand)

    def _kind_of(self, node: theirs._Node) -> Kind | None:
        """What a scalar is beside an attribute's value, which can be anything."""
        if isinstance(node, theirs._Literal):
            return _literal(node, None).kind
        return self.scalar(node, None).kind

    def scalar(self, node: theirs._Node, wanted: Kind | None) -> Scalar:
        """:param wanted: the kind that its place asks for, which decides about literals and attributes' values."""
        match node:
            case theirs._Literal():
                return _literal(node, wanted)
            case theirs.Identifier() | theirs.Attribute():
                return self._named(_path(node), wanted)
            case theirs.UnaryOp(operand=operand):
                inner = self.scalar(operand, Kind.REAL)
                return Opposite(inner, inner.kind or Kind.REAL)
            case theirs.BinOp():
                return self._reckoning(node)
            case theirs.Call(func=func, args=args):
                return self._call(func.name, args)
        raise AssertionError(f"{node} is no scalar")

    def _named(self, path: list[str], wanted: Kind | None) -> Scalar:
        name = "/".join(path)
        name = _NAMES.get(name, name)
        if name in PATHS:
            return Path(name, PATHS[name])
        if path[0] not in self._variables or len(path) == 1:
            return AttributeValue(name, wanted or Kind.REAL)
        if path[-1] == "Value" and self._variables[path[0]]:
            return AttributeValue(name, Kind.REAL if wanted is Kind.WHOLE else wanted or Kind.REAL)
        return Member(path[0], path[-1], _MEMBER_KINDS.get(path[-1], Kind.TEXT))

    def _reckoning(self, node: theirs.BinOp) -> Scalar:
        sign = _SIGNS[type(node.op)]
        left = self.scalar(node.left, _beside(node.right))
        right = self.scalar(node.right, left.kind if isinstance(left, LITERALS) else _beside(node.left))
        match left.kind, right.kind:
            case ((Kind.DATE | Kind.DAY), (Kind.DATE | Kind.DAY)):
                kind = Kind.SPAN
            case (Kind.DATE | Kind.DAY | Kind.SPAN) as kind, _:
                pass
            case Kind.WHOLE, Kind.WHOLE:
                kind = Kind.WHOLE
            case _:
                kind = Kind.REAL
        return Reckoning(sign, left, right, kind)

    def _call(self, name: str, arguments: list[theirs._Node]) -> Scalar:
        kinds = [
            Kind.TEXT if name in _TEXT_FUNCTIONS else Kind.DATE,
            Kind.TEXT if name in {"indexof", "concat"} else Kind.WHOLE,
        ]
        if name in {"round", "floor", "ceiling"}:
            kinds = [Kind.REAL]
        read = tuple(self.scalar(each, kinds[min(at, len(kinds) - 1)]) for at, each in enumerate(arguments))
        return Call(name, read, _RESULTS.get(name) or read[0].kind or Kind.REAL)


def _beside(node: theirs._Node) -> Kind:
    """What an attribute's value is reckoned as beside this."""
    if isinstance(node, theirs.Call) and node.func.name in _RESULTS:
        found = _RESULTS[node.func.name]
    elif isinstance(node, theirs.BinOp):
        found = _beside(node.left)
    elif isinstance(node, theirs._Literal):
        found = _literal(node, None).kind or Kind.REAL
    else:
        found = PATHS.get("/".join(_path(node)), Kind.REAL) if not isinstance(node, theirs.UnaryOp) else Kind.REAL
    return Kind.DATE if found in {Kind.SPAN, Kind.DATE} else Kind.REAL


def _path(node: theirs._Node) -> list[str]:
    if isinstance(node, theirs.Attribute):
        return [*_path(node.owner), node.attr]
    return [node.name] if isinstance(node, theirs.Identifier) else []


def _bare_names(scalar: Scalar) -> list[str]:
    match scalar:
        case AttributeValue(written=written) if written == "Collection/Name" or "/" not in written:
            return [written]
        case Call(arguments=arguments):
            return [name for each in arguments for name in _bare_names(each)]
        case Reckoning(left=left, right=right):
            return _bare_names(left) + _bare_names(right)
        case Opposite(operand=operand):
            return _bare_names(operand)
    return []


def _is_condition(node: theirs._Node) -> bool:
    if isinstance(node, theirs.Call):
        return node.func.name in MATCHES or bool(node.func.namespace)
    negation = isinstance(node, theirs.UnaryOp) and isinstance(node.op, theirs.Not)
    return negation or isinstance(node, theirs.BoolOp | theirs.Compare | theirs.CollectionLambda)


def _valued(value: AttributeValue, ordering: str, literal: theirs._Literal) -> Condition:
    if isinstance(literal, theirs.Null):
        return ValueIsNull(value, ordering)
    return ValueCompared(value, ordering, _attribute_literal(literal))


def _attribute_literal(literal: theirs._Literal) -> AttributeLiteral:
    return AttributeLiteral(literal.val, quoted=isinstance(literal, theirs.String))


def _literal(node: theirs._Literal, wanted: Kind | None) -> Scalar:
    match node:
        case theirs.String(val=text) if wanted in {Kind.GUID, Kind.MEMBER, Kind.DATE}:
            return _quoted(text, wanted)
        case theirs.Integer(val=text) if wanted is Kind.MEMBER:
            return Fixed(int(text), Kind.MEMBER)
        case theirs.Integer(val=text) | theirs.Float(val=text):
            return Number(text)
        case theirs.DateTime(val=text) | theirs.Date(val=text) | theirs.Time(val=text):
            return _point_in_time(node, text, wanted)
        case theirs.Duration():
            return Moment(round(node.py_val / timedelta(milliseconds=1)), Kind.SPAN)
        case _:
            return _plain(node)


def _plain(node: theirs._Literal) -> Scalar:
    match node:
        case theirs.Null():
            return Null()
        case theirs.Boolean():
            return Fixed(node.py_val, Kind.FLAG)
        case theirs.GUID(val=text):
            return Fixed(UUID(text), Kind.GUID)
        case _:
            return Text(node.val)


def _point_in_time(node: theirs._Literal, text: str, wanted: Kind | None) -> Moment:
    if isinstance(node, theirs.Time):
        clock = time.fromisoformat(text)
        seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
        return Moment(seconds * 1000 + clock.microsecond // 1000, Kind.CLOCK)
    if isinstance(node, theirs.Date) and wanted is not Kind.DATE:
        return Moment(_date(text).moment, Kind.DAY)
    return _date(text)


def _quoted(text: str, wanted: Kind) -> Scalar:
    if wanted is Kind.GUID:
        return Fixed(UUID(text), wanted)
    return _date(text) if wanted is Kind.DATE else Fixed(MEMBERS.index(text.replace("-", "_")), wanted)


def _date(text: str) -> Moment:
    whole, _, behind = text.partition(".")
    digits = re.match(r"[0-9]*", behind)
    assert digits is not None
    zone = behind[digits.end() :].replace(" ", "+")  # a plus sign that came as it is
    read = datetime.fromisoformat(whole + zone)
    aware = read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    fraction = digits[0].ljust(3, "0")
    milliseconds = (aware - EPOCH) // timedelta(milliseconds=1) + int(fraction[:3])
    return Moment(milliseconds, Kind.DATE, fraction[3:], lenient=True)
