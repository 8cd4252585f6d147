"""Parts of a single entity by their path (OData 4.01 part 2, clause 4): ``Name/$value``, ``Attributes('x')/Value``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from prip_core.errors import BadQuery
from prip_core.odata import edm

_KEYED = re.compile(r"(?P<name>[^()]+)\((?P<key>.*)\)", re.S)
_KEYS = {each.name: each.target.key for each in edm.PRODUCT.navigations if each.target.key is not None}
"""Collections of an entity → the member that tells their elements apart."""


class NoSuchMember(Exception):
    """The path leads to nothing; the text says where it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A value as bare text (``$value``, ``$count``)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A part of an entity.

    :param context: fragment of its ``@odata.context``, behind ``$metadata#``.
    :param value: as JSON knows it; ``None`` for a property without value.
    """

    context: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    """How far a path was followed.

    :param path: what was followed, as the context names it.
    :param value: what was found.
    :param collection: the path of the collection that ``value`` is an entity of; ``None``: it is no entity.
    """

    path: str
    value: Any
    collection: str | None = None


def member_at(entity: Mapping[str, Any], owner: str, path: Sequence[str]) -> Member | Raw:
    """What a path leads to.

    :param entity: the whole entity with all that can be expanded.
    :param owner: how the entity is addressed, ``Products(<id>)``.
    :param path: the segments behind it, one or more.
    :raises NoSuchMember: there is nothing.
    :raises BadQuery: ``$value`` of what has no text of its own, ``$count`` of what is no collection.
    """
    here = _Here(path=owner, value=entity)
    for position, segment in enumerate(path):
        if segment in {"$value", "$count"}:
            if not 0 < position == len(path) - 1:
                raise NoSuchMember(f"{here.path} has no {'/'.join(path[position:]):.80}")
            return _count(here) if segment == "$count" else _text(here)
        here = _step(here, segment)
    return Member(context=_context(here, owner), value=here.value)


def member_text(member: Member) -> bytes:
    """The answer that holds a part of an entity, JSON in UTF-8."""
    structured = isinstance(member.value, dict) and "coordinates" not in member.value
    members = member.value if structured else {"value": member.value}
    return orjson.dumps({"@odata.context": f"$metadata#{member.context}", **members})


def _step(here: _Here, segment: str) -> _Here:
    keyed = _KEYED.fullmatch(segment)
    name = keyed["name"] if keyed else edm.ALIASES.get(segment, segment)
    if (
        not isinstance(here.value, dict)
        or name not in here.value
        or name.startswith("@")
        or "coordinates" in here.value
    ):
        raise NoSuchMember(f"{here.path} has no {segment:.80}")
    path = f"{here.path}/{name}"
    found = _Here(path=path, value=here.value[name])
    if keyed is None:
        return found
    return _Here(path=f"{path}({keyed['key']})", value=_by_key(found, keyed["key"]), collection=path)


def _by_key(collection: _Here, key: str) -> Any:
    name = collection.path.rpartition("/")[2]
    if name not in _KEYS:
        raise NoSuchMember(f"{collection.path} has no keys")
    wanted = read_text_key(key, _KEYS[name])
    for each in collection.value:
        if each[_KEYS[name]] == wanted:
            return each
    raise NoSuchMember(f"{collection.path} has no {wanted:.80}")


def read_text_key(text: str, name: str) -> str:
    """The text in ``'x'``, ``x`` or ``Name='x'``, two quotes in it being one."""
    bare = text.strip().removeprefix(f"{name}=").strip()
    quoted = len(bare) >= 2 and bare[0] == bare[-1] == "'"
    return bare[1:-1].replace("''", "'") if quoted else bare


def _context(here: _Here, owner: str) -> str:
    """Quicklooks are named without their product, as the interface's other servers do."""
    base = here.collection or here.path
    named = "Quicklooks" if base == f"{owner}/Quicklooks" else base
    return f"{named}/$entity" if here.collection else named


def _count(here: _Here) -> Raw:
    if not isinstance(here.value, list):
        raise BadQuery(f"{here.path} is no collection, so it has no $count")
    return Raw(text=str(len(here.value)))


def _text(here: _Here) -> Raw:
    """:raises NoSuchMember: the property is null."""
    match here.value:
        case None:
            raise NoSuchMember(f"{here.path} has no value")
        case bool():
            return Raw(text="true" if here.value else "false")
        case str() | int() | float():
            return Raw(text=str(here.value))
        case _:
            raise BadQuery(f"{here.path} is no single value, so it has no $value; ask for it without")
