"""A statement as the rungs read it: hypotheses ⇒ conclusion, all rational in real names, some of known sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Eq, Expr, Float, Ge, Gt, Le, Lt, Rational, S, Symbol, sympify
from sympy.core.relational import Relational

from proofs_checks.certificates import Writer
from proofs_checks.ladder.polynomials import Beyond, Context, Poly, at_point, context_of, has_sign, parsed, written
from theory.errors import InputError

RELATIONS = ("= 0", ">= 0", "> 0")
SIGNS = ("positive", "nonnegative")
ASSUMPTIONS = ("rational", "integer", "even", "odd", "prime", "composite", "zero", "positive", "negative")


@dataclass(frozen=True)
class Part:
    """One side: numerator/denominator with a relation to 0; the denominator is positive by its coefficients."""

    name: str
    text: str
    relation: str
    numerator: Poly
    denominator: Poly

    def holds(self, point: Mapping[str, Rational]) -> bool:
        """Whether it is defined and true at a point."""
        if at_point(self.denominator, point) == 0:
            return False
        return compare(at_point(self.numerator, point) / at_point(self.denominator, point), self.relation)


@dataclass(frozen=True)
class Statement:
    """Hypotheses, conclusion, signs and the ring they are read in.

    Attributes
    ----------
    conclusion : what is to be shown.
    given : the hypotheses.
    signs : {name: "positive" or "nonnegative"}.
    legend : {name: what it stands for}, for names that stand for something that is not rational.
    symbols : {name: symbol}, whose assumptions (integer, odd, ...) a counterexample has to satisfy.
    context : ℚ[names].
    """

    conclusion: Part
    given: tuple[Part, ...]
    signs: dict[str, str]
    legend: dict[str, str]
    symbols: dict[str, Symbol]
    context: Context

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all variables."""
        return tuple(self.context.names())

    @property
    def is_free(self) -> bool:
        """Whether its names can have any values that the hypotheses allow, so that a point can refute it."""
        return not self.legend

    def sign_parts(self) -> tuple[Part, ...]:
        """Return the signs as hypotheses."""
        one = self.context.constant(1)
        return tuple(
            Part(f"sign of {name}", name, "> 0" if sign == "positive" else ">= 0", gen, one)
            for name, gen in zip(self.names, self.context.gens(), strict=True)
            if (sign := self.signs.get(name))
        )

    def allows(self, point: Mapping[str, Rational]) -> bool:
        """Whether all signs, assumptions and hypotheses hold at a point."""
        assumed = all(_satisfies(point[name], symbol) for name, symbol in self.symbols.items())
        return assumed and all(part.holds(point) for part in (*self.sign_parts(), *self.given))

    def fails(self, point: Mapping[str, Rational]) -> bool:
        """Whether a point is a counterexample."""
        defined = self.is_free and at_point(self.conclusion.denominator, point) != 0
        return defined and self.allows(point) and not self.conclusion.holds(point)

    def used_signs(self, *polynomials: Poly) -> dict[str, str]:
        """Return the signs of the names that occur."""
        used = {name for p in polynomials for name, e in zip(self.names, p.degrees(), strict=True) if e > 0}
        return {name: sign for name, sign in self.signs.items() if name in used}


def _satisfies(number: Rational, symbol: Symbol) -> bool:
    """Whether a number may stand for a symbol."""
    wanted = {key: getattr(symbol, f"is_{key}") for key in ASSUMPTIONS}
    return all(getattr(number, f"is_{key}") == truth for key, truth in wanted.items() if truth is not None)


def compare(number: Rational, relation: str) -> bool:
    """Return whether a number has the relation to 0."""
    return bool(number == 0 if relation == "= 0" else number >= 0 if relation == ">= 0" else number > 0)


