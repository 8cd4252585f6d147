"""Conditions on footprints: OData.CSC.Intersects, Within, Disjoints and geo.intersects, in every spelling."""

from __future__ import annotations

import shapely

from prip_core.odata import edm
from prip_core.odata.areas import BadArea, read_area
from prip_core.odata.ast import FootprintMatch, IsNotTrue, Node, Not, Operator, Relation
from prip_core.odata.refusals import bad, unsupported
from prip_core.odata.syntax import Call, Expression, Literal, LiteralKind, Named, Path, bare

_RELATIONS = {
    **{edm.qualified(relation).lower(): relation for relation in Relation},
    "geo.intersects": Relation.INTERSECTS,
}
_FOOTPRINTS = frozenset({"footprint", "geofootprint"})
_AREA, _FOOTPRINT = "area", "footprint"
_PARAMETERS = {
    "area": _AREA,
    "geo_shape": _AREA,
    "location": _FOOTPRINT,
    "geo_property": _FOOTPRINT,
}
"""Names of parameters in the interfaces' versions → what they are."""

_EVERYWHERE = bytes(shapely.to_wkb(shapely.box(-180, -90, 180, 90), byte_order=1))


def is_geographical(call: Call) -> bool:
    """Whether a function is one of these."""
    return call.name.lower() in _RELATIONS


def footprint_match(call: Call) -> FootprintMatch:
    """The condition that a geographical function stands for.

    :raises BadQuery: its arguments are not an area, alone or with ``Footprint``.
    """
    given = [_argument(call, argument) for argument in call.arguments]
    kinds = sorted(kind for kind, _ in given)
    if kinds not in ([_AREA], [_AREA, _FOOTPRINT]):
        raise bad(
            call.position,
            f"{call.name} takes an area: OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((…))')",
        )
    literal = next(value for kind, value in given if kind == _AREA)
    assert isinstance(literal, Literal)
    try:
        return FootprintMatch(_RELATIONS[call.name.lower()], read_area(literal.text))
    except BadArea as error:
        raise bad(literal.position, str(error)) from error


def is_footprint(expression: Expression) -> bool:
    """Whether an expression names the footprint."""
    return isinstance(expression, Path) and expression.text.lower() in _FOOTPRINTS


def compare_footprint(path: Path, operator: Operator, other: Expression) -> Node:
    """``Footprint eq null`` and ``ne``: whether there is one; where there is, it lies somewhere on Earth.

    :raises UnsupportedQuery: it is compared otherwise.
    """
    is_null = isinstance(other, Literal) and other.kind is LiteralKind.NULL
    if not is_null or not operator.asks_equality:
        raise unsupported(
            path.position, f"{path.text} can be compared with null alone; ask OData.CSC.Intersects(area=…)"
        )
    missing = IsNotTrue(FootprintMatch(Relation.INTERSECTS, _EVERYWHERE))
    return missing if operator is Operator.EQ else Not(missing)


def _argument(call: Call, argument: Expression) -> tuple[str, Expression]:
    """What an argument is by its form, which its name must agree with."""
    value = bare(argument.value if isinstance(argument, Named) else argument)
    kind = _FOOTPRINT
    if isinstance(value, Literal) and value.kind is LiteralKind.GEOGRAPHY:
        kind = _AREA
    elif not is_footprint(value):
        kind = "something else"
    if isinstance(argument, Named) and _PARAMETERS.get(argument.name.lower()) != kind:
        raise bad(
            argument.position,
            f"{call.name} has parameters area=geography'SRID=4326;…' (or geo_shape) and location=Footprint (or"
            " geo_property)",
        )
    return kind, value
