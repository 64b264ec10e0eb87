"""Encoding: a sentence over the reals as constraints of z3, or as SMT-LIB text for cvc5.

Quotients N/D R 0 become N·D R 0 with D ≠ 0 (N R 0 where D is positive by its coefficients).  |f|, min, max and square
roots become variables with constraints that define them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import z3
from sympy import Abs, CRootOf, Dummy, Expr, Integer, Max, Min, Poly, Rational, Symbol, fraction, together

from proofs_checks.ladder import second_opinion
from proofs_checks.ladder.shifts import Given, sign_of

DIGITS = (2, 4, 8, 16)  # decimal places of rational numbers near an irrational model

Answer = Literal["sat", "unsat", "unknown"]

_ANSWERS: dict[str, Answer] = {"sat": "sat", "unsat": "unsat"}


@dataclass
class Encoding:
    """Variables and constraints of a sentence, in a context of its own."""

    names: Sequence[Symbol]
    integers: bool = False
    context: z3.Context = field(default_factory=z3.Context)
    constraints: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.variables: dict[Symbol, Any] = {}
        self.fresh: dict[Expr, Symbol] = {}
        for x in self.names:
            whole = self.integers and bool(x.is_integer)
            v = z3.ToReal(z3.Int(str(x), self.context)) if whole else z3.Real(str(x), self.context)
            self.variables[x] = v
            if x.is_positive or x.is_nonnegative:
                self.constraints.append(v > 0 if x.is_positive else v >= 0)
            if x.is_integer and x.is_positive:
                self.constraints.append(v >= 1)

    def require(self, given: Sequence[Given]) -> None:
        """Add hypotheses."""
        for _, e, r in given:
            self.constraints += self.claimed(e, r)

    def claimed(self, e: Expr, relation: str) -> list[Any]:
        """Return constraints that say e R 0, every denominator being non-zero; for R "defined" nothing else."""
        p, q, extra = self._quotient(e)
        if relation == "defined":
            return extra
        side = p if q is None else p * q
        tests = {"= 0": side == 0, "!= 0": side != 0, ">= 0": side >= 0, "> 0": side > 0}
        return [*extra, tests[relation]]

    def negated(self, e: Expr, relation: str) -> list[Any]:
        """Return constraints that say that e R 0 fails, at a point where e is defined."""
        p, q, extra = self._quotient(e)
        side = p if q is None else p * q
        tests = {"= 0": side != 0, "!= 0": side == 0, ">= 0": side < 0, "> 0": side <= 0}
        return [*extra, tests[relation]]

    def check(
        self, more: Sequence[Any], seconds: float, solver: str, at: Mapping[str, Expr] | None = None
    ) -> tuple[Answer, list[dict[str, Expr]]]:
        """Return the answer, and for sat the model with rational points near it."""
        asked = z3.Solver(ctx=self.context)
        asked.set("timeout", max(1, int(1000 * seconds)))
        asked.add(*self.constraints, *more)
        for x, v in self.variables.items():
            if at is not None and str(x) in at:
                asked.add(v == z3.RealVal(str(at[str(x)]), self.context))
        if solver == "cvc5":
            return second_opinion.answer(asked.to_smt2(), seconds), []
        answer: Answer = _ANSWERS.get(str(asked.check()), "unknown")
        return answer, self._points(asked.model()) if answer == "sat" else []

    def _points(self, model: Any) -> list[dict[str, Expr]]:
        values = {str(x): model.eval(v, model_completion=True) for x, v in self.variables.items()}
        exact = {name: _number(value) for name, value in values.items()}
        near = []
        if any(not x.is_Rational for x in exact.values()):
            for digits in DIGITS:
                near.append({n: x if x.is_Rational else Rational(str(x.evalf(25))).limit_denominator(10**digits)
                             for n, x in exact.items()})  # fmt: skip
        return [*near, exact]

    def _quotient(self, e: Expr) -> tuple[Any, Any, list[Any]]:
        """Return numerator and denominator (None if it is positive) and constraints that define what they use."""
        extra: list[Any] = []
        e = self._without_kinks(e, extra)
        p, q = fraction(together(e))
        if sign_of(q, True):
            return self._polynomial(p), None, extra
        bottom = self._polynomial(q)
        return self._polynomial(p), bottom, [*extra, bottom != 0]

    def _without_kinks(self, e: Expr, extra: list[Any]) -> Expr:
        """Replace |f|, min, max and roots by variables, innermost first."""

        def kinks(e: Expr) -> set[Expr]:
            return set(e.atoms(Abs, Max, Min)) | set(e.find(lambda p: p.is_Pow and not p.exp.is_Integer))

        while found := kinks(e):
            inner = min(found, key=lambda k: (k.count_ops(), str(k)))
            e = e.xreplace({inner: self._kink(inner, extra)})
        return e

    def _kink(self, kink: Expr, extra: list[Any]) -> Expr:
        if kink.is_Pow:
            root = self._value_of(kink.base, extra, f"root{len(self.fresh)}_", root=True)
            return root ** int(2 * kink.exp)
        parts = [self.variables[self._value_of(part, extra, f"part{len(self.fresh)}_")] for part in kink.args]
        whole = parts[0]
        if isinstance(kink, Abs):
            whole = z3.If(whole >= 0, whole, -whole)
        for part in parts[1:]:
            first = whole >= part if isinstance(kink, Max) else whole <= part
            whole = z3.If(first, whole, part)
        return self._new(kink, lambda v: [v == whole], extra, f"kink{len(self.fresh)}_")

    def _value_of(self, e: Expr, extra: list[Any], name: str, root: bool = False) -> Symbol:
        """Return a variable that equals e (or its square root)."""
        p, q = fraction(together(e))
        top, bottom = self._polynomial(p), self._polynomial(q)

        def defined(v: Any) -> list[Any]:
            return [bottom != 0, v >= 0, v * v * bottom == top] if root else [bottom != 0, v * bottom == top]

        return self._new(("root", e) if root else ("value", e), defined, extra, name)

    def _new(self, key: Any, define: Callable[[Any], list[Any]], extra: list[Any], name: str) -> Symbol:
        if key not in self.fresh:
            symbol = Dummy(name, real=True)
            self.fresh[key] = symbol
            self.variables[symbol] = z3.Real(f"{name}fresh", self.context)
        symbol = self.fresh[key]
        extra += define(self.variables[symbol])
        return symbol

    def _polynomial(self, e: Expr) -> Any:
        """Return a polynomial as a sum of products of variables."""
        symbols = sorted(e.free_symbols, key=str)
        if not symbols:
            return z3.RealVal(str(e), self.context)
        total = z3.RealVal(0, self.context)
        for powers, coefficient in Poly(e, *symbols).terms():
            term = z3.RealVal(str(coefficient), self.context)
            for x, power in zip(symbols, powers, strict=True):
                for _ in range(power):
                    term = term * self.variables[x]
            total = total + term
        return total


def _number(value: Any) -> Expr:
    """Return a number of z3 as an exact number of sympy."""
    if z3.is_algebraic_value(value):
        coefficients = [Integer(str(c)) for c in reversed(value.poly())]
        return CRootOf(Poly(coefficients, Symbol("x")), value.index() - 1, radicals=True)
    return Rational(str(value))
