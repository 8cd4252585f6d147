"""Expressions that have a value: paths, literals, functions and arithmetic, typed as far as their operands tell."""

from __future__ import annotations

from prip_core.errors import BadQuery
from prip_core.odata import arithmetic, functions
from prip_core.odata.names import Names, Scope
from prip_core.odata.operands import AnyValue, Operand
from prip_core.odata.refusals import bad
from prip_core.odata.syntax import Calculation, Call, Expression, Literal, Minus, Path, bare, position


class Term:
    """One comparison or text condition of a filter, while its operands are read.

    :param scope: the condition on elements that it stands in.
    """

    def __init__(self, names: Names, scope: Scope | None) -> None:
        self._names, self._scope = names, scope
        self.attributes: dict[str | None, int] = {}
        """Attributes whose values it has, and where: bare names, ``None`` for the one of the condition around."""

    def operand(self, expression: Expression) -> Operand:
        """What an expression stands for.

        :raises BadQuery: it has no value, names what there is not, or its operands do not fit.
        :raises UnsupportedQuery: it uses a part of OData that is not served.
        """
        match bare(expression):
            case Literal() as literal:
                return literal
            case Path() as path:
                return self._path(path)
            case Call() as call:
                return functions.call(call, self._operands(call))
            case Calculation() as calculation:
                return arithmetic.calculate(calculation, *map(self.operand, (calculation.left, calculation.right)))
            case Minus() as minus:
                return arithmetic.negative(minus, self.operand(minus.operand))
            case other:
                raise self._no_value(other)

    def _path(self, path: Path) -> Operand:
        found = self._names.value(path, self._scope)
        if isinstance(found, AnyValue):
            self.attributes.setdefault(found.attribute, path.position)
        return found

    def _operands(self, call: Call) -> tuple[Operand, ...]:
        functions.check(call)
        return tuple(map(self.operand, call.arguments))

    def _no_value(self, expression: Expression) -> BadQuery:
        return bad(position(expression), "this is a condition, a value was expected: a property, literal or function")
