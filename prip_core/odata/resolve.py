"""From a filter as it is written to the typed tree: conditions and how they are joined."""

from __future__ import annotations

from prip_core.errors import BadQuery, PripError
from prip_core.odata import elements, functions, geography, texts, values
from prip_core.odata.ast import And, AnyOf, Constant, IsNotTrue, Node, Not, Operator, Or, PropertyValue
from prip_core.odata.comparisons import compare, compared, is_in
from prip_core.odata.edm import Primitive
from prip_core.odata.limits import MOST_TERMS, check_size
from prip_core.odata.names import Names, Scope, collection_at
from prip_core.odata.nullness import is_not_true, is_true
from prip_core.odata.operands import AnyValue, Operand, is_null, null_at
from prip_core.odata.refusals import bad, unsupported
from prip_core.odata.scalars import Term
from prip_core.odata.syntax import (
    Call,
    Condition,
    Conjunction,
    Disjunction,
    Expression,
    Flags,
    Group,
    Inclusion,
    Literal,
    LiteralKind,
    Named,
    Negation,
    Path,
    Relation,
    bare,
    position,
)


def resolve(expression: Expression, names: Names) -> Node:
    """The typed tree of a filter.

    :raises BadQuery: it is too large, names what there is not, or compares what cannot be compared.
    :raises UnsupportedQuery: it uses a part of OData that is not served.
    """
    check_size(expression)
    return _Resolver(names).condition(expression, None)


