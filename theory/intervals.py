"""Rigorous enclosures: the range of a second derivative by interval arithmetic.

A function is evaluated on an interval X together with its first three derivatives, as a Taylor polynomial
with interval coefficients (a jet), node by node over its expression tree.  Sums and products are rounded outwards
by one floating-point number, which IEEE arithmetic makes rigorous; exp, log, sin and cos are mpmath's enclosures.

On a piece X with midpoint x the range of f = φ'' lies in f(X) and in the mean value form f(x) + f'(X)(X - x);
where f'(X) excludes 0, f takes its least value at an end.  The piece with the worst bound is halved until the
bound is tight (branch and bound).

References
----------
R. E. Moore, "Interval Analysis", 1966; W. Tucker, "Validated Numerics", 2011.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from math import inf, nextafter

from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import to_float
from sympy import Abs, Add, E, Expr, Integer, Mul, Pow, Rational, ceiling, cos, exp, floor, log, pi, sin, tanh

from theory.errors import InputError
from theory.symbols import u

ORDER = 3  # derivatives carried by a jet: φ'' and its slope
MAX_PIECES = 2000
MAX_EXPONENT = 700.0  # exp of more overflows a float
RELATIVE_WIDTH = 1e-7
SIGNIFICANT_DIGITS = 9

_iv = MPIntervalContext()


class _Undefined(Exception):
    """A function is not (shown to be) defined, finite and smooth on a piece."""


class Interval:
    """A closed interval of floats; every operation returns one that contains all results.

    Examples
    --------
    >>> x = Interval(0.0, 1.0)
    >>> (x - x).lo <= -1 and (x - x).hi >= 1
    True
    """

    __slots__ = ("hi", "lo")

    def __init__(self, lo: float, hi: float) -> None:
        if not -inf < lo <= hi < inf:  # also false for nan
            raise _Undefined
        self.lo, self.hi = lo, hi

    def __add__(self, other: Interval) -> Interval:
        return Interval(nextafter(self.lo + other.lo, -inf), nextafter(self.hi + other.hi, inf))

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def __mul__(self, other: Interval) -> Interval:
        if self.lo == self.hi == 0 or other.lo == other.hi == 0:
            return ZERO
        products = (self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi)
        return Interval(nextafter(min(products), -inf), nextafter(max(products), inf))

    def reciprocal(self) -> Interval:
        """Return 1/x; undefined if the interval contains 0."""
        if self.lo <= 0 <= self.hi:
            raise _Undefined
        return Interval(nextafter(1 / self.hi, -inf), nextafter(1 / self.lo, inf))

    def power(self, exponent: int) -> Interval:
        """Return x^exponent for a non-negative integer: exact dependency, so x² is never negative."""
        if exponent == 0:
            return ONE
        low, high = Interval(self.lo, self.lo), Interval(self.hi, self.hi)
        ends = [_repeated(low, exponent), _repeated(high, exponent)]
        if exponent % 2 or self.lo >= 0:
            return hull(*ends)
        if self.hi <= 0:
            return hull(*ends)
        return Interval(0.0, max(end.hi for end in ends))


ZERO, ONE, TWO = Interval(0.0, 0.0), Interval(1.0, 1.0), Interval(2.0, 2.0)
Jet = list[Interval]  # Taylor coefficients f, f', f''/2, f'''/6 on an interval


def enclose_range(phi: Expr, lo: Expr, hi: Expr) -> tuple[Rational, Rational]:
    """Enclose the range of φ'' on [lo, hi]: returns (below the minimum, above the maximum).

    Parameters
    ----------
    phi : expression in `theory.symbols.u` from + * ** (rational exponents) exp log sin cos tanh
    lo, hi : finite numbers, lo < hi

    Returns
    -------
    Two rationals with least ≤ φ'' ≤ greatest on [lo, hi], each within 2e-7 of the extreme, relative to
    the largest |φ''| seen, unless more than 2000 pieces would be needed (they stay rigorous then).

    Raises
    ------
    InputError
        If φ is not twice differentiable on [lo, hi], or this could not be shown.

    Examples
    --------
    >>> least, greatest = enclose_range(sin(u), Integer(0), Integer(1))
    >>> round(float(least), 6)
    -0.841471
    """
    start = hull(_number(lo), _number(hi))
    try:
        least = _minimum(lambda piece: _second(phi, piece), start)
        greatest = -_minimum(lambda piece: [-value for value in _second(phi, piece)], start)
    except _Undefined:
        raise InputError(
            "performance",
            phi,
            f"is not shown to be twice differentiable on [{lo}, {hi}]",
            "choose another interval or φ",
        ) from None
    return rounded(Rational(least), down=True), rounded(Rational(greatest), down=False)


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
                "performance",
                phi,
                f"is not twice differentiable: {inner} may have a kink",
                "choose an interval without it",
            )
        phi = phi.xreplace({inner: sign * inner.args[0]})
    return phi


def rounded(value: Rational, down: bool) -> Rational:
    """Round a rational to nine significant decimal digits, in the direction given.

    Examples
    --------
    >>> rounded(Rational(2, 3), down=True)
    333333333/500000000
    """
    if value == 0:
        return value
    magnitude = len(str(abs(int(value.p)))) - len(str(int(value.q)))  # value is about 10^magnitude
    unit = Rational(10) ** (SIGNIFICANT_DIGITS - magnitude)
    return (floor if down else ceiling)(value * unit) / unit


def hull(left: Interval, right: Interval) -> Interval:
    """Return the smallest interval that contains both."""
    return Interval(min(left.lo, right.lo), max(left.hi, right.hi))


def _sign(f: Expr, lo: Expr, hi: Expr, pieces: int = 64) -> int | None:
    """Return 1 if f ≥ 0 on [lo, hi], -1 if f ≤ 0, None if neither is shown."""
    marks = [_number(lo + (hi - lo) * Rational(i, pieces)) for i in range(pieces + 1)]
    signs = set()
    for left, right in itertools.pairwise(marks):
        try:
            value = _jet(f, hull(left, right), {}, order=0)[0]
        except _Undefined:
            return None
        signs.add(1 if value.lo >= 0 else -1 if value.hi <= 0 else 0)
    return signs.pop() if len(signs) == 1 and 0 not in signs else None


def _minimum(f: Callable[[Interval], Jet], start: Interval) -> float:
    """Return a lower bound of the first component of f over `start`; the second is its derivative."""

    def at(point: float) -> Interval | None:
        try:
            return f(Interval(point, point))[0]
        except _Undefined:
            return None

    def below(piece: Interval) -> float:
        try:
            value, slope = f(piece)
            if slope.lo >= 0:
                return f(Interval(piece.lo, piece.lo))[0].lo
            if slope.hi <= 0:
                return f(Interval(piece.hi, piece.hi))[0].lo
            middle = Interval(*[_middle(piece)] * 2)
            return max(value.lo, (f(middle)[0] + slope * (piece - middle)).lo)
        except _Undefined:
            return -inf

    upper, size = inf, 0.0
    for point in (start.lo, _middle(start), start.hi):
        value = at(point)
        if value is not None:
            upper, size = min(upper, value.hi), max(size, abs(value.lo))
    heap = [(below(start), 0, start)]
    for count in range(1, MAX_PIECES):
        lower, _, piece = heap[0]
        if upper - lower <= size * RELATIVE_WIDTH:
            break
        middle = _middle(piece)
        if not piece.lo < middle < piece.hi:
            break  # two neighbouring floats
        if lower == -inf and piece.hi - piece.lo < (start.hi - start.lo) * RELATIVE_WIDTH:
            break  # closing in on a singularity
        left, right = Interval(piece.lo, middle), Interval(middle, piece.hi)
        heapq.heapreplace(heap, (below(left), -2 * count, left))  # newest first: reach a singularity soon
        heapq.heappush(heap, (below(right), -2 * count - 1, right))
        value = at(middle)
        if value is not None:
            upper, size = min(upper, value.hi), max(size, abs(value.lo))
    if heap[0][0] == -inf:
        raise _Undefined
    return heap[0][0]


def _middle(piece: Interval) -> float:
    return piece.lo + (piece.hi - piece.lo) / 2


# --- Jets -------------------------------------------------------------------------------------------------------


def _second(phi: Expr, piece: Interval) -> Jet:
    """Return φ'' and φ''' on a piece."""
    jet = _jet(phi, piece, {})
    return [TWO * jet[2], Interval(6.0, 6.0) * jet[3]]


def _jet(node: Expr, piece: Interval, known: dict[Expr, Jet], order: int = ORDER) -> Jet:
    """Return the Taylor coefficients of `node` on a piece, up to the given order."""
    if node in known:
        return known[node]
    if node == u:
        jet = [piece, ONE, ZERO, ZERO][: order + 1]
    elif not node.has(u):
        jet = [_number(node), *[ZERO] * order]
    else:
        arguments = [_jet(x, piece, known, order) for x in node.args]
        if isinstance(node, Add):
            jet = arguments[0]
            for term in arguments[1:]:
                jet = [x + y for x, y in zip(jet, term, strict=True)]
        elif isinstance(node, Mul):
            jet = arguments[0]
            for term in arguments[1:]:
                jet = _product(jet, term)
        else:
            jet = _function(node, arguments[0])
    known[node] = jet
    return jet


def _product(f: Jet, g: Jet) -> Jet:
    jet = []
    for k in range(len(f)):
        total = f[0] * g[k]
        for i in range(1, k + 1):
            total = total + f[i] * g[k - i]
        jet.append(total)
    return jet


def _function(node: Expr, x: Jet) -> Jet:
    """Compose: from the Taylor coefficients of the argument to those of the function."""
    half, third, sixth = _number(Rational(1, 2)), _number(Rational(1, 3)), _number(Rational(1, 6))
    if isinstance(node, Pow) and node.exp.is_Rational:
        outer = [_binomial_term(x[0], node.exp, i) for i in range(len(x))]
    elif isinstance(node, exp):
        value = _exp(x[0])
        outer = [value, value, value * half, value * sixth]
    elif isinstance(node, log):
        one = x[0].reciprocal()
        outer = [_log(x[0]), one, -one.power(2) * half, one.power(3) * third]
    elif isinstance(node, (sin, cos)):
        s, c = _sin(x[0]), _cos(x[0])
        outer = [s, c, -s * half, -c * sixth] if isinstance(node, sin) else [c, -s, -c * half, s * sixth]
    elif isinstance(node, tanh):
        value = _tanh(x[0])
        slope = _tanh_slope(value)
        curve = slope * third * (Interval(3.0, 3.0) * value.power(2) - ONE)
        outer = [value, slope, -value * slope, curve]
    else:
        raise InputError(
            "performance", node, "has no interval enclosure", "use + - * / **, exp, log, sqrt, sin, cos, tanh"
        )
    return _compose(outer[: len(x)], x)


def _compose(outer: Jet, inner: Jet) -> Jet:
    """Substitute the deviation of `inner` into the Taylor coefficients of `outer` (Horner)."""
    deviation = [ZERO, *inner[1:]]
    jet = [outer[-1], *[ZERO] * (len(outer) - 1)]
    for coefficient in reversed(outer[:-1]):
        jet = _product(jet, deviation)
        jet[0] = jet[0] + coefficient
    return jet


def _binomial_term(x: Interval, exponent: Rational, i: int) -> Interval:
    """Return binomial(exponent, i) x^(exponent - i), the i-th Taylor coefficient of a power."""
    factor = Integer(1)
    for step in range(i):
        factor = factor * (exponent - step) / (step + 1)
    return ZERO if factor == 0 else _number(factor) * _power(x, exponent - i)


def _power(x: Interval, exponent: Rational) -> Interval:
    if exponent.is_Integer:
        return x.power(int(exponent)) if exponent >= 0 else x.reciprocal().power(-int(exponent))
    if x.lo < 0 or (exponent < 0 and x.lo <= 0):
        raise _Undefined
    ends = [_exp(_number(exponent) * _log(Interval(end, end))) if end > 0 else ZERO for end in (x.lo, x.hi)]
    return hull(*ends)


def _repeated(x: Interval, exponent: int) -> Interval:
    """Return a power of a point by repeated squaring."""
    result = ONE
    while exponent:
        if exponent & 1:
            result = result * x
        x, exponent = x * x, exponent >> 1
        if not exponent:
            break
    return result


# --- Numbers and functions of intervals ---------------------------------------------------------------------------


def _exp(x: Interval) -> Interval:
    if x.hi > MAX_EXPONENT:
        raise _Undefined
    return _from_mpmath(_iv.exp(_to_mpmath(x)))


def _log(x: Interval) -> Interval:
    if not x.lo > 0:
        raise _Undefined
    return _from_mpmath(_iv.log(_to_mpmath(x)))


def _sin(x: Interval) -> Interval:
    return _from_mpmath(_iv.sin(_to_mpmath(x)))


def _cos(x: Interval) -> Interval:
    return _from_mpmath(_iv.cos(_to_mpmath(x)))


def _tanh(x: Interval) -> Interval:
    """Return tanh x = 1 - 2/(exp(2x) + 1): x occurs once, so nothing is overestimated."""
    capped = Interval(max(min(x.lo, 300.0), -300.0), max(min(x.hi, 300.0), -300.0))
    value = ONE - TWO * (_exp(TWO * capped) + ONE).reciprocal()
    low = value.lo if x.lo >= -300 else -1.0
    high = value.hi if x.hi <= 300 else 1.0
    return Interval(max(low, -1.0), min(high, 1.0))


def _tanh_slope(value: Interval) -> Interval:
    slope = ONE - value.power(2)
    return Interval(max(slope.lo, 0.0), max(slope.hi, 0.0))


def _to_mpmath(x: Interval) -> object:
    return _iv.mpf([x.lo, x.hi])


def _from_mpmath(x: object) -> Interval:
    low, high = x._mpi_  # type: ignore[attr-defined]
    try:  # 53 bits fit a float exactly, but for numbers below the normal range: hence one step outwards
        return Interval(nextafter(to_float(low), -inf), nextafter(to_float(high), inf))
    except OverflowError:
        raise _Undefined from None


def _number(value: Expr) -> Interval:
    """Return an interval that contains a real number."""
    if value.is_Float:
        value = Rational(value)
    if value.is_Rational:
        return _rational(int(value.p), int(value.q))
    if value == pi:
        return _from_mpmath(+_iv.pi)
    if value == E:
        return _exp(ONE)
    if not value.is_number or not value.args:
        raise InputError("performance", value, "is not a real number", "give numbers for all parameters")
    if isinstance(value, (Add, Mul)):
        result, *rest = (_number(x) for x in value.args)
        for part in rest:
            result = result + part if isinstance(value, Add) else result * part
        return result
    if isinstance(value, Abs):
        inner = _number(value.args[0])
        return inner if inner.lo >= 0 else -inner if inner.hi <= 0 else Interval(0.0, max(-inner.lo, inner.hi))
    return _function(value, [_number(value.args[0])])[0]


def _rational(numerator: int, denominator: int) -> Interval:
    try:
        nearest = numerator / denominator  # correctly rounded by Python
    except OverflowError:
        raise _Undefined from None
    if Rational(nearest) == Rational(numerator, denominator):
        return Interval(nearest, nearest)
    return Interval(nextafter(nearest, -inf), nextafter(nearest, inf))