def read(
    conclusion: Expr, relation: str, given: Iterable[Any] = (), signs: Mapping[Any, str] | None = None
) -> Statement:
    """Return the statement that `given` and `signs` imply `conclusion`.

    Parameters
    ----------
    conclusion : sympy expression, or number.
    relation : "= 0", ">= 0" or "> 0".
    given : hypotheses, each a comparison of sympy, a pair (expression, relation), or (name, expression, relation).
    signs : {symbol or name: "positive" or "nonnegative"}, beside those that the symbols' assumptions say.

    Raises
    ------
    InputError
        For a wrong relation, sign or hypothesis, or something that is no expression.
    Beyond
        If a denominator's sign is not that of its coefficients, or an expression is too large.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> s = read(1 / (1 + x**2), "> 0", [x >= 1])
    >>> s.conclusion.denominator, s.given[0].text
    (x^2 + 1, 'x - 1')
    """
    writer = Writer()
    symbols: dict[str, Symbol] = {}
    texts = [("conclusion", _text(writer, symbols, "conclusion", conclusion), _relation("relation", relation))]
    for k, item in enumerate(given):
        name, expression, how = _hypothesis(f"given[{k}]", item)
        if expression is not None:
            texts.append((name, _text(writer, symbols, f"given[{k}]", expression), how))
    known = dict(writer.signs)
    named = {old: new for new, old in writer.legend.items()}
    for key, sign in (signs or {}).items():
        if sign not in SIGNS:
            raise InputError("signs", sign, "is no sign", 'use "positive" or "nonnegative"')
        known[named.get(str(key), str(key))] = sign
    names = sorted(_names(text for _, text, _ in texts))
    context = context_of(names)
    known = {name: sign for name, sign in known.items() if name in names}
    parts = [_part(name, text, how, context, known) for name, text, how in texts]
    symbols = {name: symbol for name, symbol in symbols.items() if name in names}
    return Statement(parts[0], tuple(parts[1:]), known, writer.legend, symbols, context)


def _part(name: str, text: str, relation: str, context: Context, signs: Mapping[str, str]) -> Part:
    p, q = parsed(text, context)
    if has_sign(-q, signs, strict=True):
        p, q = -p, -q
    if not has_sign(q, signs, strict=True):
        raise Beyond(f"the sign of the denominator {written(q)} does not follow from its coefficients")
    return Part(name, text, relation, p, q)


def _text(writer: Writer, symbols: dict[str, Symbol], field: str, expression: object) -> str:
    value = sympify(expression, strict=True) if isinstance(expression, Basic | int) else expression
    if not isinstance(value, Expr):
        raise InputError(field, expression, "is no expression", "give a sympy expression, such as x**2 - 2*x + 1")
    if value.has(S.NaN, S.Infinity, S.NegativeInfinity, S.ComplexInfinity, S.ImaginaryUnit) or value.atoms(Float):
        raise InputError(field, expression, "is no real expression in exact numbers", "use integers and Rational")
    for symbol in value.free_symbols:
        if symbols.setdefault(str(symbol), symbol) != symbol:
            problem = f"has two symbols of the name {symbol} with different assumptions"
            raise InputError(field, expression, problem, "make each symbol once")
    return writer.text(value)


def _relation(field: str, relation: object) -> str:
    if relation not in RELATIONS:
        raise InputError(field, relation, "is no relation", 'use "= 0", ">= 0" or "> 0"')
    return str(relation)


def _hypothesis(field: str, item: Any) -> tuple[str, Any, str]:
    """Name, expression (None if it says nothing) and relation of a hypothesis."""
    if item == S.true:
        return "", None, ">= 0"
    if isinstance(item, Relational):
        left, right = item.args
        if isinstance(item, Ge | Gt):
            return str(item), left - right, ">= 0" if isinstance(item, Ge) else "> 0"
        if isinstance(item, Le | Lt):
            return str(item), right - left, ">= 0" if isinstance(item, Le) else "> 0"
        if isinstance(item, Eq):
            return str(item), left - right, "= 0"
    if isinstance(item, tuple | list) and len(item) in (2, 3):
        name, expression, relation = item if len(item) == 3 else (f"{item[0]} {item[1]}", *item)
        return str(name), expression, _relation(field, relation)
    advice = 'give a pair such as (x - 1, ">= 0"), or a comparison such as x >= 1'
    raise InputError(field, item, "is no hypothesis", advice)


def _names(texts: Iterable[str]) -> set[str]:
    import ast

    return {node.id for text in texts for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
