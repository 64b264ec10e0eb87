"""S3, S5: the bounds -L ≤ φ'' ≤ -ℓ of `theory.performance` against second differences of φ.

By the mean value theorem (φ(x+h) - 2φ(x) + φ(x-h))/h² is a value of φ'' between x-h and x+h, so it lies in [-L, -ℓ];
and where it is least or greatest, the bounds must be close.  No derivative is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from sympy import Expr, Float, Rational, oo

from proofs_checks.check import Check
from proofs_checks.derivations import elementary as el
from proofs_checks.derivations.compare import number, rational
from proofs_checks.studies.performances import POLYNOMIALS
from proofs_checks.verdict import Level

STEP = Fraction(1, 10**12)  # h: values of φ are exact to 60 digits, so quotients are to 30
POINTS = 24
FAR = Fraction(10**9)  # in place of an infinite end
TIGHT = Fraction(3, 10**7)  # relative: what `curvature` promises, and a little
EXACT = Fraction(1, 10**10)

Function = Callable[[Fraction], Fraction]
F = Fraction


@dataclass(frozen=True)
class Case:
    """A performance function as text, the same function of rationals, and an interval.

    `reach` stands in for infinite ends; `exact` is whether exact bounds are expected.
    """

    text: str
    function: Function
    lo: Fraction | None
    hi: Fraction | None
    exact: bool
    reach: Fraction = FAR

    def __str__(self) -> str:
        return f"φ = {self.text} on [{self.lo}, {self.hi}]"

    def second(self, x: Fraction) -> Fraction:
        """Return a value of φ'' within STEP of x."""
        around = self.function(x + STEP) - 2 * self.function(x) + self.function(x - STEP)
        return around / STEP**2

    @lru_cache(maxsize=256)  # noqa: B019  # cases live as long as the module
    def extremes(self) -> tuple[Fraction, Fraction]:
        """Return the least and the greatest φ'' found."""
        lo = (-self.reach if self.lo is None else self.lo) + STEP
        hi = (self.reach if self.hi is None else self.hi) - STEP
        points = [lo + (hi - lo) * i / POINTS for i in range(POINTS + 1)]
        if self.reach == FAR and (self.lo is None or self.hi is None):
            points += [F(i, 4) for i in range(-20, 21) if lo < F(i, 4) < hi]
            points.sort()
        found = [(self.second(x), i) for i, x in enumerate(points)]
        least = self._refined(points, min(found)[1], 1)
        greatest = self._refined(points, max(found)[1], -1)
        return least, -greatest

    def _refined(self, points: list[Fraction], best: int, sign: int) -> Fraction:
        """Return the least sign · φ'' near the best point, by ternary search."""
        left, right = points[max(best - 1, 0)], points[min(best + 1, len(points) - 1)]
        value = sign * self.second(points[best])
        for _ in range(40):
            third = (right - left) / 3
            a, b = _short(left + third), _short(right - third)
            low, high = sign * self.second(a), sign * self.second(b)
            value = min(value, low, high)
            if low <= high:
                right = b
            else:
                left = a
            if right - left < F(1, 10**8):
                break
        return value


def _short(x: Fraction) -> Fraction:
    return Fraction(round(x * 10**14), 10**14)


@lru_cache(maxsize=1)
def _cases() -> tuple[Case, ...]:
    return (*_closed(), *_enclosed())


def _closed() -> Iterator[Case]:
    for phi in POLYNOMIALS:
        text = " + ".join(f"({a})*u**{j}" for j, a in enumerate(phi.coefficients))
        for ends in ((F(-1), F(2)), (F(-3), F(-1, 2))):
            yield Case(text, phi, *ends, exact=True)
        for ends in ((None, F(1)), (F(-2), None), (None, None)):  # type: ignore[assignment]
            yield Case(text, phi, *ends, exact=True)
    polynomials: tuple[tuple[str, Function, bool], ...] = (
        ("u**7 - u**5 + u**2/3", lambda u: u**7 - u**5 + u**2 / 3, True),
        ("u**10/90 - u**3", lambda u: u**10 / 90 - u**3, False),
        ("-(u**10)/90 + u**3 - u**4", lambda u: -(u**10) / 90 + u**3 - u**4, False),
        ("u**12 - u", lambda u: u**12 - u, True),
        ("u**6/120 - u**4/24 - u**3/6", lambda u: u**6 / 120 - u**4 / 24 - u**3 / 6, True),  # φ''' = u³ - u - 1
        ("u**6/30 - u**4/12", lambda u: u**6 / 30 - u**4 / 12, True),
    )
    for text, function, exact in polynomials:
        for lo, hi in ((F(-1), F(5, 4)), (F(1, 8), F(1, 2)), (F(1), F(2))):
            yield Case(text, function, lo, hi, exact)
    exponentials: tuple[tuple[str, Function, tuple[tuple[int | None, int | None], ...]], ...] = (
        ("exp(-u**2/8)", lambda u: el.exp(-u * u / 8), ((None, None), (-1, 1), (3, None), (None, -2))),
        ("exp(-(u - 1/3)**2/8)", lambda u: el.exp(-((u - F(1, 3)) ** 2) / 8), ((-1, 1),)),
        ("(u - 1)*exp(2*u) + 3*u - 2", lambda u: (u - 1) * el.exp(2 * u) + 3 * u - 2, ((None, 0), (-3, 2))),
        ("-u**2*exp(u/2)", lambda u: -u * u * el.exp(u / 2), ((None, 0), (-1, 2))),
        ("exp(u/2)", lambda u: el.exp(u / 2), ((None, 1), (0, None))),
        ("exp(1 - u)", lambda u: el.exp(1 - u), ((0, None), (-1, 1))),
        ("exp(-abs(u))", lambda u: el.exp(-u), ((1, 2),)),
    )
    for text, function, intervals in exponentials:
        for low, high in intervals:
            left, right = (None if end is None else F(end) for end in (low, high))
            yield Case(text, function, left, right, True, F(80))


def _enclosed() -> Iterator[Case]:
    root, pi = el.sqrt(F(2)), _pi()
    functions: tuple[tuple[str, Function, Fraction, Fraction], ...] = (
        ("exp(sin(u))*tanh(u)", lambda u: el.exp(el.sin(u)) * el.tanh(u), F(-2), F(2)),
        ("0.00001*sin(u)/u", lambda u: el.sin(u) / u / 10**5, F(1), F(3)),
        ("u**2 - exp(-u**2/8)", lambda u: u * u - el.exp(-u * u / 8), F(-1), F(2)),
        ("exp(u/2) - exp(-u/3)", lambda u: el.exp(u / 2) - el.exp(-u / 3), F(-1), F(2)),
        ("1/(u**2 - u + 1)", lambda u: 1 / (u * u - u + 1), F(-3), F(3)),
        ("log(1 + u**2)", lambda u: el.log(1 + u * u), F(-3), F(2)),
        ("sqrt(u)*cos(u)", lambda u: el.sqrt(u) * el.cos(u), F(1, 2), F(2)),
        ("u**3.5 - u**(-1.5)", lambda u: el.power(u, F(7, 2)) - el.power(u, F(-3, 2)), F(1, 2), F(1)),
        ("tanh(3*u) + sin(2*u)/pi", lambda u: el.tanh(3 * u) + el.sin(2 * u) / pi, F(-2), F(2)),
        ("abs(u - 2)*sin(u)", lambda u: (2 - u) * el.sin(u), F(-1), F(1)),
        ("cos(abs(u - abs(u + 3)) + u**3/u**5)", lambda u: el.cos(3 + u**-2), F(1), F(3)),
        ("exp(-u**2) - exp(-(u - 1)**2)", lambda u: el.exp(-u * u) - el.exp(-((u - 1) ** 2)), F(-3), F(3)),
        (
            "exp(1)*sin(sqrt(2)*u) + (log(3) - pi)*cos(u) + abs(sin(2) - 1)*tanh(1)*u**2",
            lambda u: (
                el.exp(F(1)) * el.sin(root * u)
                + (el.log(F(3)) - pi) * el.cos(u)
                + (1 - el.sin(F(2))) * el.tanh(F(1)) * u * u
            ),
            F(-2),
            F(1),
        ),
        ("u**3*sin(u) + u**(-3)*cos(2)", lambda u: u**3 * el.sin(u) + u**-3 * el.cos(F(2)), F(-2), F(-1)),
    )
    for text, function, lo, hi in functions:
        yield Case(text, function, lo, hi, exact=False)


def _pi() -> Fraction:
    """Return π by Machin's formula."""

    def arctan(n: int) -> Fraction:
        terms = (Fraction((-1) ** i * el.UNIT, (2 * i + 1) * n ** (2 * i + 1)) for i in range(60))
        return sum((Fraction(round(term), el.UNIT) for term in terms), Fraction(0))

    return 16 * arctan(5) - 4 * arctan(239)


