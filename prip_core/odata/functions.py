"""Functions whose value is no condition: what they take, and the type of what they give."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from prip_core.errors import PripError
from prip_core.odata import ast, edm, literals, values
from prip_core.odata.ast import Function, Matching
from prip_core.odata.edm import Primitive
from prip_core.odata.operands import DATES, NUMBERS, AnyValue, Operand, described, in_words, is_null, null_at
from prip_core.odata.parts import type_of
from prip_core.odata.refusals import bad, unsupported
from prip_core.odata.syntax import Call, Literal, LiteralKind, Named

_CLOCK = (Primitive.DATE, Primitive.TIME_OF_DAY)
_TEXT = (Primitive.TEXT,)
_WHOLE = (Primitive.INT64,)
_NUMBER = (Primitive.DOUBLE, Primitive.INT64)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives.

    :param parameters: of each the types that it may have; the first one is that of an attribute's value.
    :param optional: how many parameters may be left out.
    """

    result: Primitive
    parameters: tuple[tuple[Primitive, ...], ...]
    optional: int = 0


SIGNATURES = {
    Function.CONCAT: Signature(Primitive.TEXT, (_TEXT, _TEXT)),
    Function.INDEXOF: Signature(Primitive.INT64, (_TEXT, _TEXT)),
    Function.LENGTH: Signature(Primitive.INT64, (_TEXT,)),
    Function.SUBSTRING: Signature(Primitive.TEXT, (_TEXT, _WHOLE, _WHOLE), optional=1),
    Function.TOLOWER: Signature(Primitive.TEXT, (_TEXT,)),
    Function.TOUPPER: Signature(Primitive.TEXT, (_TEXT,)),
    Function.TRIM: Signature(Primitive.TEXT, (_TEXT,)),
    Function.YEAR: Signature(Primitive.INT64, (DATES,)),
    Function.MONTH: Signature(Primitive.INT64, (DATES,)),
    Function.DAY: Signature(Primitive.INT64, (DATES,)),
    Function.HOUR: Signature(Primitive.INT64, (_CLOCK,)),
    Function.MINUTE: Signature(Primitive.INT64, (_CLOCK,)),
    Function.SECOND: Signature(Primitive.INT64, (_CLOCK,)),
    Function.FRACTIONALSECONDS: Signature(Primitive.DOUBLE, (_CLOCK,)),
    Function.TOTALOFFSETMINUTES: Signature(Primitive.INT64, ((Primitive.DATE,),)),
    Function.TOTALSECONDS: Signature(Primitive.DOUBLE, ((Primitive.DURATION,),)),
    Function.DATE: Signature(Primitive.DAY, ((Primitive.DATE,),)),
    Function.TIME: Signature(Primitive.TIME_OF_DAY, ((Primitive.DATE,),)),
    Function.NOW: Signature(Primitive.DATE, ()),
    Function.ROUND: Signature(Primitive.DOUBLE, (_NUMBER,)),
    Function.FLOOR: Signature(Primitive.DOUBLE, (_NUMBER,)),
    Function.CEILING: Signature(Primitive.DOUBLE, (_NUMBER,)),
}
"""What every function takes and gives."""

_NAMES = frozenset(function.value for function in Function)
_ROUNDING = frozenset({Function.ROUND, Function.FLOOR, Function.CEILING})
_ENDS = {"mindatetime": "0001-01-01T00:00:00Z", "maxdatetime": "9999-12-31T23:59:59.999Z"}
_CONDITIONS = (*(edm.qualified(function.name) for function in edm.FUNCTIONS), "geo.intersects")
_NOT_SERVED = re.compile(
    r"cast|isof|matchespattern|hassubset|hassubsequence|case|geo\.(distance|length)|(.*/)?(any|all)|\$?[a-z]+\(\)"
)


def check(call: Call) -> None:
    """Refuse a function that is none of these, before its arguments are looked at.

    :raises BadQuery: it is not known, or takes another number of arguments.
    :raises UnsupportedQuery: it is a function of OData that is not served.
    """
    name = call.name.lower()
    if name in _ENDS:
        most = least = 0
    elif name in _NAMES:
        signature = SIGNATURES[Function(name)]
        most = len(signature.parameters)
        least = most - signature.optional
    else:
        raise unknown(call)
    if not least <= len(call.arguments) <= most or any(isinstance(each, Named) for each in call.arguments):
        number = str(most) if least == most else f"{least} or {most}"
        raise bad(call.position, f"{name}() takes {number} argument{'s' * (most != 1)}, without names")


def call(call: Call, operands: Sequence[Operand]) -> Operand:
    """A function's value; null where an argument is the literal null.

    :raises BadQuery: the arguments are not of the types that it takes.
    """
    name = call.name.lower()
    if name in _ENDS:
        return Literal(LiteralKind.DATE, _ENDS[name], call.position)
    function = Function(name)
    signature = SIGNATURES[function]
    if any(map(is_null, operands)):
        return null_at(call.position)
    arguments = tuple(
        typed(operand, accepted, f"{name}()", call.position)
        for operand, accepted in zip(operands, signature.parameters, strict=False)
    )
    if function in _ROUNDING and type_of(arguments[0]) is Primitive.INT64:
        return arguments[0]
    return ast.Call(function, arguments, signature.result)


def typed(operand: Operand, accepted: Sequence[Primitive], taker: str, position: int) -> ast.Scalar:
    """An operand as a scalar of one of the types that a function or operator takes.

    :raises BadQuery: it is of none of them.
    """
    match operand:
        case AnyValue():
            return values.of_type(accepted[0], described(operand), position)
        case Literal():
            return _literal(operand, accepted, f"{taker} is given")
    if type_of(operand) not in accepted:
        raise bad(
            position,
            f"{taker} takes {in_words(accepted[0])}, {described(operand)} is {in_words(type_of(operand))}",
        )
    return operand


def _literal(literal: Literal, accepted: Sequence[Primitive], subject: str) -> ast.Literal:
    own = literals.own_type(literal)
    fitting = [each for each in accepted if each is own] or list(accepted)
    type_ = fitting[0]
    if type_ in NUMBERS and own not in NUMBERS:
        raise literals.mismatch(subject, literal, in_words(type_))
    if type_ is Primitive.INT64 and own is Primitive.DOUBLE:
        raise literals.mismatch(subject, literal, in_words(type_))
    return ast.Literal(type_, literals.value(type_, subject, literal))


def unknown(call: Call) -> PripError:
    """The refusal of a function that is not served here, or known to nobody."""
    name = call.name.lower()
    if _NOT_SERVED.fullmatch(name):
        return unsupported(call.position, f"{call.name:.60}() is not served")
    known = [*Matching, *Function, *_ENDS, *_CONDITIONS]
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return bad(call.position, f"there is no function {call.name:.60}{meant}; there are {', '.join(known)}")
