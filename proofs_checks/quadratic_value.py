"""V3: the payoff under quadratic performance, for any opinions, from four numbers.

With y_j = x_j − θ, let the s members before agent i be a uniformly random set of the k − 1 others, with sum Y.
Agent i adds (y + Y)²/(s+1) − Y²/s, whose mean needs E Y and E Y² only: sampling without replacement.  Averaging
over s = 0..k−1 leaves four sums that are linear in the harmonic number H_k, proved by induction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Expr, Integer, Symbol, binomial, expand, gammasimp, harmonic

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

LARGEST = 5
Formula = Callable[[Expr, Expr, Expr, Expr, Expr], Expr]


def stated(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    """Return A_i as the claim states it; one and two agents have fewer terms."""
    value = y**2 * H
    if k != 1:
        value += 2 * y * t * (k - H) / (k - 1) - q * (H - 1) / (k - 1)
    if k not in (1, 2):
        value -= (t**2 - q) * (k + 1 - 2 * H) / ((k - 1) * (k - 2))
    return value / k


def derived(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    """Return A_i as `theory` derives it."""
    from theory import sampling

    value = sampling.quadratic_value()
    names = {"y": y, "t": t, "q": q, "k": k}
    return value.subs({symbol: names[symbol.name] for symbol in value.free_symbols}, simultaneous=True)


def steps(formula: Formula = stated) -> Iterator[Step]:
    """Yield the moments of sampling, the four sums by induction on their length K, and their combination."""
    s, r = Symbol("s", integer=True, positive=True), Symbol("r", integer=True, nonnegative=True)
    others = s + r
    pairs = others * (others - 1)
    yield Step(
        "one of k−1 others is among s with the chance s/(k−1)",
        gammasimp(binomial(others - 1, s - 1) / binomial(others, s)) - s / others,
    )
    yield Step(
        "two of k−1 others are both among s with the chance s(s−1)/((k−1)(k−2))",
        gammasimp(binomial(others - 2, s - 2) / binomial(others, s)) - s * (s - 1) / pairs,
    )
    y, Y, t, q = (Symbol(name, real=True) for name in ("y", "Y", "t", "q"))
    yield Step(
        "what agent i adds to s ≥ 1 others",
        (y + Y) ** 2 / (s + 1) - Y**2 / s - (y**2 / (s + 1) + 2 * y * Y / (s + 1) - Y**2 / (s * (s + 1))),
    )
    K = Symbol("K", integer=True, positive=True)
    H = Symbol("H", positive=True)
    sums = (
        ("Σ_{s<K} 1/(s+1) = H_K", H, 1 / (s + 1), Integer(1)),
        ("Σ_{s<K} s/(s+1) = K − H_K", K - H, s / (s + 1), Integer(0)),
        ("Σ_{1≤s<K} 1/(s+1) = H_K − 1", H - 1, 1 / (s + 1), Integer(0)),
        ("Σ_{1≤s<K} (s−1)/(s+1) = K + 1 − 2 H_K", K + 1 - 2 * H, (s - 1) / (s + 1), Integer(0)),
    )
    for what, total, term, first in sums:
        yield Step(f"{what}: K = 1", total.xreplace({K: Integer(1), H: Integer(1)}) - first)
        longer = total.xreplace({K: K + 1, H: H + 1 / (K + 1)})
        yield Step(f"{what}: from K to K + 1", longer - total - term.xreplace({s: K}), bound={H: harmonic(K)})
    k = Symbol("k", integer=True, positive=True)
    one, one_s, two_s, pair_s = (row[1].xreplace({K: k}) for row in sums)
    mean = y**2 * one + 2 * y * t * one_s / (k - 1) - q * two_s / (k - 1)
    mean -= (t**2 - q) * pair_s / ((k - 1) * (k - 2))
    yield Step("the mean over s is the closed form", (mean / k - formula(y, t, q, k, H)), bound={H: harmonic(k)})


def _matches(formula: Formula, what: str = "the closed form against brute force", largest: int = LARGEST) -> Check[int]:
    def holds(k: int) -> str | None:
        b, theta = Symbol("b", real=True), Symbol("theta", real=True)
        x = [Symbol(f"x{j}", real=True) for j in range(1, k + 1)]
        payoff = aumann_dreze(tuple(x), 0, lambda u: b - (u - theta) ** 2)
        y = [value - theta for value in x]
        t, q = sum(y[1:], Integer(0)), sum((value**2 for value in y[1:]), Integer(0))
        gap = expand(payoff - b + formula(y[0], t, q, Integer(k), harmonic(k)))
        return None if gap == 0 else f"brute force minus formula is {gap}"

    return Check(
        what=what,
        scope=f"all real opinions, b and θ, k ≤ {largest}",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, largest + 1),
        conclusion=holds,
        show=lambda k: f"k = {k}",
    )


def _one_harmonic_less(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    return stated(y, t, q, k, H - 1 / k)


def _cross_sign(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    return stated(y, -t, q, k, H)


def _square_sign(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    return stated(y, t, q, k, H) + (2 * q * (H - 1) / (k * (k - 1)) if k != 1 else 0)


def v3() -> Study:
    """Return the checks of V3."""
    scope = "all opinions, b, θ and k"
    return Study(
        "V3",
        (
            proof("sampling without replacement and harmonic sums", scope, steps),
            _matches(stated),
            _matches(derived, "the formula of theory.sampling against brute force", 4),
        ),
        (
            Mutant("H_{k−1} in place of H_k", _matches(_one_harmonic_less)),
            Mutant("the sign of 2yt changed", _matches(_cross_sign)),
            Mutant("the sign of q changed", _matches(_square_sign)),
            Mutant("H_{k−1} in the proof", proof("", scope, lambda: steps(_one_harmonic_less))),
        ),
    )
