"""S3: the derivatives that `theory.intervals` encloses, against differences of the function, and |f| replaced by ±f.

With h = 10^-10 and values to 60 digits, central differences are derivatives to 18 digits or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from proofs_checks.check import Check
from proofs_checks.derivations import elementary as el
from proofs_checks.derivations.compare import rational
from proofs_checks.verdict import Level

if TYPE_CHECKING:
    from theory.intervals import Interval

F = Fraction
H = F(1, 10**10)
MARGIN = F(1, 10**12)

FUNCTIONS: tuple[tuple[str, Callable[[Fraction], Fraction]], ...] = (
    ("u", lambda u: u),
    ("7/3", lambda u: F(7, 3)),
    ("u**2 - 3*u + u**5", lambda u: u**2 - 3 * u + u**5),
    ("u*(u + 2)*(u**3 - 1)", lambda u: u * (u + 2) * (u**3 - 1)),
    ("1/(u + 3)", lambda u: 1 / (u + 3)),
    ("(u + 3)**(-3)", lambda u: (u + 3) ** -3),
    ("sqrt(u + 2)", lambda u: el.sqrt(u + 2)),
    ("(u + 2)**(-2.5)", lambda u: el.power(u + 2, F(-5, 2))),
    ("exp(u/2)", lambda u: el.exp(u / 2)),
    ("exp(u**2 - u)", lambda u: el.exp(u * u - u)),
    ("log(u + 2)", lambda u: el.log(u + 2)),
    ("log(u**2 + 1)*u", lambda u: el.log(u * u + 1) * u),
    ("sin(2*u)", lambda u: el.sin(2 * u)),
    ("cos(u - u**3)", lambda u: el.cos(u - u**3)),
    ("tanh(u)", el.tanh),
    ("tanh(u**2 + u/2)", lambda u: el.tanh(u * u + u / 2)),
    ("exp(sin(u))*cos(u) - tanh(u)/(2 + u**2)", lambda u: el.exp(el.sin(u)) * el.cos(u) - el.tanh(u) / (2 + u * u)),
)


@dataclass(frozen=True)
class Piece:
    """A function and an interval of opinions; a point if its radius is 0."""

    text: str
    function: Callable[[Fraction], Fraction]
    middle: Fraction
    radius: Fraction

    def derivatives(self, x: Fraction) -> tuple[Fraction, ...]:
        """Return f, f', f''/2 and f'''/6 at x, up to 10^-18 or so."""
        f, h = self.function, H
        first = (f(x + h) - f(x - h)) / (2 * h)
        second = (f(x + h) - 2 * f(x) + f(x - h)) / (2 * h**2)
        third = (f(x + 2 * h) - 2 * f(x + h) + 2 * f(x - h) - f(x - 2 * h)) / (12 * h**3)
        return f(x), first, second, third

    def points(self) -> list[Fraction]:
        """Return the ends and the middle."""
        return sorted({self.middle - self.radius, self.middle, self.middle + self.radius})

    def __str__(self) -> str:
        return f"{self.text} on [{self.middle - self.radius}, {self.middle + self.radius}]"


def _pieces() -> Iterator[Piece]:
    for (text, function), (middle, radius) in product(
        FUNCTIONS, ((F(1, 2), F(0)), (F(-3, 4), F(0)), (F(0), F(0)), (F(1, 4), F(1, 8)), (F(-1, 2), F(3, 4)))
    ):
        yield Piece(text, function, middle, radius)


def _enclosed(piece: Piece) -> str | None:
    from theory import intervals
    from theory.expressions import parse_performance

    phi = parse_performance(piece.text)
    interval = intervals.Interval(float(piece.middle - piece.radius), float(piece.middle + piece.radius))
    jet = intervals._jet(phi, interval, {})
    second, third = intervals._second(phi, interval)
    (value,) = intervals._jet(phi, interval, {}, order=0)
    exact = [piece.derivatives(x) for x in piece.points()]
    columns: list[tuple[str, Interval, list[Fraction]]] = [
        (f"coefficient {k}", jet[k], [values[k] for values in exact]) for k in range(4)
    ]
    columns.append(("the value alone", value, [values[0] for values in exact]))
    columns.append(("φ''", second, [2 * values[2] for values in exact]))
    columns.append(("φ'''", third, [6 * values[3] for values in exact]))
    for name, found, values in columns:
        lo, hi = F(found.lo), F(found.hi)
        if min(values) < lo - MARGIN or max(values) > hi + MARGIN:
            return f"{name} reaches [{float(min(values))}, {float(max(values))}], not in [{found.lo}, {found.hi}]"
        if piece.radius == 0 and hi - lo > MARGIN * (1 + abs(hi)):
            return f"{name} at a point is enclosed in [{found.lo}, {found.hi}]"
    return None


# --- |f| ----------------------------------------------------------------------------------------------------------

KINKS: tuple[tuple[str, str, str, str | None], ...] = (  # φ, ends, and what it is there
    ("abs(u)", "1/100", "1", "u"),
    ("abs(u)", "-1", "-1/100", "-u"),
    ("abs(u)", "-1", "1", None),
    ("abs(u)", "-1", "1/100", None),
    ("abs(u)", "-1/100", "1", None),
    ("abs(u) + abs(u - 3)", "1/8", "2", "3"),
    ("abs(abs(u) - 5)*u", "-2", "-1", "(5 + u)*u"),
    ("u*abs(u**2 - 1/4)", "3/5", "1", "u**3 - u/4"),
    ("u*abs(u**2 - 1/4)", "0", "1/4", "u/4 - u**3"),
    ("abs(u**2 - 1/4)", "0", "1", None),
    ("abs(sin(u))", "1", "3", "sin(u)"),
    ("abs(sin(u))", "3", "4", None),
    ("abs(theta)*u", "0", "1", None),
    ("abs(log(u))", "0", "1", None),
)


def _without(case: tuple[str, str, str, str | None]) -> str | None:
    from theory.errors import InputError
    from theory.expressions import parse_performance
    from theory.intervals import without_abs

    text, lo, hi, expected = case
    phi = parse_performance(text, parameters=True)
    try:
        found = without_abs(phi, rational(F(lo)), rational(F(hi)))
    except InputError:
        return None if expected is None else "refused"
    if expected is None:
        return f"a kink is overlooked: {found}"
    return None if (found - parse_performance(expected)).expand() == 0 else f"became {found}"


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S3."""
    return (
        Check(
            what="derivatives of theory.intervals against differences",
            scope=f"{len(FUNCTIONS)} functions, on 3 points and 2 intervals",
            level=Level.EXACT,
            instances=_pieces,
            conclusion=_enclosed,
        ),
        Check(
            what="without_abs of theory.intervals",
            scope=f"{len(KINKS)} functions with kinks in and outside of the interval",
            level=Level.EXACT,
            instances=lambda: KINKS,
            conclusion=_without,
            show=lambda case: f"{case[0]} on [{case[1]}, {case[2]}]",
        ),
    )