def as_fraction(value: Expr) -> Fraction:
    """Return an exact number of sympy to 45 digits."""
    return number(value) if value.is_Rational else number(Rational(Float(value.evalf(50), 45)))


def _bounds(side: Literal["L", "ell"]) -> Check[Case]:
    from theory.performance import curvature

    def conclusion(case: Case) -> str | None:
        lo, hi = (-oo if case.lo is None else rational(case.lo)), (oo if case.hi is None else rational(case.hi))
        whole = case.lo is None and case.hi is None
        found = curvature(case.text) if whole else curvature(case.text, lo, hi)
        if found.exact != case.exact:
            return f"exact is {found.exact}"
        least, greatest = case.extremes()
        size = max(abs(least), abs(greatest), F(1, 10**12))
        value, reached = (found.L, -least) if side == "L" else (-found.ell, greatest)
        if value.is_infinite:
            return None if reached > 10**9 and value == oo else f"{side} says {value}, and φ'' reaches {float(reached)}"
        if case.reach == FAR and reached > 10**9:
            return f"{side} says {value}, and φ'' reaches {float(reached):.4g}"
        gap = as_fraction(value) - reached  # at least 0 for a bound, and small for a good one
        if -EXACT * size <= gap <= (EXACT if case.exact else TIGHT) * size:
            return None
        return f"{side} says {float(value):.12g}, and φ'' reaches {float(reached):.12g}"

    return Check(
        what=f"{side} of theory.performance.curvature against second differences of φ",
        scope="polynomials of degree ≤ 12, exponentials and compositions, finite and infinite intervals",
        level=Level.EXACT,
        instances=_cases,
        conclusion=conclusion,
    )


