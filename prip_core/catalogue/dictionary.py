"""The dictionary of attribute values: asked once for all terms of a filter, before the filter is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from prip_core.catalogue.attributes import RANGED, Kind
from prip_core.catalogue.conditions import AttributeElements, Conditions, NameElements, compared
from prip_core.catalogue.database import Database, Row
from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.normal_form import flattened
from prip_core.catalogue.ranges import value_holds
from prip_core.catalogue.scalars import Scalars
from prip_core.catalogue.terms import Numbered, Posted, Ranged, Spread, attribute_terms, replaced
from prip_core.odata.ast import (
    And,
    AnyOf,
    AttributeValue,
    Collection,
    Comparison,
    Constant,
    ElementValue,
    Literal,
    Node,
    Operator,
    Or,
    ValueMatch,
    ValueTerm,
)
from prip_core.odata.edm import Primitive
from prip_core.odata.parts import inside

_MOST_VALUES = 1000  # of a term, to be looked up one by one; beyond it they stay a question
_TERMS_AT_ONCE = 100  # SQLite takes 500 selects in one statement

KINDS: Mapping[Primitive, Kind] = {
    Primitive.TEXT: Kind.STRING,
    Primitive.INT64: Kind.INTEGER,
    Primitive.DOUBLE: Kind.DOUBLE,
    Primitive.BOOLEAN: Kind.BOOLEAN,
    Primitive.DATE: Kind.DATE,
}
_ALL_KINDS = frozenset(Kind)
_RANGES = frozenset({Operator.GT, Operator.GE, Operator.LT, Operator.LE})


class Dictionary:
    """Answers what a filter's terms about attributes mean; remembers names, whose numbers never change."""

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self._database = database
        self._dialect = dialect
        self._names: dict[str, tuple[int, bool]] = {}

    def resolved(self, tree: Node, now: int) -> Node:
        """A tree whose terms about attributes say which values they mean; a term that means none is false.

        :param now: the time of the request, milliseconds.
        """
        asked = attribute_terms(tree)
        if not asked:
            return tree
        terms = [term for term in asked if [] not in _branches(term.condition)]
        reading = _Reading(self._dialect, now, self._known_names(terms))
        ranged = {term: found for term in terms if (found := reading.ranged(term)) is not None}
        questions = [question for term in terms if (question := reading.question(term)) is not None]
        answers: dict[AnyOf, Node] = {}
        for start in range(0, len(questions), _TERMS_AT_ONCE):
            answers.update(self._asked(questions[start : start + _TERMS_AT_ONCE]))
        numbered = self._present([node for term in terms if (node := reading.numbered(term)) is not None])
        any_value = {term: AnyOf(Collection.ATTRIBUTES, None) for term in asked if term not in terms}
        meant: Sequence[Mapping[AnyOf, Node]] = (ranged, answers, numbered)
        return replaced(tree, lambda term: any_value.get(term) or _any_of(*(found.get(term) for found in meant)))

    def _known_names(self, terms: Sequence[AnyOf]) -> Mapping[str, tuple[int, bool]]:
        wanted = {name for term in terms for name in _literal_names(term.condition)}
        if unknown := sorted(wanted - self._names.keys()):
            places = ", ".join("?" * len(unknown))
            rows = self._database.rows_of(
                f"SELECT name, name_id, indexed FROM attribute_name WHERE name IN ({places})",  # noqa: S608  # places
                unknown,
            )
            self._names.update({name: (name_id, bool(indexed)) for name, name_id, indexed in rows})
        return self._names

    def _present(self, nodes: Sequence[Numbered]) -> Mapping[AnyOf, Numbered]:
        """Those that any product has, by their terms."""
        if not nodes:
            return {}
        selects = [
            Fragment(f"SELECT {number} WHERE EXISTS") + enclosed(node.question) for number, node in enumerate(nodes)
        ]
        asked = joined(" UNION ALL ", selects)
        found = [nodes[number] for (number,) in self._database.rows_of(asked.text, asked.values)]
        return {AnyOf(node.collection, node.condition): node for node in found}

    def _asked(self, questions: Sequence[tuple[AnyOf, Sequence[Fragment]]]) -> Mapping[AnyOf, Node]:
        limit = Fragment("LIMIT ?", (_MOST_VALUES + 1,))
        selects = [
            Fragment(f"SELECT {number}, u.vid, u.count, u.first_seq, u.last_seq FROM")
            + enclosed(Fragment("SELECT * FROM") + enclosed(joined(" UNION ALL ", selects)) + Fragment("AS t") + limit)
            + Fragment("AS u")
            for number, (_, selects) in enumerate(questions)
        ]
        asked = joined(" UNION ALL ", selects)
        rows: list[list[Row]] = [[] for _ in questions]
        for number, *row in self._database.rows_of(asked.text, asked.values):
            rows[number].append(tuple(row))
        return {term: _found(term, found, selects) for (term, selects), found in zip(questions, rows, strict=True)}


