"""Steps of S5: how little a move can gain under strongly concave performance, for every number of incumbents.

χ = φ + (ℓ/2)u² is concave, so each term of the gain is at least (ℓ/2) δ² s/(s+1), and the mean of the terms at least
(ℓ/2) δ² (1 − H_{m+1}/(m+1)), least at m = 1.  Two single agents with quadratic φ attain it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Rational, Symbol

from proofs_checks.steps import Given, Step
from proofs_checks.studies.gain_terms import (
    AT_ENTRANT,
    AT_MEAN,
    GAIN,
    TERMS,
    delta,
    gain_given,
    jensen,
    m,
    s,
    stay_step,
    term,
)

ell, kappa = Symbol("ell", positive=True), Symbol("kappa", real=True)


def curvature_steps(bound: Expr, sign: int) -> Iterator[Step]:
    """Yield that ψ = φ + (bound/2)u² has ψ'' ≤ 0 (sign 1) or ≥ 0 (−1), from the hypothesis on φ''."""
    u, step = Symbol("u", real=True), Symbol("step", positive=True)
    second, of_square, both = (Symbol(name, real=True) for name in ("φ''", "(u²)''", "ψ''"))
    letter = "ℓ" if sign > 0 else "L"
    yield Step(
        "(u²)'' = 2: its second difference over the squared step is 2 for every step",
        ((u + step) ** 2 - 2 * u**2 + (u - step) ** 2) / step**2,
        right=2,
    )
    yield Step(
        f"ψ'' {'≤' if sign > 0 else '≥'} 0 for ψ = φ + ({letter}/2)u², so ψ is {'concave' if sign > 0 else 'convex'}",
        -sign * both,
        ">= 0",
        given=(
            Given(f"ψ'' = φ'' + ({letter}/2)(u²)''", both - second - bound / 2 * of_square, "= 0", -sign),
            Given("(u²)'' = 2", of_square - 2, "= 0", -sign * bound / 2),
            Given(f"the hypothesis φ'' {'≤ −ℓ' if sign > 0 else '≥ −L'}", -sign * (second + bound), ">= 0"),
        ),
    )


def spread_steps(constant: int = 8) -> Iterator[Step]:
    """Yield the least gain of strongly concave φ for every m, its minimum over m, and the bound on the gap."""
    H, longer, added = Symbol("H", positive=True), Symbol("longer sum", real=True), Symbol("t(m+1)", real=True)
    part = ell / 2 * delta**2
    alone = Given("behind nobody the consensus is c + δ", AT_MEAN - AT_ENTRANT)
    yield from curvature_steps(ell, 1)
    yield Step(
        "t(s) ≥ (ℓ/2) δ² s/(s+1): (s+1) times Jensen's inequality for ψ",
        term(s) - part * s / (s + 1),
        ">= 0",
        given=(jensen(s, 1, 1, ell / 2),),
    )
    yield Step(
        "t(0) = 0 = (ℓ/2) δ² (m + 1 − H_{m+1}), m = 0",
        term(Integer(0)) - part * (1 - H),
        given=(alone, Given("H_1 = 1", H - 1, "= 0", part)),
    )
    next_H = Symbol("H'", positive=True)
    yield Step(
        "Σ t(s) ≥ (ℓ/2) δ² (m + 1 − H_{m+1}), if so for m, then for m + 1",
        longer - part * (m + 2 - next_H),
        ">= 0",
        given=(
            Given("longer sum = sum + t(m+1)", longer - TERMS - added, "= 0"),
            Given("induction", TERMS - part * (m + 1 - H), ">= 0"),
            Given("the term, at s = m + 1", added - part * (m + 1) / (m + 2), ">= 0"),
            Given("H_{m+2} = H_{m+1} + 1/(m+2)", next_H - H - 1 / (m + 2), "= 0", part),
        ),
    )
    yield stay_step()
    yield Step(
        "Δ ≥ (ℓ/2) δ² (1 − H_{m+1}/(m+1)): the mean of the terms",
        GAIN - part * (1 - H / (m + 1)),
        ">= 0",
        given=(
            *gain_given(1 / (m + 1)),
            Given("the sum, by induction", TERMS - part * (m + 1 - H), ">= 0", 1 / (m + 1)),
        ),
    )
    second = Given("H_2 = 1 + 1/2", H - Rational(3, 2), "= 0", -1)
    yield Step("H_2 ≤ (3/4)·2", Rational(3, 4) * 2 - H, ">= 0", given=(second,))
    yield Step(
        "H_{m+1} ≤ (3/4)(m+1), if so for m, then for m + 1",
        Rational(3, 4) * (m + 2) - next_H,
        ">= 0",
        given=(
            Given("induction", Rational(3, 4) * (m + 1) - H, ">= 0"),
            Given("H_{m+2} = H_{m+1} + 1/(m+2)", next_H - H - 1 / (m + 2), "= 0", -1),
        ),
    )
    yield Step(
        "the least over m is at m = 1: Δ ≥ ℓδ²/8",
        GAIN - part / 4,
        ">= 0",
        given=(
            Given("Δ ≥ (ℓ/2) δ² (1 − H_{m+1}/(m+1))", GAIN - part * (1 - H / (m + 1)), ">= 0"),
            Given("H_{m+1} ≤ (3/4)(m+1)", Rational(3, 4) * (m + 1) - H, ">= 0", part / (m + 1)),
        ),
    )
    yield Step(
        "the gap δ between the extreme coalitions has δ² ≤ 8κ/ℓ",
        constant * kappa / ell - delta**2,
        ">= 0",
        given=(
            Given("no admissible move and open acceptance: κ ≥ Δ", kappa - GAIN, ">= 0", 8 / ell),
            Given("Δ ≥ ℓδ²/8", GAIN - part / 4, ">= 0", 8 / ell),
        ),
        bound={GAIN: part / 4, kappa: part / 4},
    )
    gap = Symbol("spread", real=True)
    yield Step(
        "if there is no gap, the spread is 0 ≤ 8κ/ℓ",
        constant * kappa / ell - gap**2,
        ">= 0",
        given=(
            Given("κ ≥ 0", kappa, ">= 0", constant / ell),
            Given("one consensus: spread = 0", gap, "= 0", -gap),
        ),
    )


def tight_steps(constant: int = 8) -> Iterator[Step]:
    """Yield that two single agents with φ = b − (ℓ/2)(u − θ)² at κ = ℓδ²/8 are an equilibrium with equality."""
    b, theta, c = (Symbol(name, real=True) for name in ("b", "theta", "c"))

    def phi(u: Expr) -> Expr:
        return b - ell / 2 * (u - theta) ** 2

    behind = 2 * phi(c + delta / 2) - phi(c)
    least = (phi(c + delta) + behind) / 2 - phi(c + delta)
    yield Step("joining one agent gains ℓδ²/8", least - ell * delta**2 / 8)
    yield Step(
        "at κ = ℓδ²/8 neither gains more than κ, and δ² = 8κ/ℓ",
        delta**2 - constant * kappa / ell,
        given=(Given("κ = ℓδ²/8", kappa - ell * delta**2 / 8, "= 0", -8 / ell),),
        bound={kappa: ell * delta**2 / 8},
    )
