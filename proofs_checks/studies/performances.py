"""Performance functions that are exact on rationals, with exact answers on curvature.

Polynomials up to degree 4 know the exact range of φ'' on an interval; piecewise linear functions know
whether they are concave or convex.  Every list starts with the simplest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Performance(ABC):
    """A performance function φ on the rationals."""

    name: str

    @abstractmethod
    def __call__(self, u: Fraction) -> Fraction:
        """Return φ(u)."""

    @abstractmethod
    def concave_on(self, low: Fraction, high: Fraction) -> bool:
        """Return whether φ is concave on [low, high]."""

    @abstractmethod
    def convex_on(self, low: Fraction, high: Fraction) -> bool:
        """Return whether φ is convex on [low, high]."""

    @property
    @abstractmethod
    def formula(self) -> str:
        """φ as text in Python syntax, in u, as certificates write it."""

    def curvature(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction] | None:
        """Return the least and largest φ'' on [low, high]; None where φ has kinks."""
        return None

    def __str__(self) -> str:
        return f"φ(u) = {self.name}"


@dataclass(frozen=True)
class Polynomial(Performance):
    """φ(u) = Σ_j coefficients[j] u^j, degree at most 4."""

    coefficients: tuple[Fraction, ...] = ()

    def __call__(self, u: Fraction) -> Fraction:
        value = Fraction(0)
        for coefficient in reversed(self.coefficients):
            value = value * u + coefficient
        return value

    @property
    def formula(self) -> str:
        powers = ("1", "u", *(f"u**{j}" for j in range(2, len(self.coefficients))))
        terms = [_times(x, power) for x, power in zip(self.coefficients, powers, strict=False) if x]
        return " + ".join(reversed(terms)).replace("+ -", "- ") or "0"

    def curvature(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
        """Return the exact range of the quadratic φ'' on [low, high]: at the ends or at its vertex."""
        _, _, p, q, r = (*self.coefficients, *(Fraction(0),) * (5 - len(self.coefficients)))
        points = [low, high]
        if r != 0 and low < -q / (4 * r) < high:
            points.append(-q / (4 * r))
        values = [2 * p + 6 * q * u + 12 * r * u * u for u in points]
        return min(values), max(values)

    def concave_on(self, low: Fraction, high: Fraction) -> bool:
        return self.curvature(low, high)[1] <= 0

    def convex_on(self, low: Fraction, high: Fraction) -> bool:
        return self.curvature(low, high)[0] >= 0


@dataclass(frozen=True)
class Tent(Performance):
    """φ(u) = slope_left (u − kink) left of the kink, slope_right (u − kink) right of it."""

    kink: Fraction = Fraction(0)
    left: Fraction = Fraction(0)
    right: Fraction = Fraction(0)

    def __call__(self, u: Fraction) -> Fraction:
        return (self.left if u < self.kink else self.right) * (u - self.kink)

    @property
    def formula(self) -> str:
        shifted = f"u - {self.kink}" if self.kink else "u"
        sides = ((self.left, f"min({shifted}, 0)"), (self.right, f"max({shifted}, 0)"))
        return " + ".join(_times(slope, side) for slope, side in sides if slope).replace("+ -", "- ") or "0"

    def concave_on(self, low: Fraction, high: Fraction) -> bool:
        return self.right <= self.left or not low < self.kink < high

    def convex_on(self, low: Fraction, high: Fraction) -> bool:
        return self.right >= self.left or not low < self.kink < high


def _times(factor: Fraction, text: str) -> str:
    """Return factor·text, without a factor of ±1 and without "·1"."""
    if text == "1":
        return str(factor)
    if abs(factor) == 1:
        return text if factor > 0 else f"-{text}"
    return f"{factor}*{text}"


def polynomial(name: str, *coefficients: int | Fraction) -> Polynomial:
    """Return the polynomial with these coefficients, constant term first."""
    return Polynomial(name, tuple(Fraction(x) for x in coefficients))


LINEAR = polynomial("u", 0, 1)
PARABOLA = polynomial("-u^2", 0, 0, -1)
SHIFTED_PARABOLA = polynomial("1 - (u - 1/2)^2", Fraction(3, 4), 1, -1)
SQUARE = polynomial("u^2", 0, 0, 1)
CUBE = polynomial("u^3", 0, 0, 0, 1)
QUARTIC = polynomial("-u^4", 0, 0, 0, 0, -1)
STEEP = polynomial("-u^4 - 2 u^2 + u", 0, 1, -2, 0, -1)
DOUBLE_WELL = polynomial("-(u^2 - 1)^2", -1, 0, 2, 0, -1)
FOURTH = polynomial("u^4", 0, 0, 0, 0, 1)
TENT = Tent("-|u|", Fraction(0), Fraction(1), Fraction(-1))
ABSOLUTE = Tent("|u|", Fraction(0), Fraction(-1), Fraction(1))
CAPPED = Tent("min(u - 1, 0)", Fraction(1), Fraction(1), Fraction(0))

POLYNOMIALS = (LINEAR, PARABOLA, SQUARE, SHIFTED_PARABOLA, CUBE, QUARTIC, FOURTH, STEEP, DOUBLE_WELL)
PIECEWISE = (TENT, ABSOLUTE, CAPPED)
PERFORMANCES = (*POLYNOMIALS, *PIECEWISE)
QUADRATICS = (PARABOLA, SHIFTED_PARABOLA, polynomial("2 - (u + 1)^2", 1, -2, -1))