def _found(term: AnyOf, rows: Sequence[Row], selects: Sequence[Fragment]) -> Node:
    if not rows:
        return Constant(False)
    if len(rows) > _MOST_VALUES:
        return Spread(term.collection, term.condition, joined(" UNION ALL ", selects))
    vids, counts, firsts, lasts = zip(*dict.fromkeys(rows), strict=True)
    return Posted(term.collection, term.condition, vids, sum(counts), min(firsts), max(lasts))


def _any_of(*nodes: Node | None) -> Node:
    found = [node for node in nodes if node is not None and node != Constant(False)]
    if not found:
        return Constant(False)
    return Or(tuple(found)) if len(found) > 1 else found[0]


class _Reading:
    """Writes the questions of one filter.

    :param names: name → its number, and whether all its numbers are indexed; others are not in the dictionary.
    """

    def __init__(self, dialect: Dialect, now: int, names: Mapping[str, tuple[int, bool]]) -> None:
        self._dialect = dialect
        self._names = names
        self._values = ElementConditions(dialect, now)
        self._of_names = Conditions(dialect, Scalars(dialect, now, _no_column, NameElements()))

    def ranged(self, term: AnyOf) -> Ranged | None:
        """A term that asks a range of one name whose numbers are indexed."""
        branches = _branches(term.condition)
        if len(branches) != 1:
            return None
        name, matches, rest = _parted(branches[0])
        name_id, indexed = self._names.get(name or "", (0, False))
        if not indexed or rest or not matches or not _asks_ranges(matches):
            return None
        by_kind = [(int(kind), _terms_of(matches, kind)) for kind in RANGED]
        kept = tuple((kind, terms) for kind, terms in by_kind if len(terms) == len(matches))
        return Ranged(term.collection, term.condition, name_id, kept) if kept else None

    def question(self, term: AnyOf) -> tuple[AnyOf, Sequence[Fragment]] | None:
        """The selects whose union are the values of a term; ``None``: it has none, or none beside its ranges."""
        ranged = self.ranged(term) is not None
        left_out = frozenset(RANGED) if ranged else self._dialect.NUMBERED
        kinds = _ALL_KINDS - left_out
        selects = [_select(held) for branch in _branches(term.condition) for held in self._conditions(branch, kinds)]
        return (term, selects) if selects else None

    def numbered(self, term: AnyOf) -> Numbered | None:
        """The same for values that stand in the index of numbers alone; ``None``: it can have none, or asks ranges."""
        kinds = self._dialect.NUMBERED
        if not kinds or self.ranged(term) is not None:
            return None
        start = Fragment("SELECT v.seq FROM") + Fragment(f"{self._dialect.NUMBERS} AS v")
        branches = _branches(term.condition)
        selects = [start + _where(held) for branch in branches for held in self._conditions(branch, kinds)]
        return Numbered(term.collection, term.condition, joined(" UNION ALL ", selects)) if selects else None

    def _conditions(self, branch: Sequence[Node], kinds: frozenset[Kind]) -> Sequence[Sequence[Fragment]]:
        """The alternatives of a branch, each as what must hold of a value.

        :param kinds: values of other kinds are not asked for, if the branch says anything of its values.
        """
        name, matches, rest = _parted(branch)
        if name is not None and name not in self._names:
            return []
        of_names = [node for node in rest if _is_of_name(node)]
        conditions = [self._name_holds(name, of_names)]
        conditions += [self._values.condition(node) for node in (*rest, *matches[1:]) if node not in of_names]
        if not matches:
            return [conditions]
        alternatives = [holds for term in matches[0].terms for holds in term_holds(self._dialect, term, kinds)]
        return [[*conditions[:1], holds, *conditions[1:]] for holds in alternatives]

    def _name_holds(self, name: str | None, conditions: Sequence[Node]) -> Fragment:
        """Values are kept by name: the names come first, all of them where nothing is said of them."""
        if name is not None and not conditions:
            return compared("v.name_id", Operator.EQ, self._names[name][0])
        held = [] if name is None else [compared("n.name", Operator.EQ, name)]
        held += map(self._of_names.condition, conditions)
        names = Fragment("SELECT n.name_id FROM attribute_name AS n") + _where(held)
        return Fragment("v.name_id IN") + enclosed(names)