class _Resolver:
    """One filter on its way; counts its terms."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._terms = 0

    def condition(self, expression: Expression, scope: Scope | None) -> Node:
        """The tree of an expression that must be true or false."""
        match expression:
            case Group(inner=inner):
                return self.condition(inner, scope)
            case Negation(operand=operand):
                return Not(self.condition(operand, scope))
            case Conjunction(operands=operands):
                return And(tuple(self.condition(each, scope) for each in operands))
            case Disjunction(operands=operands):
                return Or(tuple(self.condition(each, scope) for each in operands))
            case Condition():
                return self._elements(expression, scope)
            case _:
                self._count()
                return self._term(expression, scope)

    def _term(self, expression: Expression, scope: Scope | None) -> Node:
        match expression:
            case Relation():
                return self._relation(expression, scope)
            case Inclusion():
                return self._inclusion(expression, scope)
            case Call():
                return self._call(expression, scope)
            case Path():
                return self._flag(expression, scope)
            case Literal():
                return _constant(expression)
            case _:
                raise _no_term(expression)

    def _relation(self, relation: Relation, scope: Scope | None) -> Node:
        left, operator, right = bare(relation.left), relation.operator, bare(relation.right)
        if _is_condition(right) or (geography.is_footprint(right) and not _is_condition(left)):
            left, operator, right = right, operator.flipped, left
        if geography.is_footprint(left):
            assert isinstance(left, Path)
            return geography.compare_footprint(left, operator, right)
        if _is_condition(left):
            return self._compared_condition(left, operator, right, scope)
        term = Term(self._names, scope)
        first, second = term.operand(left), term.operand(right)
        if is_null(first) or is_null(second):
            wanted = first if is_null(second) else second
            if isinstance(wanted, AnyValue) and wanted.attribute is not None:
                return _presence(wanted.attribute, operator)
        return _closed(term, compare(first, operator, second, relation.position))

    def _compared_condition(self, left: Expression, operator: Operator, right: Expression, scope: Scope | None) -> Node:
        """``contains(Name,'x') eq true`` and the like."""
        node = self.condition(left, scope)
        if not isinstance(right, Literal):
            raise unsupported(
                position(left), "comparing a condition with anything but true, false and null is not served"
            )
        if not operator.asks_equality or right.kind not in {LiteralKind.BOOLEAN, LiteralKind.NULL}:
            raise bad(right.position, "a condition can be compared by eq and ne with true and false")
        if right.kind is LiteralKind.NULL:
            known = Or((is_true(node), is_true(Not(node))))
            return known if operator is Operator.NE else Not(known)
        wanted = node if right.text.lower() == "true" else Not(node)
        return is_true(wanted) if operator is Operator.EQ else is_not_true(wanted)

    def _inclusion(self, inclusion: Inclusion, scope: Scope | None) -> Node:
        term = Term(self._names, scope)
        operand = term.operand(inclusion.operand)
        wanted = [_list_value(each) for each in inclusion.values]
        values_ = [each for each in wanted if each.kind is not LiteralKind.NULL]
        if is_null(operand):
            return Constant(len(values_) < len(wanted))
        found = _closed(term, is_in(operand, values_)) if values_ else Constant(False)
        if len(values_) == len(wanted):
            return found
        return Or((found, self._null(operand, inclusion)))

    def _null(self, operand: Operand, inclusion: Inclusion) -> Node:
        if isinstance(operand, AnyValue) and operand.attribute is not None:
            return _presence(operand.attribute, Operator.EQ)
        return compare(operand, Operator.EQ, null_at(inclusion.position), inclusion.position)

    def _call(self, call: Call, scope: Scope | None) -> Node:
        path, _, quantifier = call.name.rpartition("/")
        if geography.is_geographical(call):
            return geography.footprint_match(call)
        if texts.is_text_match(call):
            texts.check(call)
            term = Term(self._names, scope)
            return _closed(term, texts.text_match(call, *map(term.operand, call.arguments)))
        if quantifier.lower() == "any" and not call.arguments:
            return AnyOf(collection_at(path, call.position), None)
        if quantifier.lower() in {"any", "all"} and path:
            raise bad(call.position, f"{call.name:.80} takes a condition with a variable: any(a:a/Name eq '…')")
        functions.check(call)
        raise bad(call.position, f"{call.name}() is neither true nor false; compare it (eq ne gt ge lt le)")

    def _flag(self, path: Path, scope: Scope | None) -> Node:
        term = Term(self._names, scope)
        match term.operand(path):
            case AnyValue():
                truth = Literal(LiteralKind.BOOLEAN, "true", path.position)
                return _closed(term, values.match(Operator.EQ, (truth,)))
            case PropertyValue(declared) if declared.type is Primitive.BOOLEAN:
                return compared(declared, Operator.EQ, True)
            case _:
                raise _no_condition(path)

    def _elements(self, condition: Condition, scope: Scope | None) -> Node:
        if not condition.variable.isidentifier():
            raise bad(condition.position, f"{condition.variable:.60} is no name for an element, expected a word")
        collection, is_all = self._names.collection(condition)
        outer = frozenset() if scope is None else scope.outer | {scope.variable}
        inner = Scope(condition.variable, collection, outer - {condition.variable})
        self._count()
        before = self._terms
        predicate = self.condition(condition.predicate, inner)
        node = elements.any_of(collection, IsNotTrue(predicate) if is_all else predicate, condition.position)
        self._terms = before + elements.size(node)
        self._check_terms()
        return Not(node) if is_all else node

    def _count(self) -> None:
        self._terms += 1
        self._check_terms()

    def _check_terms(self) -> None:
        if self._terms > MOST_TERMS:
            raise BadQuery(f"$filter has more than {MOST_TERMS} comparisons")


def _is_condition(expression: Expression) -> bool:
    match expression:
        case Relation() | Inclusion() | Negation() | Conjunction() | Disjunction() | Condition() | Flags():
            return True
        case Call():
            quantifier = expression.name.lower().rpartition("/")[2]
            return geography.is_geographical(expression) or texts.is_text_match(expression) or quantifier == "any"
        case _:
            return False


def _closed(term: Term, node: Node) -> Node:
    """The condition of a term; of one that calls an attribute by its bare name: on the attributes of this name."""
    match list(term.attributes.items()):
        case [] | [(None, _)]:
            return node
        case [(str(name), place)]:
            elements.check_alone(node, place, name)
            return elements.attribute(name, node)
        case [*_, (_, place)]:
            raise unsupported(
                place, "comparing the values of two attributes is not served; a text stands in single quotes"
            )
    raise AssertionError("a list is empty or has a last item")


def _presence(name: str, operator: Operator) -> Node:
    """``name eq null``: there is no attribute of this name; ``ne``: there is one."""
    if not operator.asks_equality:
        return Constant(False)
    return Not(elements.attribute(name)) if operator is Operator.EQ else elements.attribute(name)


def _list_value(expression: Expression) -> Literal:
    value = bare(expression)
    if not isinstance(value, Literal):
        raise unsupported(position(expression), "a list behind in that holds anything but literals is not served")
    return value


def _no_condition(path: Path) -> BadQuery:
    return bad(
        path.position,
        f"{path.text} is neither true nor false; compare it (eq ne gt ge lt le), and put what follows a not in"
        " brackets",
    )


def _no_term(expression: Expression) -> PripError:
    place = position(expression)
    match expression:
        case Flags():
            return unsupported(place, "has is not served: no property holds flags")
        case Named(name=name):
            return bad(place, f"{name:.60}= names an argument, which stands in geographical functions alone")
        case _:
            return bad(place, "the result of arithmetic is neither true nor false; compare it")


def _constant(literal: Literal) -> Node:
    if literal.kind is not LiteralKind.BOOLEAN:
        raise bad(literal.position, f"{literal.text!r:.80} alone is no condition")
    return Constant(literal.text.lower() == "true")
