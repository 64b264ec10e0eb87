"""Rigorous enclosures: the range of a second derivative by interval arithmetic.

A function is evaluated on an interval X together with its first three derivatives, as a Taylor polynomial
with interval coefficients ("jet"), node by node over its expression tree, each operation rounded outwards.
On a piece X with midpoint x the range of f = φ'' lies in the intersection of f(X) and the mean value form
f(x) + f'(X)(X - x), and at the ends of X where f'(X) excludes 0.  Pieces whose bound is worst are halved until
the bound is tight (branch and bound).

References
----------
R. E. Moore, "Interval Analysis", 1966; W. Tucker, "Validated Numerics", 2011.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from mpmath import mpf
from mpmath.ctx_iv import MPIntervalContext
from sympy import Abs, Add, E, Expr, Integer, Mul, Pow, Rational, cos, exp, log, pi, sin, tanh

from theory.errors import InputError
from theory.symbols import u

ORDER = 3  # derivatives carried by a jet: φ'' and its slope
MAX_PIECES = 600
MAX_EXPONENT = 10**6  # exp of more is out of range for any use of the result
RELATIVE_WIDTH = Rational(1, 10**7)

_iv = MPIntervalContext()
Interval = Any
Jet = list[Any]  # Taylor coefficients f, f', f''/2, f'''/6 on an interval


class _Undefined(Exception):
    """A function is not (shown to be) defined, finite and smooth on a piece."""


def enclose_range(phi: Expr, lo: Expr, hi: Expr) -> tuple[Rational, Rational]:
    """Enclose the range of φ'' on [lo, hi]: returns (below the minimum, above the maximum).

    Parameters
    ----------
    phi : expression in `theory.symbols.u` from + * ** (rational exponents) exp log sin cos tanh
    lo, hi : finite numbers, lo < hi

    Returns
    -------
    Two rationals with least ≤ φ'' ≤ greatest on [lo, hi], each within 1e-7 of the extreme, relative to
    the largest |φ''| seen, unless more than 600 pieces would be needed (they stay rigorous then).

    Raises
    ------
    InputError
        If φ is not twice differentiable on [lo, hi], or this could not be shown.

    Examples
    --------
    >>> from sympy import sin
    >>> least, greatest = enclose_range(sin(u), Integer(0), Integer(1))
    >>> float(least).__round__(6), float(greatest).__round__(6)
    (-0.841471, 0.0)
    """
    start = _hull(_number(lo), _number(hi))
    try:
        least = _minimum(lambda piece: _second(phi, piece), start)
        greatest = -_minimum(lambda piece: [-c for c in _second(phi, piece)], start)
    except _Undefined:
        raise InputError(
            "performance", phi, f"is not shown to be twice differentiable on [{lo}, {hi}]", "choose another interval or φ"
        ) from None
    return _rational(least), _rational(greatest)


def without_abs(phi: Expr, lo: Expr, hi: Expr) -> Expr:
    """Replace every |f| whose argument keeps its sign on [lo, hi] by f or -f.

    Raises
    ------
    InputError
        If an argument may change its sign: φ has a kink and is not twice differentiable.

    Examples
    --------
    >>> without_abs(Abs(u) + Abs(u - 3), Integer(0), Integer(2))
    3
    """
    while phi.has(Abs):
        inner = min(phi.atoms(Abs), key=lambda f: f.count(Abs))  # innermost first
        sign = None if inner.free_symbols - {u} else _sign(inner.args[0], lo, hi)
        if sign is None:
            raise InputError(
                "performance", phi, f"is not twice differentiable: {inner} may have a kink", "choose an interval without it"
            )
        phi = phi.xreplace({inner: sign * inner.args[0]})
    return phi


def _sign(f: Expr, lo: Expr, hi: Expr, pieces: int = 64) -> int | None:
    """Return 1 if f ≥ 0 on [lo, hi], -1 if f ≤ 0, None if neither is shown."""
    left, width = _number(lo), (_number(hi) - _number(lo)) / pieces
    signs = set()
    for i in range(pieces):
        end = _number(hi) if i == pieces - 1 else left + width * (i + 1)
        try:
            value = _jet(f, _hull(left + width * i, end), {}, order=0)[0]
        except _Undefined:
            return None
        signs.add(1 if value.a >= 0 else -1 if value.b <= 0 else 0)
    return signs.pop() if len(signs) == 1 and 0 not in signs else None


def _minimum(f: Callable[[Interval], list[Interval]], start: Interval) -> Any:
    """Return a lower bound of the first component of f over `start`; the second is its derivative."""

    def at(point: Any) -> Any:
        try:
            return f(_iv.mpf(point))[0]
        except _Undefined:
            return _iv.mpf([-_iv.inf, _iv.inf])

    def below(piece: Interval) -> Any:
        try:
            value, slope = f(piece)
        except _Undefined:
            return mpf("-inf")
        if slope.a >= 0:
            return at(piece.a).a
        if slope.b <= 0:
            return at(piece.b).a
        middle = piece.mid
        return max(value.a, (at(middle) + slope * (piece - middle)).a)

    upper = min(at(point).b for point in (start.a, start.mid, start.b))
    size = max((abs(at(point)).b for point in (start.a, start.mid, start.b)), key=lambda x: x if x < _iv.inf else 0)
    heap = [(below(start), 0, start)]
    for count in range(1, MAX_PIECES):
        lower, _, piece = heap[0]
        size = max(size, abs(upper))
        if upper - lower <= size * mpf(RELATIVE_WIDTH.p) / RELATIVE_WIDTH.q:
            break
        middle = piece.mid
        if not (piece.a < middle.a and middle.b < piece.b):
            break  # two neighbouring floats
        heapq.heapreplace(heap, (below(_hull(piece.a, middle)), 2 * count, _hull(piece.a, middle)))
        heapq.heappush(heap, (below(_hull(middle, piece.b)), 2 * count + 1, _hull(middle, piece.b)))
        upper = min(upper, at(middle).b)
    lower = heap[0][0]
    if not -_iv.inf < lower < _iv.inf:
        raise _Undefined
    return lower


def _second(phi: Expr, piece: Interval) -> list[Interval]:
    """Return φ'' and φ''' on a piece."""
    jet = _jet(phi, piece, {})
    return [2 * jet[2], 6 * jet[3]]


def _jet(node: Expr, piece: Interval, known: dict[Expr, Jet], order: int = ORDER) -> Jet:
    """Return the Taylor coefficients of `node` on a piece, up to the given order."""
    if node in known:
        return known[node]
    if node == u:
        jet = [piece, _iv.mpf(1)][: order + 1] + [_iv.mpf(0)] * (order - 1)
    elif not node.has(u):
        jet = [_number(node)] + [_iv.mpf(0)] * order
    else:
        arguments = [_jet(x, piece, known, order) for x in node.args if x.has(u)]
        if isinstance(node, Add):
            constant = Add(*(x for x in node.args if not x.has(u)))
            jet = [sum((x[i] for x in arguments), _number(constant) if i == 0 else _iv.mpf(0)) for i in range(order + 1)]
        elif isinstance(node, Mul):
            constant = Mul(*(x for x in node.args if not x.has(u)))
            jet = [_number(constant) * x for x in arguments[0]]
            for factor in arguments[1:]:
                jet = _product(jet, factor)
        else:
            jet = _function(node, arguments)
    known[node] = jet
    return jet


def _product(f: Jet, g: Jet) -> Jet:
    return [sum((f[i] * g[k - i] for i in range(k + 1)), _iv.mpf(0)) for k in range(len(f))]


def _function(node: Expr, arguments: list[Jet]) -> Jet:
    """Compose: from the Taylor coefficients of the argument to those of the function."""
    x = arguments[0]
    if isinstance(node, Pow) and not node.exp.has(u) and node.exp.is_Rational:
        return _compose([_binomial_term(x[0], node.exp, i) for i in range(len(x))], x)
    if isinstance(node, exp):
        value = _exp(x[0])
        return _compose([value, value, value / 2, value / 6][: len(x)], x)
    if isinstance(node, log):
        if not x[0].a > 0:
            raise _Undefined
        one = _iv.mpf(1) / x[0]
        return _compose([_iv.log(x[0]), one, -(one**2) / 2, one**3 / 3][: len(x)], x)
    if isinstance(node, (sin, cos)):
        s, c = _iv.sin(x[0]), _iv.cos(x[0])
        outer = [s, c, -s / 2, -c / 6] if isinstance(node, sin) else [c, -s, -c / 2, s / 6]
        return _compose(outer[: len(x)], x)
    if isinstance(node, tanh):
        value = 1 - 2 / (_exp(2 * x[0]) + 1)  # one occurrence of x: no overestimation
        slope = 1 - value**2
        return _compose([value, slope, -value * slope, slope * (3 * value**2 - 1) / 3][: len(x)], x)
    raise InputError("performance", node, "has no interval enclosure", "use + - * / **, exp, log, sqrt, sin, cos, tanh")


def _compose(outer: Jet, inner: Jet) -> Jet:
    """Substitute the deviation of `inner` into the Taylor coefficients of `outer` (Horner)."""
    deviation = [_iv.mpf(0), *inner[1:]]
    jet = [outer[-1]] + [_iv.mpf(0)] * (len(outer) - 1)
    for coefficient in reversed(outer[:-1]):
        jet = _product(jet, deviation)
        jet[0] += coefficient
    return jet


def _binomial_term(x: Interval, exponent: Rational, i: int) -> Interval:
    """Return binomial(exponent, i) x^(exponent - i), the i-th Taylor coefficient of a power."""
    factor = Integer(1)
    for step in range(i):
        factor = factor * (exponent - step) / (step + 1)
    return _iv.mpf(0) if factor == 0 else _number(factor) * _power(x, exponent - i)


def _power(x: Interval, exponent: Rational) -> Interval:
    if exponent.is_Integer:
        if exponent < 0 and x.a <= 0 <= x.b:
            raise _Undefined
        return x ** int(exponent)
    if x.a < 0 or (exponent < 0 and x.a <= 0):
        raise _Undefined
    root = _number(exponent)
    top = _exp(root * _iv.log(_iv.mpf(x.b))) if x.b > 0 else _iv.mpf(0)
    bottom = _exp(root * _iv.log(_iv.mpf(x.a))) if x.a > 0 else _iv.mpf(0)
    return _hull(bottom, top)


def _exp(x: Interval) -> Interval:
    if x.b > MAX_EXPONENT:
        raise _Undefined
    low = _iv.exp(_iv.mpf(x.a)) if x.a > -MAX_EXPONENT else _iv.mpf(0)
    return _hull(low, _iv.exp(_iv.mpf(max(x.b, _iv.mpf(-MAX_EXPONENT)))))


def _number(value: Expr) -> Interval:
    """Return an interval that contains a real number."""
    if value.is_Float:
        value = Rational(value)
    if value.is_Rational:
        return _iv.mpf(int(value.p)) / _iv.mpf(int(value.q))
    if value == pi:
        return +_iv.pi
    if value == E:
        return _iv.exp(_iv.mpf(1))
    if value.is_number and value.args:
        return _jet_of_constant(value)
    raise InputError("performance", value, "is not a real number", "give numbers for all parameters")


def _jet_of_constant(value: Expr) -> Interval:
    parts = [[_number(x)] for x in value.args]
    if isinstance(value, Add):
        return sum((part[0] for part in parts), _iv.mpf(0))
    if isinstance(value, Mul):
        result = _iv.mpf(1)
        for part in parts:
            result = result * part[0]
        return result
    if isinstance(value, Abs):
        return abs(parts[0][0])
    return _function(value, parts)[0]


def _hull(left: Interval, right: Interval) -> Interval:
    """Return the smallest interval that contains both."""
    left, right = _iv.mpf(left), _iv.mpf(right)
    return _iv.mpf([min(left.a, right.a), max(left.b, right.b)])


def _rational(bound: Any) -> Rational:
    """Return a float bound as the rational it is."""
    sign, mantissa, exponent, _ = mpf(bound)._mpf_
    return Rational((-1) ** sign * int(mantissa)) * Rational(2) ** int(exponent)