class ElementConditions(Conditions):
    """Writes conditions on ``attribute_value AS v``."""

    WRITERS: ClassVar[Mapping[type[Node], str]] = {**Conditions.WRITERS, ValueMatch: "_value_match"}

    def __init__(self, dialect: Dialect, now: int) -> None:
        super().__init__(dialect, Scalars(dialect, now, _no_column, AttributeElements(dialect)))

    def _value_match(self, node: ValueMatch) -> Fragment:
        held = [holds for term in node.terms for holds in term_holds(self._dialect, term)]
        return enclosed(joined(" OR ", held)) if held else Fragment("1 = 0")


def _no_column(name: str) -> str:
    raise AssertionError(f"the parser takes what is said of the product ({name}) out of a lambda")


def _select(conditions: Sequence[Fragment]) -> Fragment:
    start = Fragment("SELECT v.vid, v.count, v.first_seq, v.last_seq FROM attribute_value AS v")
    return start + _where(conditions)


def _where(conditions: Sequence[Fragment]) -> Fragment:
    return Fragment("WHERE") + joined(" AND ", conditions) if conditions else Fragment("")


def _is_of_name(node: Node) -> bool:
    """A condition on the name of an attribute alone."""
    leaves = [part for part in inside(node) if isinstance(part, ElementValue | AttributeValue | ValueMatch)]
    return bool(leaves) and all(isinstance(leaf, ElementValue) and leaf.member.name == "Name" for leaf in leaves)


def _branches(condition: Node | None) -> Sequence[Sequence[Node]]:
    """The alternatives of a condition, each of which is some nodes that all hold."""
    flat = Constant(True) if condition is None else flattened(condition)
    match flat:
        case Or():
            return [branch for operand in flat.operands for branch in _branches(operand)]
        case And():
            return [flat.operands]
        case Constant():
            return [[]] if flat.value else []
        case _:
            return [[flat]]


def _parted(branch: Sequence[Node]) -> tuple[str | None, Sequence[ValueMatch], Sequence[Node]]:
    """The name that a branch is about, what it asks of the value, and the rest."""
    names = [name for node in branch if (name := _literal_name(node)) is not None]
    first = next((node for node in branch if _literal_name(node) is not None), None)
    matches = [node for node in branch if isinstance(node, ValueMatch)]
    rest = [node for node in branch if node is not first and not isinstance(node, ValueMatch)]
    return names[0] if names else None, matches, rest


def _literal_names(condition: Node | None) -> set[str]:
    return {name for branch in _branches(condition) for node in branch if (name := _literal_name(node)) is not None}


def _literal_name(node: Node) -> str | None:
    match node:
        case Comparison(
            left=ElementValue(collection=Collection.ATTRIBUTES, member=member),
            operator=Operator.EQ,
            right=Literal(value=name),
        ) if member.name == "Name":
            return str(name)
        case _:
            return None


def _asks_ranges(matches: Sequence[ValueMatch]) -> bool:
    operators = {term.operator for match in matches for term in match.terms}
    return bool(operators & _RANGES) and Operator.NE not in operators


def _terms_of(matches: Sequence[ValueMatch], kind: Kind) -> tuple[ValueTerm, ...]:
    return tuple(term for match in matches for term in match.terms if KINDS[term.type] is kind)


def term_holds(dialect: Dialect, term: ValueTerm, kinds: frozenset[Kind] = _ALL_KINDS) -> Sequence[Fragment]:
    """The alternatives of a term, on ``attribute_value AS v``.

    :param kinds: those of other kinds are left out.
    """
    kind = KINDS[term.type]
    may_be_no_number = kind is Kind.DOUBLE and term.operator is Operator.NE and Kind.NOT_A_NUMBER in kinds
    not_a_number = [_of_kind(Kind.NOT_A_NUMBER)] if may_be_no_number else []
    return [*([_holds(dialect, kind, term)] if kind in kinds else []), *not_a_number]


def _holds(dialect: Dialect, kind: Kind, term: ValueTerm) -> Fragment:
    if not term.values:
        return _of_kind(kind)
    if term.operator is Operator.EQ:
        return _of_kind(kind) + Fragment("AND") + dialect.valued(kind, term.values)
    return _of_kind(kind) + Fragment("AND") + value_holds(term, f"v.{dialect.value_column(kind)}")


def _of_kind(kind: Kind) -> Fragment:
    return Fragment(f"v.kind = {int(kind)}")