def _parameters() -> Check[str]:
    """The standard functions with symbols, at numbers; and infinite ends given as floats."""
    from sympy import exp

    from theory.performance import STANDARD, curvature
    from theory.symbols import sigma

    known = {
        "quadratic": (Rational(2), Rational(2)),
        "gaussian": (1 / sigma**2, -2 * exp(Rational(-3, 2)) / sigma**2),
        "double_well": (oo, Rational(-4)),
    }

    def conclusion(name: str) -> str | None:
        phi, expected = STANDARD[name], known[name]
        for found in (curvature(phi), curvature(phi, float("-inf"), float("inf"))):
            if not found.exact or found.ell != expected[1] or expected[0] != found.L:
                return f"theory says {found}"
        half = curvature(phi, float("-inf"), 0) if name == "double_well" else curvature(phi)
        return None if expected[0] == half.L else f"theory says {half} on a half line"

    return Check(
        what="curvature of theory.performance for the standard functions with symbols",
        scope="3 functions on the whole line",
        level=Level.EXACT,
        instances=lambda: known,
        conclusion=conclusion,
    )


def _touching() -> Check[tuple[int, str]]:
    """φ'' = ±(u² - c)² (u⁴ + u + 3) is 0 at the irrational √c: the bounds may not be on the wrong side of 0."""
    from sympy import integrate

    from theory.performance import curvature
    from theory.symbols import u

    def conclusion(case: tuple[int, str]) -> str | None:
        c, side = case
        phi = integrate(integrate((u**2 - c) ** 2 * (u**4 + u + 3), u), u)
        found = curvature(phi, 0, 3) if side == "L" else curvature(-phi, 0, 3)
        value = -found.L if side == "L" else found.ell
        return None if -Rational(1, 10**9) < value <= 0 else f"theory says {value}"

    return Check(
        what="curvature of theory.performance where φ'' touches 0 at an irrational opinion",
        scope="5 polynomials of degree 10 and their negatives",
        level=Level.EXACT,
        instances=lambda: ((c, side) for c in (2, 3, 5, 6, 7) for side in ("L", "ell")),
        conclusion=conclusion,
        show=lambda case: f"c = {case[0]}, {case[1]}",
    )


SINGULAR = (("1/u", -1, 1), ("log(u)", 0, 1), ("sqrt(u)", 0, 1), ("u**1.5", 0, 1), ("tanh(u)/u**2", -1, 2))


def _refused() -> Check[tuple[str, int, int]]:
    from theory.errors import InputError
    from theory.performance import curvature

    def conclusion(case: tuple[str, int, int]) -> str | None:
        try:
            found = curvature(*case)
        except InputError:
            return None
        return f"theory says {found}"

    return Check(
        what="curvature of theory.performance refuses what is not twice differentiable",
        scope=f"{len(SINGULAR)} functions",
        level=Level.EXACT,
        instances=lambda: SINGULAR,
        conclusion=conclusion,
        show=lambda case: f"φ = {case[0]} on [{case[1]}, {case[2]}]",
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S3 (the bound L) or S5 (ℓ)."""
    return (_bounds("L"), _refused(), _parameters(), _touching()) if label == "S3" else (_bounds("ell"),)
