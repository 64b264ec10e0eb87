"""S3: the interval arithmetic of `theory.intervals` contains every result, and hardly more.

Ends of intervals are floats, that is rational numbers: results are compared with exact ones, and with elementary
functions to 60 decimals.  Rounding the wrong way shows in about half of the random cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import TYPE_CHECKING, Any

from sympy import Abs, E, Expr, Integer, Rational, cos, exp, log, pi, sin, sqrt, tanh

from proofs_checks.check import Check
from proofs_checks.derivations import elementary as el
from proofs_checks.derivations.compare import number, rational
from proofs_checks.verdict import Level

if TYPE_CHECKING:
    from theory.intervals import Interval

F = Fraction
ONE = F(1)
TINY = F(1, 2**900)
LOOSE = F(1, 2**48)  # relative: a few roundings of the last of 53 binary digits
Ends = tuple[float, float]


@dataclass(frozen=True)
class Operation:
    """An operation on intervals, the same on rational numbers, and its arguments.

    `points` returns the exact results that must be inside; the least and greatest of them are the ends, if `tight`.
    """

    name: str
    result: Callable[..., Interval]
    points: Callable[..., list[Fraction]]
    arguments: tuple[Ends, ...]
    tight: Fraction = LOOSE
    unit: Fraction = TINY  # results below it may be wider, relatively

    def __str__(self) -> str:
        return f"{self.name} of {', '.join(map(str, self.arguments))}"


def _contains(case: Operation) -> str | None:
    from theory.intervals import Interval

    found = case.result(*(Interval(*ends) for ends in case.arguments))
    lo, hi = F(found.lo), F(found.hi)
    exact = case.points(*case.arguments)
    least, greatest = min(exact), max(exact)
    if case.name.startswith("tanh") and not -1 <= lo <= hi <= 1:
        return f"[{found.lo!r}, {found.hi!r}] is not within [-1, 1]"
    if lo > least or hi < greatest:
        return f"[{found.lo!r}, {found.hi!r}] does not contain {float(least)!r} and {float(greatest)!r}"
    slack = case.tight * max(abs(least), abs(greatest), case.unit)
    if least - lo > slack or hi - greatest > slack:
        return f"[{found.lo!r}, {found.hi!r}] is wider than [{float(least)!r}, {float(greatest)!r}]"
    return None


def _ends(count: int, seed: int, positive: bool = False) -> Iterator[Ends]:
    """Yield intervals: integers first, then random ones, points among them."""
    fixed = [(0.0, 0.0), (1.0, 1.0), (-1.0, 2.0), (0.0, 3.0), (-2.0, 0.0), (2.0, 3.0), (-3.0, -1.0), (-2.0, 1.0)]
    random = Random(seed)
    yield from (ends for ends in fixed if not positive or ends[0] > 0)
    for i in range(count):
        a = random.uniform(0.01, 4.0) if positive else random.uniform(-3.0, 3.0)
        yield (a, a) if i % 3 == 0 else (a, a + random.uniform(0.0, 2.0))


def _corners(x: Ends, y: Ends, operation: Callable[[Fraction, Fraction], Fraction]) -> list[Fraction]:
    return [operation(F(a), F(b)) for a, b in product(x, y)]


def _powers(x: Ends, exponent: int) -> list[Fraction]:
    inside = [F(0) ** exponent] if x[0] <= 0 <= x[1] else []
    return [F(x[0]) ** exponent, F(x[1]) ** exponent, *inside]


def _arithmetic() -> Iterator[Operation]:
    from theory.intervals import Interval, hull

    pairs = list(zip(_ends(40, 1), _ends(40, 2), strict=True)) + list(product(_ends(0, 0), _ends(0, 0)))
    for x, y in pairs:
        yield Operation("+", Interval.__add__, lambda x, y: _corners(x, y, lambda a, b: a + b), (x, y))
        yield Operation("-", Interval.__sub__, lambda x, y: _corners(x, y, lambda a, b: a - b), (x, y))
        yield Operation("*", Interval.__mul__, lambda x, y: _corners(x, y, lambda a, b: a * b), (x, y))
        yield Operation("hull", hull, lambda x, y: [F(end) for end in (*x, *y)], (x, y), F(0))
    for x in _ends(40, 3):
        yield Operation("negative", Interval.__neg__, lambda x: [-F(end) for end in x], (x,), F(0))
        for n in range(6):
            yield Operation(f"power {n}", lambda x, n=n: x.power(n), lambda x, n=n: _powers(x, n), (x,))
        if x[0] > 0 or x[1] < 0:
            yield Operation("reciprocal", Interval.reciprocal, lambda x: [1 / F(end) for end in x], (x,))


def _between(x: Ends, f: Callable[[Fraction], Fraction], count: int = 8) -> list[Fraction]:
    """Return the values of f at the ends and in between."""
    lo, hi = F(x[0]), F(x[1])
    return [f(lo + (hi - lo) * i / count) for i in range(count + 1)] if hi > lo else [f(lo)]


def _functions() -> Iterator[Operation]:
    from theory import intervals

    one_sided: tuple[tuple[str, Any, Callable[[Fraction], Fraction]], ...] = (
        ("exp", intervals._exp, el.exp),
        ("tanh", intervals._tanh, el.tanh),
    )
    for x in (*_ends(25, 4), (-30.0, -29.5), (-1e-3, 1e-3)):
        for name, result, f in one_sided:
            yield Operation(name, result, lambda x, f=f: _between(x, f, 1), (x,), LOOSE, ONE)
        for name, result, f in (("sin", intervals._sin, el.sin), ("cos", intervals._cos, el.cos)):
            yield Operation(name, result, lambda x, f=f: _between(x, f, 64), (x,), F(1, 50))
            yield Operation(f"{name} of a point", result, lambda x, f=f: [f(F(x[0]))], ((x[0], x[0]),), LOOSE, ONE)
    for x in ((-1e3, 1e3), (-400.0, -350.0), (350.0, 400.0), (-299.0, 2.0), (-2.0, 299.0)):
        yield Operation("tanh, far out", intervals._tanh, lambda x: _between(x, _far_tanh, 1), (x,), LOOSE, ONE)
    for x in ((-1.0, -0.5), (0.25, 1.0), (0.5, 0.625), (-0.5, 0.75)):
        slopes = [ends for ends in [x] if ends[0] >= -1]
        yield Operation("slope of tanh", intervals._tanh_slope, _slopes, tuple(slopes), LOOSE, ONE)
    for x in _ends(25, 5, positive=True):
        yield Operation("log", intervals._log, lambda x: _between(x, el.log, 1), (x,), LOOSE, ONE)
        for e in (F(1, 2), F(-3, 2), F(7, 3), F(-2), F(3)):
            power = lambda x, e=e: intervals._power(x, rational(e))  # noqa: E731
            yield Operation(
                f"power {e}", power, lambda x, e=e: _between(x, lambda u: el.power(u, e), 1), (x,), F(1, 2**38)
            )
            for i in range(4):
                term = lambda x, e=e, i=i: intervals._binomial_term(x, rational(e), i)  # noqa: E731
                value = lambda x, e=e, i=i: _between(x, lambda u: _binomial(e, i) * el.power(u, e - i), 1)  # noqa: E731
                yield Operation(f"term {i} of power {e}", term, value, (x,), F(1, 2**36))
    yield Operation("root of 0", lambda x: intervals._power(x, Rational(1, 2)), lambda x: [F(0), F(2)], ((0.0, 4.0),))


def _slopes(x: Ends) -> list[Fraction]:
    inside = [F(1)] if x[0] <= 0 <= x[1] else []
    return [1 - F(end) ** 2 for end in x] + inside


def _far_tanh(x: Fraction) -> Fraction:
    return el.tanh(x) if abs(x) < 40 else F(1) - el.ERROR if x > 0 else el.ERROR - 1


def _binomial(exponent: Fraction, i: int) -> Fraction:
    return prod((exponent - j for j in range(i)), start=F(1)) / prod(range(1, i + 1), start=1)


def _numbers() -> Iterator[tuple[Expr, Fraction]]:
    half, half_ = F(1, 2), Rational(1, 2)
    yield from (
        (rational(F(p, q)), F(p, q)) for p, q in ((0, 1), (3, 4), (1, 3), (-2, 7), (10**20 + 1, 3), (-5, 10**9))
    )
    pi_ = 6 * _arcsin_half()
    yield pi, pi_
    yield E, el.exp(F(1))
    yield sqrt(2), el.sqrt(F(2))
    yield 3 * sqrt(2) - pi / 3 + 1, 3 * el.sqrt(F(2)) - pi_ / 3 + 1
    yield sqrt(5) * log(3) * exp(-1), el.sqrt(F(5)) * el.log(F(3)) * el.exp(F(-1))
    yield sin(2) * cos(3), el.sin(F(2)) * el.cos(F(3))
    yield tanh(Rational(1, 2)), el.tanh(half)
    yield Abs(cos(2) - sin(1), evaluate=False), abs(el.cos(F(2)) - el.sin(F(1)))
    yield Abs(cos(1) + sin(1), evaluate=False), abs(el.cos(F(1)) + el.sin(F(1)))
    yield Integer(7) ** Rational(-2, 3), el.power(F(7), F(-2, 3))
    yield Abs(cos(1) - half_, evaluate=False), el.cos(F(1)) - half  # 0.04
    yield Abs(half_ - cos(1), evaluate=False), el.cos(F(1)) - half


def _arcsin_half() -> Fraction:
    """Return arcsin(1/2) = π/6 by its series."""
    total, term = F(0), F(1, 2)
    for j in range(110):
        total += term / (2 * j + 1)
        term = term * F((2 * j + 1), (2 * j + 2)) / 4
    return F(round(total * el.UNIT), el.UNIT)


def _constant(case: tuple[Expr, Fraction]) -> str | None:
    from theory.intervals import _number

    found, value = _number(case[0]), case[1]
    if not F(found.lo) <= value <= F(found.hi):
        return f"[{found.lo!r}, {found.hi!r}] does not contain {float(value)!r}"
    width = F(found.hi) - F(found.lo)
    exact = F(float(value)) == value
    return (
        None
        if width <= (0 if exact else LOOSE * max(abs(value), F(1, 4)))
        else f"the enclosure is {float(width):.3g} wide"
    )


def _nearly_zero() -> Iterator[Fraction]:
    """Yield numbers that differ from √2 by less than its enclosure is wide, on both sides."""
    root = el.sqrt(F(2))
    yield from (root + F(k, 5 * 10**15) for k in range(-20, 21))


def _modulus(near: Fraction) -> str | None:
    from theory.intervals import _number

    found, value = _number(Abs(sqrt(2) - rational(near), evaluate=False)), abs(el.sqrt(F(2)) - near)
    if not F(found.lo) <= value <= F(found.hi):
        return f"[{found.lo!r}, {found.hi!r}] does not contain {float(value)!r}"
    return None if F(found.hi) <= F(1, 10**14) else "the enclosure is wide"


def _roundings() -> Iterator[tuple[Fraction, bool]]:
    values = [
        F(p, q)
        for p, q in ((1, 3), (-2, 7), (123456789, 1), (1234567891, 10**12), (-(10**15) - 1, 3), (999999999999, 7))
    ]
    yield from product([F(0), F(5, 2), *values], (True, False))


def _rounded(case: tuple[Fraction, bool]) -> str | None:
    from theory.intervals import rounded

    value, down = case
    found = number(rounded(rational(value), down))
    if (found > value) if down else (found < value):
        return f"{found} is on the wrong side"
    if abs(found - value) > abs(value) / 10**7:
        return f"{found} is off by {float(abs(found - value)):.3g}"
    digits = str(abs(found.numerator * 10**30 // found.denominator)).strip("0")
    return None if len(digits) <= 10 else f"{found} has {len(digits)} digits"


# --- The least value over an interval -----------------------------------------------------------------------------


def _tent(u: Fraction, peak: Fraction) -> Fraction:
    """Return a function of slope 3 left of the peak and -1 right of it, smoothed over a distance of 1/20."""
    bend = 20 * (u - peak)
    return (u - peak) - 2 * (el.log(el.exp(bend) + el.exp(-bend)) - el.log(F(2))) / 20


def _least(case: tuple[Ends, Fraction]) -> str | None:
    """Of a piece only the slope is known, of a point the value: the bound must be the value at one of the ends."""
    from theory import intervals
    from theory.intervals import Interval

    ends, peak = case

    def jet(piece: Interval) -> list[Interval]:
        bend = Interval(20.0, 20.0) * (piece - intervals._number(rational(peak)))
        slope = intervals.ONE - intervals.TWO * intervals._tanh(bend)
        if piece.lo < piece.hi:
            return [Interval(-100.0, 100.0), slope]
        return [intervals._number(rational(_tent(F(piece.lo), peak))), slope]

    found = F(intervals._minimum(jet, Interval(*ends)))
    values = [_tent(F(end), peak) for end in ends]
    size = max(abs(value) for value in values)
    least = min(values)
    if found > least:
        return f"the bound {float(found)} is above the value {float(least)}"
    return None if least - found <= 2 * size / 10**7 else f"the bound {float(found)} is far below {float(least)}"


def _intervals() -> Iterator[tuple[Ends, Fraction]]:
    for peak in (F(0), F(1, 10), F(-1, 3), F(2)):
        for ends in ((-1.0, 1.25), (-0.5, 0.25), (-1.25, 1.0), (1.0, 3.0), (-3.0, -2.0), (-2.0, 8.0), (-8.0, 2.5)):
            yield ends, peak


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S3."""
    made = (
        (
            "sums, products and powers of theory.intervals against exact ends",
            "random and small ends",
            _arithmetic,
            _contains,
        ),
        ("functions of theory.intervals against their series", "random and small ends", _functions, _contains),
        ("numbers of theory.intervals against their series", "18 numbers", _numbers, _constant),
        ("_minimum of theory.intervals", "tents with 4 peaks on 7 intervals", _intervals, _least),
        ("moduli of theory.intervals next to 0", "41 numbers within 4e-15 of √2", _nearly_zero, _modulus),
        ("rounded of theory.intervals", "16 numbers, both directions", _roundings, _rounded),
    )
    return tuple(Check(what, scope, Level.EXACT, instances, conclusion) for what, scope, instances, conclusion in made)
