"""S7, the numbers: the rates ρ_n, enclosed between rationals, and measured.

The matrix of the mean squares comes from the definitions (`proofs_checks.oracles.mixing`), and so do its weights y > 0,
by the power method.  If lower·y ≤ Aᵀy ≤ upper·y, then F = Σ y q, a positive combination of squares, shrinks in each
move by a factor between them in the mean, and so does V in the long run: lower ≤ ρ_n ≤ upper.  The same interval
holds the largest root of the characteristic polynomial; the certificates say it in this second way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from proofs_checks.certificates import value
from proofs_checks.check import Check
from proofs_checks.oracles.matrices import Matrix, characteristic_polynomial
from proofs_checks.oracles.mixing import Draw, PairClass, class_matrix, uniform
from proofs_checks.verdict import Certificate, Level

DECIMALS = 10**9
DIGITS = 10**12  # of the weights
HALF_DIGIT = Fraction(1, 200_000)  # of a number rounded to five decimals
OPINIONS = (0.5, -0.4, 0.1, -0.25, 0.35)  # of the runs that are measured


@dataclass(frozen=True)
class Enclosure:
    """The matrix of the mean squares of n agents, and lower ≤ ρ_n ≤ upper, proved by one weight > 0 for each class."""

    classes: tuple[PairClass, ...]
    matrix: Matrix
    weights: tuple[Fraction, ...]
    lower: Fraction
    upper: Fraction


@lru_cache(maxsize=8)
def enclosure(agents: int, draw: Draw = uniform) -> Enclosure:
    """Return rational bounds of ρ_n, rounded outwards to nine decimals, proved on the matrix of the definitions."""
    classes, matrix = class_matrix(agents, draw)
    columns = [[(i, a) for i, a in enumerate(column) if a] for column in zip(*matrix, strict=True)]
    y = (Fraction(1),) * len(classes)
    seen: set[tuple[Fraction, ...]] = set()
    while y not in seen:  # rounded weights are finitely many
        seen.add(y)
        images = [sum((a * y[i] for i, a in column), Fraction(0)) for column in columns]
        bounds = [image / b for image, b in zip(images, y, strict=True)]
        y = tuple(max(Fraction(round(b / (max(images) or 1) * DIGITS), DIGITS), Fraction(1, DIGITS)) for b in images)
    images = [sum((a * y[i] for i, a in column), Fraction(0)) for column in columns]
    bounds = [image / b for image, b in zip(images, y, strict=True)]
    lower, upper = Fraction(floor(min(bounds) * DECIMALS)), Fraction(ceil(max(bounds) * DECIMALS))
    return Enclosure(classes, matrix, y, lower / DECIMALS, upper / DECIMALS)


@dataclass(frozen=True)
class Stated:
    """ρ_n = value, up to an error."""

    agents: int
    value: Fraction
    error: Fraction = HALF_DIGIT

    def __str__(self) -> str:
        about = f" ± {self.error}" if self.error else ""
        return f"ρ_{self.agents} = {self.value}{about}"


@dataclass(frozen=True)
class Surd:
    """ρ_n = (offset + √radicand)/divisor, or only that it is not below (above) the lower (upper) bound of ρ_n."""

    agents: int
    offset: int
    radicand: int
    divisor: int
    draw: Draw = uniform
    end: str = ""

    @property
    def bound(self) -> Fraction:
        """The end of the enclosure."""
        found = enclosure(self.agents, self.draw)
        return found.lower if self.end == "lower" else found.upper

    def __str__(self) -> str:
        surd = f"({self.offset} + √{self.radicand})/{self.divisor}"
        if not self.end:
            drawn = "" if self.draw is uniform else f", moves drawn {self.draw.__name__.replace('_', ' ')}"
            return f"ρ_{self.agents} = {surd}{drawn}"
        return f"{surd} {'≥' if self.end == 'lower' else '≤'} {self.bound}"


def roots_certificate(agents: int) -> Certificate:
    """Return that the characteristic polynomial has a root in the enclosure and none beyond it."""
    from theory.mixing import mixing_polynomial

    found, coefficients = enclosure(agents), mixing_polynomial(agents).all_coeffs()
    return {
        "kind": "roots",
        "note": f"the mean squares of {agents} agents in one move: their spectral radius is ρ_{agents}",
        "matrix": [[str(x) for x in row] for row in found.matrix],
        "polynomial": [str(x) for x in coefficients],
        "radius": [str(found.lower), str(found.upper)],
    }


def decimal_failure(stated: Stated) -> str | None:
    """Return None if the enclosure lies within the error of the stated value."""
    found = enclosure(stated.agents)
    if stated.value - stated.error <= found.lower and found.upper <= stated.value + stated.error:
        return None
    return f"it lies between {float(found.lower):.9f} and {float(found.upper):.9f}"


def surd_failure(stated: Surd) -> str | None:
    """Return None if (offset ± √radicand)/divisor are the eigenvalues, ρ_n the larger one; or if the bound is right."""
    if stated.end:
        x = stated.divisor * stated.bound - stated.offset  # against √radicand ≥ 0
        inside = x**2 <= stated.radicand if stated.end == "lower" else x >= 0 and stated.radicand <= x**2
        return None if inside else f"it is beyond the {stated.end} bound"
    p, q = Fraction(-2 * stated.offset, stated.divisor), Fraction(stated.offset**2 - stated.radicand, stated.divisor**2)
    polynomial = characteristic_polynomial(enclosure(stated.agents, stated.draw).matrix)
    if polynomial == (1, p, q):
        return None
    return f"the characteristic polynomial is λ² + ({polynomial[1]}) λ + ({polynomial[2]})"


def decimal_certificate(stated: Stated, holds: bool) -> Certificate | None:
    """Return the roots, or the end of the enclosure that is too far from the stated value."""
    if holds:
        return roots_certificate(stated.agents)
    found = enclosure(stated.agents)
    nearest = found.lower if found.lower > stated.value else found.upper
    return value(
        f"abs(x - {stated.value}) <= {stated.error}", {"x": nearest}, note=f"x is the end of ρ_{stated.agents}'s bounds"
    )


def surd_certificate(stated: Surd, holds: bool) -> Certificate | None:
    """Return the roots, or on which side of the stated value the bounds are, or which of them is on the wrong one."""
    if holds and not stated.end:
        return roots_certificate(stated.agents)
    if holds:
        x = f"{stated.divisor}*x - {stated.offset}"
        sides = f"({x})**2 <= {stated.radicand}", f"{stated.radicand} <= max(0, {x})**2"
        return value(
            sides[stated.end == "upper"], {"x": stated.bound}, True, f"{stated}, x a bound of ρ_{stated.agents}"
        )
    found = enclosure(stated.agents, stated.draw)
    operator, end = ("<=", found.upper) if _side(stated, found.upper) > 0 else (">=", found.lower)
    if _side(stated, end) * (1 if operator == "<=" else -1) <= 0:
        return None
    statement = f"{stated.radicand} {operator} ({stated.divisor}*x - {stated.offset})**2"
    rows = "; ".join(" ".join(map(str, row)) for row in found.matrix)
    note = f"ρ_{stated.agents} {operator} x, the matrix of the mean squares being ({rows}): so this would hold"
    return value(statement, {"x": end}, note=note)


def _side(stated: Surd, x: Fraction) -> Fraction:
    """The sign of (offset + √radicand)/divisor − x where divisor·x > offset."""
    return stated.radicand - (stated.divisor * x - stated.offset) ** 2


DECIMALS_STATED = tuple(Stated(n, Fraction(text)) for n, text in ((4, "0.62074"), (5, "0.70579"), (6, "0.75828")))
OTHERS_STATED = (Stated(2, Fraction(0), Fraction(0)), Stated(3, Fraction("0.45204")))


def decimals(stated: Iterable[Stated] = (*OTHERS_STATED, *DECIMALS_STATED)) -> Check[Stated]:
    """Return the check of rates that are stated as decimals."""
    stated = tuple(stated)
    return Check(
        what="rational bounds of the rate, from the matrix of the definitions",
        scope="n ≤ 6, to five decimals (n = 2: exactly)",
        level=Level.ENCLOSURE,
        instances=lambda: stated,
        conclusion=decimal_failure,
        certify=decimal_certificate,
        part="rate",
        tools=(),
    )


def surd(offset: int = 1, radicand: int = 97, divisor: int = 24, draw: Draw = uniform) -> Check[Surd]:
    """Return the check of the rate of three agents in closed form, where moves are drawn in this way."""
    return Check(
        what="the characteristic polynomial of three agents, and the larger root between the bounds",
        scope="n = 3, exactly",
        level=Level.ENCLOSURE,
        instances=lambda: (Surd(3, offset, radicand, divisor, draw, end) for end in ("", "lower", "upper")),
        conclusion=surd_failure,
        certify=surd_certificate,
        part="rate",
        tools=(),
    )


def derived() -> Check[int]:
    """Return the check that the roots `theory` names lie in the enclosures."""

    def inside(agents: int) -> str | None:
        from sympy import Rational

        from theory.mixing import mixing_rate
        from theory.mixing_bounds import decay_bounds

        found, rate = enclosure(agents), mixing_rate(agents)
        for known in (found, decay_bounds(agents)):
            low, high = (Rational(x.numerator, x.denominator) for x in (known.lower, known.upper))
            if not low <= rate <= high:
                return f"theory.mixing.mixing_rate is {rate.evalf(12)}, not between {low} and {high}"
        return None

    return Check(
        what="the algebraic numbers of theory.mixing against the bounds, and those of theory.mixing_bounds",
        scope="n ≤ 5",
        level=Level.EXACT,
        instances=lambda: range(2, 6),
        conclusion=inside,
        show=lambda agents: f"n = {agents}",
        part="rate",
    )


def measured(path_of: Callable[[int, int], float] | None = None) -> Check[int]:
    """Return the check that simulated disagreement has the derived mean, within five standard errors."""
    steps, runs = 5, 20_000

    def derived_mean(agents: int, moves: int) -> float:
        from theory.mixing import disagreement_path

        return float(disagreement_path([[x] for x in OPINIONS[:agents]], moves)[-1])

    def close(agents: int) -> str | None:
        from numerics.ensemble import ensemble
        from numerics.model import Model

        model = Model(opinions=OPINIONS[:agents], performance="-u**2", switching_cost=-0.05)
        V = ensemble(model, runs=runs, seed=7, max_steps=steps, threads=1).disagreement
        expected, error = (path_of or derived_mean)(agents, steps), float(V.std()) / runs**0.5
        if abs(float(V.mean()) - expected) <= 5 * error:
            return None
        return f"simulated V({steps}) is {float(V.mean()):.4g} ± {error:.1g}, not {expected:.4g}"

    return Check(
        what=f"simulated disagreement after {steps} moves, mean of {runs} runs",
        scope="n = 3, 4, 5, one start each",
        level=Level.SEARCH,
        instances=lambda: (3, 4, 5),
        conclusion=close,
        show=lambda agents: f"n = {agents}",
        part="rate",
        tools=("numba", "numpy"),
    )
