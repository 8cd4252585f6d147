"""Inheritance: what products take over from their parent, at publication, or once when the parent comes later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from prip_core.catalogue.attributes import AttributeRows, entries_of
from prip_core.catalogue.database import Database
from prip_core.catalogue.documents import Documents
from prip_core.catalogue.kinship import Kinship
from prip_core.catalogue.publication_clock import PublicationClock, RanAhead
from prip_core.catalogue.relatives import found_by, stems
from prip_core.catalogue.rendering import ATTRIBUTE_COLUMNS, attribute_columns
from prip_core.catalogue.states import LIVE
from prip_core.errors import PripError
from prip_core.model import Attribute, Finding, ProductType, Severity
from prip_core.odata.payload import rendered_attributes, with_attributes, with_origin_date
from prip_core.products import NewProduct
from prip_core.times import from_milliseconds

ORIGIN_DATE = "OriginDate"
"""Among what a product type inherits, this means the property; everything else there is an attribute."""

PARENT_UNKNOWN = "QC-20"
"""The rule that what a product belongs to is published here."""

_BATCH = 200
"""Children that one transaction changes: it keeps publications waiting for a fraction of a second."""

_REMEMBERED = 16

Kinds = Mapping[tuple[str, str], ProductType]
"""Product types by mission and code."""


class _Parent(NamedTuple):
    seq: int
    change_seq: int
    id: bytes
    name: str
    origin_date: int
    origin_estimated: int


_PARENT = "p.seq, p.change_seq, p.id, p.name, p.origin_date, p.origin_estimated"


class _Task(NamedTuple):
    """Children of a product to be looked at, by their ``seq``."""

    parent_seq: int
    done_seq: int
    upto_seq: int


class _Child(NamedTuple):
    seq: int
    mission: str
    product_type: str
    origin_estimated: int
    dictionary: int
    content: bytes


@dataclass(frozen=True, slots=True)
class _Gain:
    """What a product gets.

    :param origin_date: milliseconds; ``None``: it keeps its own.
    """

    attributes: tuple[Attribute, ...]
    origin_date: int | None

    def __bool__(self) -> bool:
        return bool(self.attributes) or self.origin_date is not None


class Inheritance:
    """Hands attributes and OriginDate from parents to children; remembers those of the last few parents."""

    def __init__(self, database: Database, clock: PublicationClock, documents: Documents, kinship: Kinship) -> None:
        self._kinship = kinship
        self._database = database
        self._clock = clock
        self._documents = documents
        # A product that changes gets another change_seq, but numbers of a transaction that failed are given to others:
        # by both, and its Id, what is remembered of it is never old, nor of another one.
        self._attributes = lru_cache(_REMEMBERED)(self._read_attributes)
        self._failed: set[int] = set()

    def complete(self, products: Sequence[NewProduct]) -> Sequence[NewProduct]:
        """Products that are about to be published, each with what it inherits, or with the finding that its parent is
        unknown; in the transaction that publishes them. One without a parent inherits from its kin.

        One that is published together with its parent is completed afterwards, as if it had come before.
        """
        parents = {name: self._find(name) for name in {product.parent for product in products} if name is not None}
        return [self._completed(product, parents) for product in products]

    def _completed(self, product: NewProduct, parents: Mapping[str, _Parent | None]) -> NewProduct:
        if product.parent is None:
            return self._with(product, self._gain_of_kin(product)) if product.kin else product
        parent = parents[product.parent]
        if parent is None:
            return replace(product, findings=(*product.findings, _unknown(product.parent)))
        return self._with(product, self._gain_of(product, parent))

    def _gain_of(self, product: NewProduct, parent: _Parent) -> _Gain:
        own = {attribute.name for attribute in product.attributes}
        return self._gain(parent, product.inherits, own, estimated=product.origin_estimated)

    def _gain_of_kin(self, product: NewProduct) -> _Gain:
        """What all of its kin agree upon who say anything of it."""
        ids = [uuid.bytes for uuid in self._kinship.of(product)]
        rows = self._database.rows_of(
            f"SELECT {_PARENT} FROM product AS p WHERE p.id IN ({_places(ids) or 'NULL'})",  # noqa: S608  # places
            ids,
        )
        gains = [self._gain_of(product, _Parent(*row)) for row in rows]
        stated = {attribute for gain in gains for attribute in gain.attributes}
        times = Counter(attribute.name for attribute in stated)
        dates = {gain.origin_date for gain in gains} - {None}
        agreed = sorted((each for each in stated if times[each.name] == 1), key=attrgetter("name"))
        return _Gain(tuple(agreed), dates.pop() if len(dates) == 1 else None)

    @staticmethod
    def _with(product: NewProduct, gain: _Gain) -> NewProduct:
        origin = gain.origin_date
        return replace(
            product,
            attributes=product.attributes + gain.attributes,
            origin_date=product.origin_date if origin is None else from_milliseconds(origin),
            origin_estimated=product.origin_estimated and origin is None,
        )

    def bequeath(self, published: Sequence[tuple[str, int]]) -> None:
        """Note which products have children already, which may lack what they have; in the transaction that publishes
        them, behind all that this writes.

        :param published: name, with its suffix, and ``seq`` of each.
        """
        called = {stem: seq for name, seq in published for stem in stems(name)}
        rows = self._database.rows_of(
            f"SELECT DISTINCT parent FROM product WHERE parent IN ({_places(called.keys())})",  # noqa: S608  # places
            list(called),
        )
        if not rows:
            return
        ((upto,),) = self._database.rows_of("SELECT last_seq FROM publication_clock")
        self._database.execute_many(
            "INSERT INTO inheritance (parent_seq, done_seq, upto_seq) VALUES (?, 0, ?)",
            [(seq, upto) for seq in sorted({called[stem] for (stem,) in rows})],
        )

    def pass_on(self, kinds: Kinds) -> int:
        """Give some children of a product that came later than they what they lack, in one transaction.

        Each gets it once, with a ModificationDate of its own, and nobody is notified: to clients who ask for what was
        published nothing happens. Children that have left the list are no exception, for their rows stay. A parent over
        which an unexpected error comes is left alone from then on, until the catalogue is opened anew.

        :param kinds: product types; children of others keep what they have.
        :returns: how many children were looked at; 0: there is nothing to pass on.
        :raises ClockJumped: nothing can be dated now.
        :raises TransientError: the database is locked or the disk full.
        :raises CatalogueUnavailable: the database cannot be used.
        """
        # Most looks find nothing: they must not queue for the write lock.
        while self._task() is not None:
            self._clock.wait(_BATCH)
            try:
                with self._database.writing():
                    return self._pass_on(kinds)
            except RanAhead:
                continue
        return 0

    def _task(self) -> _Task | None:
        rows = self._database.rows_of(
            "SELECT parent_seq, done_seq, upto_seq FROM inheritance ORDER BY parent_seq LIMIT ?",
            (len(self._failed) + 1,),
        )
        return next((task for row in rows if (task := _Task(*row)).parent_seq not in self._failed), None)

    def _pass_on(self, kinds: Kinds) -> int:
        task = self._task()
        if task is None:
            return 0
        try:
            return self._work_on(task, kinds)
        except (PripError, RanAhead):
            raise
        except Exception:
            self._failed.add(task.parent_seq)  # or nothing would ever be passed on again
            raise

    def _work_on(self, task: _Task, kinds: Kinds) -> int:
        (row,) = self._database.rows_of(f"SELECT {_PARENT} FROM product AS p WHERE p.seq = ?", (task.parent_seq,))  # noqa: S608
        parent = _Parent(*row)
        seqs = self._next_children(parent, task)
        if seqs:
            self._change(parent, seqs, kinds)
        if len(seqs) < _BATCH:
            self._database.change("DELETE FROM inheritance WHERE parent_seq = ?", (task.parent_seq,))
        else:
            self._database.change(
                "UPDATE inheritance SET done_seq = ? WHERE parent_seq = ?", (seqs[-1], task.parent_seq)
            )
        return max(1, len(seqs))

    def _next_children(self, parent: _Parent, task: _Task) -> Sequence[int]:
        names = stems(parent.name)
        rows = self._database.rows_of(
            f"SELECT seq FROM product WHERE parent IN ({_places(names)}) AND seq > ? AND seq <= ? "  # noqa: S608  # places
            "ORDER BY seq LIMIT ?",
            (*names, task.done_seq, task.upto_seq, _BATCH),
        )
        return [seq for (seq,) in rows]

    def _change(self, parent: _Parent, seqs: Sequence[int], kinds: Kinds) -> None:
        rows = self._database.rows_of(
            "SELECT p.seq, p.mission, p.product_type, p.origin_estimated, d.dictionary, d.content "  # noqa: S608  # places
            f"FROM product AS p JOIN document AS d ON d.seq = p.seq WHERE p.seq IN ({_places(seqs)}) ORDER BY p.seq",
            seqs,
        )
        changes = [change for row in rows if (change := self._changed(parent, _Child(*row), kinds)) is not None]
        if changes:
            self._write(changes)
        self._database.execute_many(
            "DELETE FROM finding WHERE seq = ? AND rule = ?", [(seq, PARENT_UNKNOWN) for seq in seqs]
        )

    def _changed(self, parent: _Parent, child: _Child, kinds: Kinds) -> _Change | None:
        kind = kinds.get((child.mission, child.product_type))
        if kind is None or not kind.inherits:
            return None
        fixed, attributes = self._documents.unpack(child.dictionary, child.content)
        own = rendered_attributes(attributes)
        gain = self._gain(parent, kind.inherits, own, estimated=bool(child.origin_estimated))
        if not gain:
            return None
        text = fixed.decode()
        if gain.origin_date is not None:
            text = with_origin_date(fixed, from_milliseconds(gain.origin_date))
        rendered = with_attributes(attributes, gain.attributes) if own or gain.attributes else None
        gained = AttributeRows(child.seq, entries_of(gain.attributes), frozenset(kind.indexed))
        return _Change(gain, gained, text, rendered, len(own) + len(gain.attributes))

    def _write(self, changes: Sequence[_Change]) -> None:
        turns = self._clock.advance_by(len(changes))
        more = ", ".join(f"{column} = coalesce({column}, ?)" for column in ATTRIBUTE_COLUMNS)
        self._database.execute_many(
            "UPDATE product SET change_seq = ?, modification_date = ?, origin_date = coalesce(?, origin_date), "  # noqa: S608  # constants
            f"origin_estimated = CASE WHEN ? = 1 THEN 0 ELSE origin_estimated END, {more} WHERE seq = ?",
            [
                (turn.change_seq, turn.date, *change.facts(), change.gained.seq)
                for turn, change in zip(turns, changes, strict=True)
            ],
        )
        packing = self._documents.packing()
        self._database.search.gain(
            [change.gained for change in changes],
            [
                (packing.dictionary, packing.compression.pack(change.fixed, change.rendered), change.number)
                for change in changes
            ],
        )

    def _gain(self, parent: _Parent, inherits: Sequence[str], own: Collection[str], *, estimated: bool) -> _Gain:
        lacking = [name for name in inherits if name not in own and name != ORIGIN_DATE]
        known = self._attributes(parent.seq, parent.change_seq, bytes(parent.id)) if lacking else {}
        dated = ORIGIN_DATE in inherits and estimated and not parent.origin_estimated
        return _Gain(tuple(known[name] for name in lacking if name in known), parent.origin_date if dated else None)

    def _find(self, name: str) -> _Parent | None:
        """What children of this name belong to: what is live, else what was published last."""
        condition, values = found_by(name)
        live = ", ".join(f"'{state}'" for state in LIVE)
        rows = self._database.rows_of(
            f"SELECT {_PARENT} FROM product AS p WHERE {condition} "  # noqa: S608  # constants
            f"ORDER BY CASE WHEN p.state IN ({live}) THEN 0 ELSE 1 END, p.seq DESC LIMIT 1",
            values,
        )
        return _Parent(*rows[0]) if rows else None

    def _read_attributes(self, seq: int, _change_seq: int, _id: bytes) -> Mapping[str, Attribute]:
        ((dictionary, content),) = self._database.rows_of(
            "SELECT dictionary, content FROM document WHERE seq = ?", (seq,)
        )
        return rendered_attributes(self._documents.unpack(dictionary, content)[1])


class _Change(NamedTuple):
    """What is written of a child.

    :param gained: its new attributes, to be found by.
    :param fixed: text of what else stands in its answer.
    :param rendered: text of all its attributes.
    :param number: how many these are.
    """

    gain: _Gain
    gained: AttributeRows
    fixed: str
    rendered: str | None
    number: int

    def facts(self) -> Sequence[Any]:
        """New values of columns of ``product``: OriginDate, whether there is one, then :data:`ATTRIBUTE_COLUMNS`."""
        origin = self.gain.origin_date
        return (origin, int(origin is not None), *attribute_columns(self.gain.attributes).values())


def _unknown(parent: str) -> Finding:
    message = f"{parent}, to which it belongs, is not published here: what it inherits from that is not known"
    return Finding(rule=PARENT_UNKNOWN, severity=Severity.WARNING, message=message)


def _places(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
