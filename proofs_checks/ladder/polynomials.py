"""Polynomials over the rationals, read from the text of a certificate and written to it.

    text  →  numerator / denominator,  both in ℚ[x_1, ..., x_n] and without a common factor

What a rung proves is what the text says: expressions go through their text before anything is computed from them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx
from sympy import Rational

Poly = Any  # flint.fmpq_mpoly
Context = Any  # flint.fmpq_mpoly_ctx
Fraction = tuple[Poly, Poly]

MAX_POWER = 64
MAX_TERMS = 20_000


class Beyond(Exception):
    """What is asked for is beyond the method; the text says why."""


def context_of(names: Sequence[str]) -> Context:
    """Return the ring ℚ[names]."""
    return fmpq_mpoly_ctx.get(tuple(names), Ordering.degrevlex)


def parsed(text: str, context: Context) -> Fraction:
    """Return numerator and denominator of an expression in integers, names, + - * / and integer powers.

    Raises
    ------
    Beyond
        For anything else, a division by zero, or an expression that grows out of bounds.

    Examples
    --------
    >>> parsed("x**2/(2*x) - 1/2", context_of(["x"]))
    (1/2*x - 1/2, 1)
    """
    gens = dict(zip(context.names(), context.gens(), strict=True))
    return _value(ast.parse(text, mode="eval").body, gens, context)


def _value(node: ast.expr, gens: Mapping[str, Poly], context: Context) -> Fraction:
    one = context.constant(1)
    match node:
        case ast.Constant(value=int(number)):
            return context.constant(number), one
        case ast.Name(id=name) if name in gens:
            return gens[name], one
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            p, q = _value(operand, gens, context)
            return -p, q
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            exponent = ast.literal_eval(right)
            if not isinstance(exponent, int) or abs(exponent) > MAX_POWER:
                raise Beyond(f"the power {ast.unparse(right)} is no integer up to {MAX_POWER}")
            p, q = _value(left, gens, context)
            p, q = (p, q) if exponent >= 0 else (q, p)
            return _reduced(p ** abs(exponent), q ** abs(exponent))
        case ast.BinOp(left=left, op=op, right=right):
            p, q = _value(left, gens, context)
            r, s = _value(right, gens, context)
            if isinstance(op, ast.Add | ast.Sub):
                r = r if isinstance(op, ast.Add) else -r
                return _reduced(p + r, q) if q == s else _reduced(p * s + r * q, q * s)
            if isinstance(op, ast.Mult):
                return _reduced(p * r, q * s)
            if isinstance(op, ast.Div):
                return _reduced(p * s, q * r)
    raise Beyond(f"'{ast.unparse(node)}' is no rational operation")


def _reduced(p: Poly, q: Poly) -> Fraction:
    if q == 0:
        raise Beyond("a denominator is zero everywhere")
    if max(len(p), len(q)) > MAX_TERMS:
        raise Beyond(f"the expression has more than {MAX_TERMS} terms")
    if not q.is_constant():
        common = p.gcd(q)
        p, q = p // common, q // common
    if q.is_constant():
        return p / q.leading_coefficient(), q.context().constant(1)
    return p, q


def written(p: Poly) -> str:
    """Return a polynomial as text.

    Examples
    --------
    >>> written(parsed("(x - y)**2/2", context_of(["x", "y"]))[0])
    '1/2*x**2 - x*y + 1/2*y**2'
    """
    return str(p).replace("^", "**")


def has_sign(p: Poly, signs: Mapping[str, str], strict: bool) -> bool:
    """Return whether all coefficients are non-negative and names without a sign have even powers only.

    If strict, one monomial has to be positive: a constant, or a product of positive names.
    """
    names = p.context().names()
    signed = [name in signs for name in names]
    positive = [signs.get(name) == "positive" for name in names]
    found = False
    for powers, coefficient in p.to_dict().items():
        if coefficient < 0 or any(e % 2 and not s for e, s in zip(powers, signed, strict=True)):
            return False
        found |= all(e == 0 or s for e, s in zip(powers, positive, strict=True))
    return found or not strict


def at_point(p: Poly, point: Mapping[str, Rational]) -> Rational:
    """Return the exact value at a point."""
    values = [fmpq(int(point[name].p), int(point[name].q)) for name in p.context().names()]
    return rational(p(*values)) if values else rational(p.leading_coefficient() if p != 0 else fmpq(0))


def rational(number: Any) -> Rational:
    """Return a flint number as a sympy one."""
    number = fmpq(number)
    return Rational(int(number.p), int(number.q))


def total_degree(p: Poly) -> int:
    """Return the total degree; 0 for the polynomial 0."""
    return max(int(p.total_degree()), 0)
