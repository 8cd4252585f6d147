"""Questions about the catalogue made by rule: for ours and, where it can answer, for the service of comparison.

A question takes its values from products that exist, so it finds something unless its name says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from benchmarks.client import query
from benchmarks.odata.documents import Document, document
from benchmarks.odata.multiplied import MOST_IMPORTED
from benchmarks.odata.scenes import BEGIN, STEP
from prip_core.times import format_utc

_EXPANDED = {"orderby": "PublicationDate", "expand": "Attributes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question.

    :param key: the Id of one product; then there is no list.
    :param filter: ``None``: none.
    :param of_peer: the filter in the words of the service of comparison, where they are others.
    :param options: without the dollar sign, ``None``: not asked; by default publication order and attributes.
    :param finds: it has an answer.
    """

    key: str | None = None
    filter: str | None = None
    of_peer: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    finds: bool = True

    def target(self, path: str, *, of_peer: bool = False) -> str:
        """Path and query for one of the two services.

        :param path: of its list of products.
        """
        if self.key is not None:
            return f"{path}({self.key})?$expand=Attributes"
        text = (self.of_peer if of_peer else None) or self.filter
        options = {"filter": text, **_EXPANDED, "top": 20, **self.options}
        return query(path, **{name: value for name, value in options.items() if value is not None})


Question = Callable[[Random, int], Asked]
"""From a source of chance and the number of rows to what is asked."""


def moment(number: float) -> str:
    """The PublicationDate of a row, or of a moment between two, as a literal."""
    return format_utc(BEGIN + STEP * number)


def poll(random: Random, rows: int) -> Asked:
    """Twenty products behind a date, as a poller asks."""
    return Asked(filter=f"PublicationDate gt {_somewhere(random, rows)}")


def poll_1000(random: Random, rows: int) -> Asked:
    """The largest page behind a date."""
    return Asked(filter=f"PublicationDate gt {_somewhere(random, rows)}", options={"top": 1000})


def contains(random: Random, rows: int) -> Asked:
    """A tile's name somewhere in names."""
    return Asked(filter=f"contains(Name,'_T{_value(_tile(random, rows), 'tileId')}')")


def contains_rare(random: Random, rows: int) -> Asked:
    """The greater part of one name."""
    return Asked(filter=f"contains(Name,'{_any(random, rows)['Name'][16:52]}')")


def contains_none(random: Random, rows: int) -> Asked:  # noqa: ARG001  # a question's signature
    """What no name contains."""
    return Asked(filter=f"contains(Name,'T99ZZ{random.randrange(1000):03d}')", finds=False)


def starts_with(random: Random, rows: int) -> Asked:
    """Type, centre and hour of a tile."""
    return Asked(filter=f"startswith(Name,'{_tile(random, rows)['Name'][:33]}')")


def attribute(random: Random, rows: int) -> Asked:
    """Any attribute of some product; the service of comparison is asked for a tile, by an indexed column."""
    product = _tile(random, rows)
    chosen = random.choice(product["Attributes"])
    return Asked(filter=_lambda(chosen), of_peer=f"tileId eq '{_value(product, 'tileId')}'")


def tile(random: Random, rows: int) -> Asked:
    """All products of a tile."""
    name = _value(_tile(random, rows), "tileId")
    chosen = {"Name": "tileId", "ValueType": "String", "Value": name}
    return Asked(filter=_lambda(chosen), of_peer=f"tileId eq '{name}'")


def intersects(random: Random, rows: int) -> Asked:  # noqa: ARG001  # a question's signature
    """A square of half a degree to two degrees in the middle north, where every catalogue has many tiles."""
    side, west, south = random.uniform(0.5, 2), random.uniform(-170, 170), random.uniform(0, 30)
    corners = [(west, south), (west + side, south), (west + side, south + side), (west, south + side), (west, south)]
    ring = ",".join(f"{x:.4f} {y:.4f}" for x, y in corners)
    # A small catalogue may have nothing there.
    return Asked(filter=f"OData.CSC.Intersects(area=geography'SRID=4326;POLYGON(({ring}))')", finds=False)


def by_name(random: Random, rows: int) -> Asked:
    """One product by its name."""
    return Asked(filter=f"Name eq '{_any(random, rows)['Name']}'")


def newer_half(random: Random, rows: int) -> Asked:
    """About half of all products, without attributes."""
    begin = rows // 2 + random.randrange(rows // 20)
    return Asked(filter=f"PublicationDate gt {moment(begin)}", options={"expand": None})


def newer_half_counted(random: Random, rows: int) -> Asked:
    """The same with their number."""
    asked = newer_half(random, rows)
    return Asked(filter=asked.filter, options={**asked.options, "count": "true"})


def product_id(random: Random, rows: int) -> str:
    """The Id of some product."""
    return str(_any(random, rows)["Id"])


def day_before(rows: int) -> datetime:
    """A day before the newest product."""
    return BEGIN + STEP * rows - timedelta(days=1)


def _somewhere(random: Random, rows: int) -> str:
    return moment(random.uniform(0, 0.9 * rows))


def _any(random: Random, rows: int) -> Document:
    return document(random.randrange(min(rows, MOST_IMPORTED)))


def _tile(random: Random, rows: int) -> Document:
    """A product that is a tile, and no report."""
    while True:
        found = _any(random, rows)
        if found["GeoFootprint"] and _value(found, "tileId") != "NA":
            return found


def _value(product: Document, name: str) -> Any:
    return next(each["Value"] for each in product["Attributes"] if each["Name"] == name)


def _lambda(chosen: Document) -> str:
    kind, value = chosen["ValueType"], chosen["Value"]
    literal = f"'{value}'" if kind == "String" else str(value).lower() if kind == "Boolean" else value
    cast = f"OData.CSC.{kind}Attribute"
    return f"Attributes/{cast}/any(att:att/Name eq '{chosen['Name']}' and att/{cast}/Value eq {literal})"
