"""S10: the limit of the gain of `theory.gain` as coalitions grow, against what the last of many incumbents adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from sympy import Expr, Function, Integer

from proofs_checks.check import Check
from proofs_checks.derivations.compare import number, rational
from proofs_checks.derivations.payoffs import Joining, joining
from proofs_checks.verdict import Level

MANY = 10**10
CLOSE = Fraction(1, 10_000)


@dataclass(frozen=True)
class Limit:
    """A polynomial φ, and a scale, with its values to 20 digits."""

    case: Joining
    scale: str
    values: Callable[[int], Fraction]
    exists: bool = True

    def __str__(self) -> str:
        return f"φ = {self.case.text[0]}, g = {self.scale}"


def _root(s: int) -> Fraction:
    return Fraction(isqrt(s * 10**40), 10**20)


def _limits() -> Iterator[Limit]:
    scales: list[tuple[str, Callable[[int], Fraction], bool]] = [
        ("s", Fraction, True),
        ("3*a", lambda s: Fraction(3 * s), True),
        ("2*s + 5 - 3/s", lambda s: 2 * s + 5 - Fraction(3, s), True),
        ("4", lambda s: Fraction(4), True),
        ("1/s", lambda s: Fraction(1, s), True),
        ("s/2 - sqrt(s)", lambda s: Fraction(s, 2) - _root(s), True),
        ("s**2 - 2*s", lambda s: Fraction(s * s - 2 * s), False),
        ("s**1.5", lambda s: s * _root(s), False),
    ]
    for case in joining(scales=1):
        if case.m == 1 and case.k == 1:
            here = Joining(case.coefficients, 0, MANY, 4, Fraction(2, 3), Fraction(-1, 2))
            for scale, values, exists in scales:
                yield Limit(here, scale, values, exists)


def _limit() -> Check[Limit]:
    """The mean of increments has the limit of the increments: compare with the increment of the last of many."""
    from theory import symbols
    from theory.gain import gain_limit

    def conclusion(limit: Limit) -> str | None:
        case, s = limit.case, limit.case.m
        value = gain_limit(case.text[0], limit.scale)
        if not limit.exists or value is None:
            return None if (value is not None) == limit.exists else f"theory gives the limit {value}"
        at = {symbols.c: rational(case.c), symbols.delta: rational(case.delta), symbols.k: Integer(case.k)}
        found = number(value.subs(at, simultaneous=True))
        entrant = limit.values(s + 1) * case.performance(case.c + case.delta / (s + 1))
        entrant -= limit.values(s) * case.performance(case.c)
        member = limit.values(case.k) * case.performance(case.c + case.delta) / case.k
        gap = abs(entrant - member - found)
        return None if gap <= CLOSE else f"the limit {found} is off by {float(gap):.4g}"

    return Check(
        what="gain_limit of theory.gain against what the last of 10^10 incumbents adds",
        scope="5 polynomials of degree ≤ 5, 8 scales, to 1/10000",
        level=Level.EXACT,
        instances=_limits,
        conclusion=conclusion,
    )


def _abstract_limit() -> Check[str]:
    """For an unspecified φ only what is a sum of powers has a limit that is derived."""
    from theory import symbols
    from theory.gain import gain_limit

    f = Function("f", real=True)
    c, delta, k, u = symbols.c, symbols.delta, symbols.k, symbols.u
    tangent = f(c) + delta * f(u).diff(u).subs(u, c)
    stay = f(c + delta)
    expected: dict[str, Expr | None] = {
        "s": tangent - stay,
        "2*s + 1/s": 2 * tangent - (2 + 1 / k**2) * stay,
        "7": -7 * stay / k,
        "s**gamma": None,
        "exp(s)": None,
        "log(s)": None,
        "s*log(s)": None,
        "1/(s + 1)": None,
    }
    return Check(
        what="gain_limit of theory.gain for any φ",
        scope=f"{len(expected)} scales",
        level=Level.EXACT,
        instances=lambda: expected,
        conclusion=lambda scale: _same(gain_limit(f(u), scale), expected[scale]),
        show=lambda scale: f"g = {scale}",
    )


def _same(found: Expr | None, expected: Expr | None) -> str | None:
    if found is None or expected is None:
        return None if found is expected else f"theory says {found}, not {expected}"
    return None if (found - expected).expand() == 0 else f"theory says {found}, not {expected}"


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S10."""
    return (_limit(), _abstract_limit())
