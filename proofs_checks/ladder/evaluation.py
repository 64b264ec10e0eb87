"""Evaluation: a sentence at numbers, exactly in fractions or in floating point over many points at once.

A point counts when every variable takes a value of its kind, every term is defined there (no division by zero, no
irrational root), and the hypotheses hold.  It is a counterexample when the conclusion fails there.  Nothing else
refutes a conjecture.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from math import isqrt
from typing import Any

import numpy as np
from scipy.special import digamma, zeta
from sympy import Abs, Expr, Max, Min, Poly, Rational, Symbol, expand, fraction, harmonic, together

from theory.declarations import Variable
from theory.relations import Comparison

MAX_HARMONIC = 10_000  # summands of a harmonic number that is evaluated exactly
MAX_BITS = 20_000  # of a fraction that is raised to a power

Evaluator = Callable[[Sequence[Any]], Any]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


class Undefined(ArithmeticError):
    """A term has no value, or no rational one, at a point."""


class Unknown(Undefined):
    """A term has a value at a point, but exact evaluation does not reach it: it is irrational, or too large."""


def compiled(expression: Expr, names: Sequence[Symbol], exactly: bool = True) -> Evaluator:
    """Return the function of a point (values in the order of `names`) that evaluates an expression.

    Parameters
    ----------
    expression : rational in the names, up to abs, min, max, square roots and harmonic numbers
    names : symbols
    exactly : whether the values are fractions; otherwise floats or arrays of floats

    Returns
    -------
    function; raises Undefined or ZeroDivisionError at a point where a term is undefined (exactly), nan otherwise

    Notes
    -----
    Cost: a call for each node of the expression.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> print(compiled(abs(x) / 3 + x**2, [x])([Fraction(-1, 2)]))
    5/12
    """
    if expression.is_Symbol:
        return operator.itemgetter(list(names).index(expression))
    if expression.is_Rational:
        number = Fraction(int(expression.p), int(expression.q)) if exactly else float(expression)
        return lambda point: number
    parts = [compiled(part, names, exactly) for part in expression.args]
    if expression.is_Add:
        return lambda point: sum((part(point) for part in parts[1:]), parts[0](point))
    if expression.is_Mul:
        return lambda point: reduce(operator.mul, [part(point) for part in parts])
    if expression.is_Pow:
        return _power(parts[0], expression.exp, exactly)
    if isinstance(expression, Abs):
        return lambda point: abs(parts[0](point))
    if isinstance(expression, (Max, Min)):
        largest = isinstance(expression, Max)
        if exactly:
            choose = max if largest else min
            return lambda point: choose(part(point) for part in parts)
        pairwise = np.maximum if largest else np.minimum
        return lambda point: reduce(pairwise, [part(point) for part in parts])
    if isinstance(expression, harmonic):
        order = int(expression.args[1]) if len(expression.args) > 1 else 1
        number_at = _harmonic if exactly else _smooth_harmonic
        return lambda point: number_at(parts[0](point), order)
    raise NotImplementedError(f"no value of {expression.func.__name__}")


class Sentence:
    """Variables, hypotheses and a conclusion, as functions of a point.

    Attributes
    ----------
    variables : tuple of Variable
    hypotheses : tuple of Comparison
    conclusion : Comparison
    symbols : list of their symbols
    free : indices of the variables that can be chosen; the others follow from hypotheses that are equations

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x y real")
    >>> given, (claim,) = parse_relations("x + y == 1", V), parse_relations("x*y <= 1/5", V)
    >>> sentence = Sentence(V, given, claim)
    >>> sentence.fails((Fraction(1, 2), Fraction(1, 2))), sentence.fails((Fraction(1), Fraction(0)))
    (True, False)
    """

    def __init__(self, variables: Sequence[Variable], hypotheses: Sequence[Comparison], conclusion: Comparison) -> None:
        self.variables, self.hypotheses, self.conclusion = tuple(variables), tuple(hypotheses), conclusion
        self.symbols = [v.symbol for v in variables]
        self._tests = [self._test(h) for h in hypotheses]
        self._claim = self._test(conclusion)
        solutions = solved(self.hypotheses, self.variables)
        self.free = tuple(i for i, x in enumerate(self.symbols) if x not in solutions)
        chosen = [self.symbols[i] for i in self.free]
        self._dependent = {
            self.symbols.index(x): (compiled(e, chosen), compiled(e, chosen, exactly=False))
            for x, e in solutions.items()
        }

    def _test(self, comparison: Comparison) -> tuple[Evaluator, Evaluator, Callable[[Any, Any], Any]]:
        left, right = (compiled(side, self.symbols) for side in (comparison.left, comparison.right))
        return left, right, _COMPARE[comparison.operator]

    def point(self, chosen: Sequence[Fraction]) -> tuple[Fraction, ...] | None:
        """Return the whole point that the free variables determine, or None if it is undefined."""
        values = dict(zip(self.free, chosen, strict=True))
        try:
            values |= {i: exactly(chosen) for i, (exactly, _) in self._dependent.items()}
        except (Undefined, ZeroDivisionError):
            return None
        return tuple(values[i] for i in range(len(self.symbols)))

    def points(self, chosen: np.ndarray) -> np.ndarray:
        """Return whole points in floating point, one a row; nan where undefined."""
        whole = np.empty((len(chosen), len(self.symbols)))
        whole[:, list(self.free)] = chosen
        for i, (_, nearly) in self._dependent.items():
            whole[:, i] = nearly(list(chosen.T))
        return whole

    def admits(self, point: Sequence[Fraction]) -> bool:
        """Return whether the point is of the right kind and satisfies the hypotheses, with every term defined."""
        if not all(v.admits(x) for v, x in zip(self.variables, point, strict=True)):
            return False
        try:
            if not all(compare(left(point), right(point)) for left, right, compare in self._tests):
                return False
            self.sides(point)
        except (Undefined, ZeroDivisionError):
            return False
        return True

    def decides(self, point: Sequence[Fraction]) -> bool:
        """Return whether exact evaluation reaches every term at the point, or finds one undefined."""
        for left, right, compare in [*self._tests, self._claim]:
            try:
                if not compare(left(point), right(point)):
                    return True  # a hypothesis fails, or the conclusion, which is last
            except Unknown:
                return False
            except (Undefined, ZeroDivisionError):
                return True
        return True

    def fails(self, point: Sequence[Fraction]) -> bool:
        """Return whether the point is a counterexample."""
        return self.admits(point) and not self._claim[2](*self.sides(point))

    def sides(self, point: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
        """Return the two sides of the conclusion."""
        return self._claim[0](point), self._claim[1](point)

    def named(self, point: Sequence[Fraction]) -> dict[str, Rational]:
        """Return the point as a mapping from names."""
        return {v.name: Rational(x.numerator, x.denominator) for v, x in zip(self.variables, point, strict=True)}

    def unnamed(self, point: Mapping[str, Rational]) -> tuple[Fraction, ...]:
        """Return the values of a mapping in the order of the variables; what is missing is at its bound, or 0."""
        missing = [v.least if v.least is not None and not v.strict else Rational(int(v.strict)) for v in self.variables]
        values = [point.get(v.name, x) for v, x in zip(self.variables, missing, strict=True)]
        return tuple(Fraction(int(x.p), int(x.q)) for x in values)


def solved(hypotheses: Sequence[Comparison], variables: Sequence[Variable]) -> dict[Symbol, Expr]:
    """Solve the equations among the hypotheses for variables that occur linearly: {variable: expression of others}.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x y real")
    >>> solved(parse_relations("x + 2*y == 1", V), V)
    {x: 1 - 2*y}
    """
    solutions: dict[Symbol, Expr] = {}
    for hypothesis in hypotheses:
        equation = hypothesis.expression.xreplace(solutions)
        if hypothesis.sign != "= 0" or not equation.is_rational_function():
            continue
        equation = expand(fraction(together(equation))[0])
        candidates = []
        for i, x in enumerate(v.symbol for v in variables if not v.integer):
            if x in equation.free_symbols and Poly(equation, x).degree() == 1:
                slope, rest = Poly(equation, x).all_coeffs()
                candidates.append((len(slope.free_symbols), i, x, -rest / slope))
        if candidates:
            *_, x, value = min(candidates)
            solutions = {y: e.xreplace({x: value}) for y, e in solutions.items()} | {x: value}
    return solutions


def _power(base: Evaluator, exponent: Expr, exactly: bool) -> Evaluator:
    if exponent.is_Integer:
        power = int(exponent)
        if exactly:
            return lambda point: _bounded(base(point)) ** power
        return lambda point: np.asarray(base(point), dtype=float) ** power
    sign = 1 if exponent > 0 else -1
    if exactly:
        return lambda point: _root(base(point)) ** sign
    return lambda point: np.sqrt(base(point)) ** float(sign)


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise Unknown
    return value


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise Undefined
    root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    if root * root != value:
        raise Unknown
    return root


@lru_cache(maxsize=4096)
def _harmonic(n: Fraction, order: int) -> Fraction:
    if n.denominator != 1 or n < 0:
        raise Undefined
    if n > MAX_HARMONIC:
        raise Unknown
    return sum((Fraction(1, j**order) for j in range(1, int(n) + 1)), Fraction(0))


def _smooth_harmonic(n: Any, order: int) -> Any:
    n = np.where(np.asarray(n) < 0, np.nan, n)
    return digamma(n + 1) + np.euler_gamma if order == 1 else zeta(order) - zeta(order, n + 1)
