"""Names in a filter: properties of the entity, members of a collection's element, attributes by their bare names."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from prip_core.errors import PripError
from prip_core.odata import ast, edm
from prip_core.odata.operands import AnyValue
from prip_core.odata.refusals import bad, unsupported
from prip_core.odata.syntax import Condition, Path

_VALUE_TYPE = "|".join(edm.VALUE_TYPES)
_CAST = re.compile(rf"({re.escape(edm.NAMESPACE)}\.)?({_VALUE_TYPE})?attribute", re.I)
"""A type named in a path: a hint at most, since an attribute is found by its name whatever its type."""

_ATTRIBUTES = re.compile(rf"({_VALUE_TYPE})?attributes", re.I)
"""Older interfaces had a list of attributes for each type."""

_ATTRIBUTE_NAME = re.compile(r"[a-z][A-Za-z0-9_]*")
_KEYWORDS = frozenset({"and", "or", "not", "in", "has", "any", "all", "asc", "desc", *ast.Operator, *ast.Sign})
_FAMILIAR: Mapping[str, str] = {"Collection/Name": "platformShortName"}
"""What other services call a property → the attribute that it is here."""

_NEARLY = 0.9  # productType and ProductionType, which are two things, are 0.88 alike
_ALIKE = 0.75  # enough for a hint about a name that cannot be an attribute's
_LIKE_A_TEXT = re.compile(r"[0-9_]")  # S1A, S2B_OPER_…: no property is called so
_UNQUOTED = "; a text stands in single quotes"


@dataclass(frozen=True, slots=True)
class Scope:
    """The condition on elements around a name.

    :param outer: variables of the conditions around that one.
    """

    variable: str
    collection: ast.Collection
    outer: frozenset[str]


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in a query stand for.

    :param entity: whose properties are named.
    :param option: the query option, for errors.
    """

    entity: edm.EntityType
    option: str = "$filter"

    @property
    def paths(self) -> Mapping[str, edm.Property]:
        """The entity's properties, by the paths to them."""
        return edm.paths_of(self.entity)

    def value(self, path: Path, scope: Scope | None) -> ast.PropertyValue | ast.ElementValue | AnyValue:
        """What a path stands for.

        :raises BadQuery: there is nothing of this name.
        :raises UnsupportedQuery: it is known, but cannot be asked for here.
        """
        segments = _without_casts(path.text.removeprefix("$it/").split("/"))
        if scope is not None and segments[0] == scope.variable:
            return self._member(path, segments[1:], scope.collection)
        if scope is not None and segments[0] in scope.outer:
            raise unsupported(path.position, f"{path.text:.80} belongs to another element than {scope.variable}")
        return self._outside(path, "/".join(segments))

    def orderable(self, path: Path) -> edm.Property:
        """The property that a path of ``$orderby`` names.

        :raises BadQuery: there is none of this name.
        :raises UnsupportedQuery: it is an attribute.
        """
        found = self.value(path, None)
        if not isinstance(found, ast.PropertyValue):
            raise unsupported(
                path.position, f"{path.text:.80} is an attribute; ordering by attributes is not served", self.option
            )
        return found.property

    def collection(self, condition: Condition) -> tuple[ast.Collection, bool]:
        """The collection that ``any`` or ``all`` is asked of; whether it is ``all``.

        :raises BadQuery: there is none of this name.
        """
        *segments, quantifier = condition.path.split("/")
        if quantifier.lower() not in {"any", "all"}:
            raise bad(condition.position, f"there is no {quantifier:.60} of a collection, there are any and all")
        return collection_at("/".join(segments), condition.position), quantifier.lower() == "all"

    def _member(self, path: Path, segments: list[str], collection: ast.Collection) -> ast.ElementValue | AnyValue:
        is_attribute = collection is ast.Collection.ATTRIBUTES
        if is_attribute and segments == ["Value"]:
            return AnyValue(None)
        declared = edm.ATTRIBUTE.properties if is_attribute else edm.CHECKSUM.properties
        for member in declared:
            if segments == [member.name]:
                return ast.ElementValue(collection, member)
        known = ", ".join(member.name for member in declared) + (", Value" if is_attribute else "")
        raise bad(path.position, f"{path.text:.80} is no member of {collection}; there are {known}")

    def _outside(self, path: Path, text: str) -> ast.PropertyValue | AnyValue:
        found = self.paths.get(edm.ALIASES.get(text, text))
        if found is not None:
            return ast.PropertyValue(found)
        if text in _FAMILIAR:
            return AnyValue(_FAMILIAR[text])
        near = _near(text, self.entity.name)
        if _ATTRIBUTE_NAME.fullmatch(text) and near is None and text not in _KEYWORDS:
            return AnyValue(text)
        raise self._unknown(path, text, near)

    def _unknown(self, path: Path, text: str, near: str | None) -> PripError:
        known = ", ".join(self.paths)
        if text.endswith("/$count"):
            return unsupported(
                path.position, f"{text:.80} is not served; any() tells whether there is an element", self.option
            )
        first = text.partition("/")[0]
        if edm.ALIASES.get(first, first) == edm.CHECKSUM.name:
            return bad(path.position, f"{text:.80} has many values; ask Checksum/any(c:c/Value eq '…')", self.option)
        if any(text == declared.name for declared in self.entity.properties):
            return bad(path.position, f"{text} cannot be filtered or ordered by; what can: {known}", self.option)
        called = "product" if self.entity is edm.PRODUCT else "deleted product"
        near = near or (None if "/" in text else _near(text, self.entity.name, _ALIKE))
        meant = f"; did you mean {near}?" if near else _UNQUOTED if _LIKE_A_TEXT.search(text) else ""
        return bad(
            path.position,
            f"a {called} has no property {text!r:.80}{meant}; what can be filtered and ordered by: {known}",
            self.option,
        )


@functools.lru_cache(maxsize=256)
def _near(text: str, entity: str, cutoff: float = _NEARLY) -> str | None:
    """The property of an entity type that a client may have meant.

    :param cutoff: how much alike they must be, at the most 1.
    """
    by_lower = {name.lower(): name for name in (*edm.paths_of(edm.entity_type(entity)), *edm.ALIASES)}
    near = difflib.get_close_matches(text.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[near[0]] if near else None


def collection_at(path: str, position: int) -> ast.Collection:
    """The collection of a product that a path leads to.

    :raises BadQuery: there is none of this name.
    """
    segments = _without_casts(path.split("/"))
    if len(segments) == 1:
        if _ATTRIBUTES.fullmatch(segments[0]):
            return ast.Collection.ATTRIBUTES
        if segments[0].lower() in {"checksum", "checksums"}:
            return ast.Collection.CHECKSUM
    raise bad(position, f"{path!r:.80} is no collection of a product; there are {', '.join(ast.Collection)}")


def _without_casts(segments: list[str]) -> list[str]:
    return segments[:1] + [segment for segment in segments[1:] if not _CAST.fullmatch(segment)]
